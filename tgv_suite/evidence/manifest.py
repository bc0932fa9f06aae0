"""The manifest of a bundle: the digest and the size of every file, and what ties them to one run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import rfc8785
from pydantic import TypeAdapter

from tgv_suite.noun import noun

MANIFEST = "manifest.json"
ENVELOPE = "manifest.dsse.json"


@noun
class FileEntry:
    """One file of a bundle."""

    path: str
    sha256: str
    size: int


@noun
class Manifest:
    """``manifest.json``.

    Parameters
    ----------
    nonce:
        What no other run has.
    fingerprints:
        The system's leaf certificates by endpoint, at the ``start`` and at the ``end``.
    """

    schema: Literal["tgv-manifest/1"] = "tgv-manifest/1"
    run_id: str
    nonce: str
    started: str
    ended: str
    fingerprints: Mapping[str, Mapping[str, str]]
    files: tuple[FileEntry, ...]


_MANIFEST = TypeAdapter(Manifest)


class NotPlain(Exception):
    """A bundle holds something that is neither a plain file nor a folder."""


def build_manifest(
    folder: Path,
    *,
    run_id: str,
    nonce: str,
    started: str,
    ended: str,
    fingerprints: Mapping[str, Mapping[str, str]],
) -> Manifest:
    """The manifest of what a folder holds now.

    Raises
    ------
    NotPlain
        When it holds a link or a device.
    """
    return Manifest(
        run_id=run_id,
        nonce=nonce,
        started=started,
        ended=ended,
        fingerprints=fingerprints,
        files=tuple(entry(folder, name) for name in names(folder) if name not in (MANIFEST, ENVELOPE)),
    )


def names(folder: Path) -> Iterator[str]:
    """Every file under a folder, as sorted POSIX paths relative to it.

    Raises
    ------
    NotPlain
        When something there is neither a plain file nor a folder.
    """
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise NotPlain(path.relative_to(folder).as_posix())
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def entry(folder: Path, name: str) -> FileEntry:
    """The digest and the size of one file."""
    content = (folder / name).read_bytes()
    return FileEntry(path=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def encode(manifest: Manifest) -> bytes:
    """The manifest's one and only bytes (RFC 8785)."""
    return rfc8785.dumps(_MANIFEST.dump_python(manifest, mode="json"))


def decode(content: bytes) -> Manifest:
    """A manifest read back.

    Raises
    ------
    ValueError
        When it isn't one, or not in its canonical form.
    """
    manifest = _MANIFEST.validate_json(content)
    if encode(manifest) != content:
        raise ValueError("not in canonical form")
    return manifest
