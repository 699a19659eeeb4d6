"""What paths name: files, folders, patterns, standard input; bounded, sorted, each once."""

import gzip
import io
import lzma
import os

import pytest

from regress.errors import InputError
from regress.formats import Document, documents
from regress.model import Bad

from .samples import TESTDATA, check_fault


def found(*paths, stdin=None, **limits):
    """The documents and the faults that the paths give."""
    items = list(documents([str(path) for path in paths], stdin, **limits))
    faults = [item for item in items if isinstance(item, Bad)]
    for bad in faults:
        check_fault(bad)
    return [item for item in items if isinstance(item, Document)], faults


def write(path, data=b"{}"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_folder_is_searched_to_its_depths_in_order(tmp_path):
    for name in ("b/2.json", "b/10.json", "a/x.json.xz", "a/y.json.gz", ".benchmarks/Linux-CPython/0001_a.json"):
        write(tmp_path / name)
    for name in ("a/machine.json", "benchmarks.json", "asv.conf.json", "notes.txt", ".git/x.json"):
        write(tmp_path / name)
    inside, faults = found(tmp_path)
    assert not faults
    names = [os.path.relpath(item.path, tmp_path) for item in inside]
    assert names == [".benchmarks/Linux-CPython/0001_a.json", "a/x.json.xz", "a/y.json.gz", "b/10.json", "b/2.json"]


def test_a_folder_without_results_is_one_fault(tmp_path):
    write(tmp_path / "notes.txt")
    write(tmp_path / "machine.json")
    inside, (bad,) = found(tmp_path)
    assert not inside
    assert "no results" in bad.what


@pytest.mark.parametrize("path", ["nowhere.json", "nowhere/", "no*.json", "", "a\0b"])
def test_what_names_nothing_is_one_fault(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inside, faults = found(path)
    assert not inside
    assert len(faults) == 1


def test_a_pattern_that_the_shell_left(tmp_path):
    for name in ("a/1.json", "b/2.json", "b/3.txt", ".benchmarks/4.json"):
        write(tmp_path / name)
    inside, faults = found(tmp_path / "*" / "*.json")
    assert [item.name for item in inside] == ["4.json", "1.json", "2.json"]
    assert not faults
    deep, _ = found(tmp_path / "**" / "2.json")
    assert [item.name for item in deep] == ["2.json"]


def test_a_file_whose_name_looks_like_a_pattern(tmp_path):
    path = write(tmp_path / "run[1].json")
    inside, faults = found(path)
    assert [item.path for item in inside] == [str(path)]
    assert not faults


def test_each_file_once_in_the_order_of_the_paths(tmp_path):
    for name in ("a.json", "b.json", "c.json"):
        write(tmp_path / name)
    os.symlink(tmp_path / "c.json", tmp_path / "z.json")
    inside, _ = found(tmp_path / "b.json", tmp_path, tmp_path / "." / "a.json")
    assert [item.name for item in inside] == ["b.json", "a.json", "c.json"]


def test_folders_that_point_at_themselves_end(tmp_path):
    write(tmp_path / "a" / "x.json")
    os.symlink(tmp_path, tmp_path / "a" / "loop")
    inside, _ = found(tmp_path)
    assert len(inside) == 1


def test_standard_input():
    (item,), faults = found("-", stdin=io.BytesIO(b'{"a": 1}'))
    assert not faults
    assert item.path == "standard input"
    assert item.data == b'{"a": 1}'
    assert item.sibling("machine.json") is None
    assert not found("-", stdin=None)[0]


@pytest.mark.parametrize(
    "pack", [gzip.compress, lzma.compress, lambda raw: gzip.compress(raw[:7]) + gzip.compress(raw[7:])]
)
def test_compressed_files_are_known_by_their_bytes(pack, tmp_path):
    raw = b'{"a": "something"}' * 50
    (item,), _ = found(write(tmp_path / "any.json", pack(raw)))
    assert item.data == raw
    (item,), _ = found("-", stdin=io.BytesIO(pack(raw)))
    assert item.data == raw


@pytest.mark.parametrize(
    "data",
    [
        lzma.compress(b"a" * 9999)[:-20],
        gzip.compress(b"a" * 9999)[:-20],
        gzip.compress(b"a" * 9999) + b"tail",
        b"\x1f\x8b junk",
        b"\xfd7zXZ\0 junk",
    ],
)
def test_what_cannot_be_decompressed_is_an_input_error(data, tmp_path):
    (item,), _ = found(write(tmp_path / "a.json.gz", data))
    with pytest.raises(InputError, match=r"decompressed|cut short"):
        _ = item.data


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_size_is_bounded_before_and_after_decompression(pack, tmp_path):
    path = write(tmp_path / "a.json", pack(b" " * 100_000))
    (item,), _ = found(path, limit=99_999)
    with pytest.raises(InputError, match="larger than"):
        _ = item.data
    (item,), _ = found("-", stdin=io.BytesIO(path.read_bytes()), limit=99_999)
    with pytest.raises(InputError, match="larger than"):
        _ = item.data
    (item,), _ = found(path, limit=100_000)
    assert len(item.data) == 100_000


def test_a_file_that_goes_away_is_an_input_error(tmp_path):
    path = write(tmp_path / "a.json")
    (item,), _ = found(path)
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        _ = item.data


def test_siblings_are_opened_once_for_all_documents_of_an_expansion():
    inside, _ = found(TESTDATA / "asv" / "numpy-0.4")
    assert len(inside) == 5
    assert len({id(item.parent_sibling("benchmarks.json")) for item in inside}) == 1
    assert len({id(item.sibling("machine.json")) for item in inside}) == 1
    assert inside[0].sibling("nothing.json") is None
    assert inside[0].folder == "i7"


def test_a_released_document_is_read_again_where_it_is(tmp_path):
    path = write(tmp_path / "a.json", b"1")
    (item,), _ = found(path)
    assert item.data == b"1"
    path.write_bytes(b"2")
    assert item.data == b"1"
    item.release()
    assert item.data == b"2"
