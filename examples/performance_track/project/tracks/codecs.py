"""Three ways to write a track down: the component that the team cannot agree on."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .parse import Point


class Codec(NamedTuple):
    """Points to bytes, and back."""

    encode: Callable[[Sequence[Point]], bytes]
    decode: Callable[[bytes], list[Point]]


def _to_json(points: Sequence[Point]) -> bytes:
    return json.dumps(points).encode()


def _of_json(data: bytes) -> list[Point]:
    return [Point(*values) for values in json.loads(data)]


def _to_packed(points: Sequence[Point]) -> bytes:
    return struct.pack(f"<{4 * len(points)}d", *(value for point in points for value in point))


def _of_packed(data: bytes) -> list[Point]:
    return [Point(*values) for values in struct.iter_unpack("<4d", data)]


def _to_small(points: Sequence[Point]) -> bytes:
    return zlib.compress(_to_json(points), 9)


def _of_small(data: bytes) -> list[Point]:
    return _of_json(zlib.decompress(data))


CODECS = {
    "json": Codec(_to_json, _of_json),
    "packed": Codec(_to_packed, _of_packed),
    "small": Codec(_to_small, _of_small),
}
