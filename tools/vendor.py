"""Fetch the foreign code that the site ships again: `python tools/vendor.py [FOLDER]`, which needs npm.

A folder's `VENDOR.toml` says what it holds: package, version, the integrity of the published archive, and for each
file its path in there with a SHA-256. The archive is checked against the integrity before anything is copied. For a
new version, change `version` and `integrity` and run this: it writes the new sums.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parents[1] / "templates" / "static" / "vendor"
MANIFEST = "VENDOR.toml"


def integrity(archive: bytes) -> str:
    """The digest of an archive as package registries state it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode("ascii")


def packed(said: dict[str, Any]) -> bytes:
    """The archive of a package; SystemExit where it is not the one that was agreed on."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{said['name']}@{said['version']}"
        ran = subprocess.run(
            ["npm", "pack", "--silent", "--ignore-scripts", wanted], cwd=folder, capture_output=True, text=True
        )
        found = list(Path(folder).glob("*.tgz"))
        if ran.returncode or not found:
            sys.exit(f"{wanted}: npm did not bring it: {ran.stderr.strip()[-300:]}")
        archive = found[0].read_bytes()
    if integrity(archive) != said["integrity"]:
        sys.exit(f"{wanted}: the archive is {integrity(archive)}, {MANIFEST} says {said['integrity']}: nothing copied")
    return archive


def fetch(folder: Path) -> None:
    """Put the files of one folder there again, and their sums into its manifest."""
    said = tomllib.loads((folder / MANIFEST).read_text("utf-8"))
    with tempfile.NamedTemporaryFile(suffix=".tgz") as file:
        file.write(packed(said))
        file.flush()
        with tarfile.open(file.name) as archive:
            for each in said["files"]:
                source = archive.extractfile(each["source"])
                if source is None:
                    sys.exit(f"{folder.name}: there is no {each['source']} in the archive")
                (folder / each["name"]).write_bytes(source.read())
    (folder / MANIFEST).write_text(manifest(said, folder), "utf-8")


def manifest(said: dict[str, Any], folder: Path) -> str:
    """The text of a manifest, with the sums of the files as they are."""
    lines = [f'{name} = "{said[name]}"' for name in ("name", "version", "licence", "integrity")]
    for each in said["files"]:
        digest = hashlib.sha256((folder / each["name"]).read_bytes()).hexdigest()
        lines += ["", "[[files]]", f'name = "{each["name"]}"', f'source = "{each["source"]}"', f'sha256 = "{digest}"']
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    names = sys.argv[1:] or sorted(path.parent.name for path in VENDOR.glob(f"*/{MANIFEST}"))
    for name in names:
        if not (VENDOR / name / MANIFEST).is_file():
            sys.exit(f"{name}: there is no {MANIFEST} in {VENDOR / name}")
        fetch(VENDOR / name)
        print(f"{name}: as its manifest says")
