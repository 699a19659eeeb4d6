"""Phase 5: the ways to write a track down, against each other."""

import pytest
from tracks.codecs import CODECS
from tracks.parse import parse
from tracks.walks import walk

POINTS = parse(walk(300))


@pytest.mark.parametrize("codec", CODECS)
def test_encode(benchmark, codec):
    benchmark.pedantic(CODECS[codec].encode, (POINTS,), rounds=20, iterations=1, warmup_rounds=1)


@pytest.mark.parametrize("codec", CODECS)
def test_decode(benchmark, codec):
    data = CODECS[codec].encode(POINTS)
    assert benchmark.pedantic(CODECS[codec].decode, (data,), rounds=20, iterations=1, warmup_rounds=1) == POINTS
