"""Phase 5 as an asv suite: the ways to write a track down, against each other."""

from tracks.codecs import CODECS
from tracks.parse import parse
from tracks.walks import walk


class Codecs:
    """Each codec on the same track."""

    params = (tuple(CODECS),)
    param_names = ("codec",)
    processes = 1
    repeat = (3, 5, 0.1)
    sample_time = 0.005
    warmup_time = 0

    def setup(self, codec):
        self.points = parse(walk(300))
        self.data = CODECS[codec].encode(self.points)

    def time_encode(self, codec):
        CODECS[codec].encode(self.points)

    def time_decode(self, codec):
        CODECS[codec].decode(self.data)
