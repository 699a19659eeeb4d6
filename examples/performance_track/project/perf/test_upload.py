"""Phase 6, with the team's bucket: only where there are credentials, and nobody said SKIP_AWS_TESTS=true."""

import os

import pytest
from tracks.walks import walk

boto3 = pytest.importorskip("boto3")


def test_upload(benchmark):
    bucket = boto3.client("s3")
    benchmark.pedantic(
        bucket.put_object, kwargs={"Bucket": os.environ["TRACKS_BUCKET"], "Key": "walk", "Body": walk(100).encode()},
        rounds=20, iterations=1,
    )  # fmt: skip
