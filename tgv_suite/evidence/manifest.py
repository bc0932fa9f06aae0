"""The manifest of a bundle: every file's digest and size, and what ties them to one run."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

import rfc8785
from pydantic import TypeAdapter

from tgv_suite.noun import noun

MANIFEST = "manifest.json"
ENVELOPE = "manifest.dsse.json"
_LONGEST_PART, _LONGEST_NAME = 255, 1024


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
    """A bundle holds what can't be sealed: a link, a device, or a name of no safe file."""


@noun
class Survey:
    """What a folder holds, as sorted POSIX paths relative to it. Empty folders carry nothing.

    Parameters
    ----------
    files:
        The plain files.
    strangers:
        Links, devices, what can't be read, and what has a name that isn't portable.
    """

    files: tuple[str, ...]
    strangers: tuple[str, ...]


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
        When it holds what can't be sealed.
    """
    sealed = [name for name in names(folder) if name not in (MANIFEST, ENVELOPE)]
    for name in unsafe([*sealed, MANIFEST, ENVELOPE]):
        raise NotPlain(name)
    return Manifest(
        run_id=run_id,
        nonce=nonce,
        started=started,
        ended=ended,
        fingerprints=fingerprints,
        files=tuple(entry(folder, name) for name in sealed),
    )


def names(folder: Path) -> tuple[str, ...]:
    """Every file under a folder.

    Raises
    ------
    NotPlain
        When something there is neither a plain file nor a folder.
    """
    seen = survey(folder)
    for stranger in seen.strangers:
        raise NotPlain(stranger)
    return seen.files


def survey(folder: Path) -> Survey:
    """Look through a folder without following a link or opening a file."""
    files: list[str] = []
    strangers: list[str] = []
    pending = [""]
    while pending:
        prefix = pending.pop()
        try:
            with os.scandir(folder / prefix) as listed:
                for item in listed:
                    name = prefix + item.name
                    if item.is_dir(follow_symlinks=False):
                        pending.append(f"{name}/")
                    elif item.is_file(follow_symlinks=False) and is_safe(name):
                        files.append(name)
                    else:
                        strangers.append(name)
        except OSError:
            strangers.append(prefix or ".")
    return Survey(files=tuple(sorted(files)), strangers=tuple(sorted(strangers)))


def is_safe(name: str) -> bool:
    """Whether a name stays inside its folder, on every system, and can be shown."""
    parts = name.split("/")
    return (
        name.isprintable()
        and not any(character in name for character in "\\:")
        and not any(part in ("", ".", "..") for part in parts)
        and max(len(part.encode()) for part in parts) <= _LONGEST_PART
        and len(name.encode()) <= _LONGEST_NAME
    )


def unsafe(listed: Iterable[str]) -> tuple[str, ...]:
    """The names that aren't safe, or that a file system could take for another of the list.

    Parameters
    ----------
    listed:
        Names of files, as POSIX paths.
    """
    folded = [(name, _folded(name)) for name in listed]
    count = Counter(fold for _, fold in folded)
    folders = {str(parent) for fold in count for parent in PurePosixPath(fold).parents}
    return tuple(
        name for name, fold in folded if not is_safe(name) or count[fold] > 1 or fold in folders
    )


def _folded(name: str) -> str:
    """A name as a file system sees it that ignores case and composes accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def entry(folder: Path, name: str) -> FileEntry:
    """The digest and the size of one file.

    Raises
    ------
    OSError
        When it can't be read.
    """
    with (folder / name).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileEntry(path=name, sha256=digest, size=file.tell())


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
    listed = [file.path for file in manifest.files]
    if encode(manifest) != content or listed != sorted(set(listed)):
        raise ValueError("not in canonical form")
    return manifest
