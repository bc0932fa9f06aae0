"""A bundle as one file: a zip that the same content always gives, opened with suspicion."""

from __future__ import annotations

import filecmp
import os
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tgv_suite.errors import UserError
from tgv_suite.evidence.manifest import is_safe, names, unsafe
from tgv_suite.exit_code import ExitCode
from tgv_suite.text import Text

SUFFIX = ".tgv.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PERMISSIONS = 0o644 << 16
_UNIX = 3
_LARGEST = 2 * 1024**3
_MOST = 100_000

# All that zipfile raises on bytes that aren't, or are no longer, a zip.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class UnreadableBundle(UserError):
    """What was given is neither a bundle's folder nor its archive."""

    def __init__(self, path: Path, why: Text) -> None:
        super().__init__(
            message=Text(
                fr=f"ce n'est pas un dossier de preuves lisible : {why.fr}",
                en=f"this isn't a readable bundle: {why.en}",
            ),
            remedy=Text(
                fr="donnez le dossier, ou l'archive .tgv.zip, qu'un essai a laissé",
                en="give the folder, or the .tgv.zip archive, that a run left",
            ),
            place=str(path),
        )


class DamagedBundle(UnreadableBundle):
    """An archive that was written by a run, and isn't whole any more."""

    exit_code = ExitCode.VERIFICATION_FAILED


def write_archive(folder: Path, path: Path) -> None:
    """Write a bundle's folder as a zip; the same content always gives the same bytes.

    Entries are stored, not compressed: zlib's output differs between versions and machines.

    Parameters
    ----------
    folder, path:
        The bundle, and the archive to write; it appears whole or not at all.

    Raises
    ------
    NotPlain
        When the folder holds what can't be sealed.
    """
    listed = names(folder)
    partial = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for name in listed:
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.create_system = _UNIX
                entry.external_attr = _PERMISSIONS
                archive.writestr(entry, (folder / name).read_bytes())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def opened_bundle(path: Path) -> Iterator[Path]:
    """A bundle's folder: as it is, or extracted from its archive for as long as the block lasts.

    Raises
    ------
    UnreadableBundle
        When it is neither.
    DamagedBundle
        When it is an archive that isn't whole, or not one that a run writes.
    """
    if path.is_dir():
        yield path
        return
    if not path.exists():
        raise UnreadableBundle(path, Text(fr="il n'existe pas", en="it doesn't exist"))
    if not path.is_file() or not os.access(path, os.R_OK):
        raise UnreadableBundle(path, Text(fr="il ne peut être lu", en="it can't be read"))
    with tempfile.TemporaryDirectory(prefix="tgv-bundle-") as folder:
        for name, content in _contents(path):
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        yield Path(folder)


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of an archive, once all its entries are known to be such as tgv writes.

    Only reading is guarded: a full disk, where the files go, isn't the archive's fault.
    """
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE:
        raise _damaged(path) from None
    with archive:
        entries = archive.infolist()
        _refuse_hostile(path, entries)
        for entry in entries:
            try:
                content = archive.read(entry)
            except _DAMAGE:
                raise _damaged(path, entry.filename) from None
            yield entry.filename, content


def _damaged(path: Path, name: str = "") -> DamagedBundle:
    where = f" ({name})" if name else ""
    return DamagedBundle(
        path, Text(fr=f"l'archive est abîmée{where}", en=f"the archive is damaged{where}")
    )


# What may not be said of any entry, and how a person is told. In this order: the entry of an
# encrypted archive is read for what it is, not for its size.
_OBJECTIONS: tuple[tuple[Callable[[zipfile.ZipInfo], bool], Text], ...] = (
    (
        lambda entry: bool(entry.flag_bits & 0x1),
        Text(fr="est chiffré ; tgv ne chiffre pas", en="is encrypted; tgv encrypts nothing"),
    ),
    (
        lambda entry: not is_safe(entry.filename),
        Text(fr="a un nom qui sort du dossier", en="has a name that leaves the folder"),
    ),
    (
        lambda entry: stat.S_ISLNK(entry.external_attr >> 16),
        Text(fr="est un lien symbolique", en="is a symbolic link"),
    ),
    (
        lambda entry: entry.compress_type != zipfile.ZIP_STORED,
        Text(fr="est comprimé ; tgv ne comprime pas", en="is compressed; tgv compresses nothing"),
    ),
    (
        lambda entry: entry.compress_size != entry.file_size,
        Text(fr="ment sur sa taille", en="lies about its size"),
    ),
)


def _refuse_hostile(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse, before anything is written, what a run never writes."""
    for entry in entries:
        for objects, why in _OBJECTIONS:
            if objects(entry):
                raise _foreign(path, entry.filename, why)
    # Entries are stored, so more content than bytes is the same bytes served many times over.
    size = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST or size > min(_LARGEST, path.stat().st_size):
        why = Text(fr="contient plus qu'un essai ne laisse", en="holds more than a run leaves")
        raise _foreign(path, path.name, why)
    for name in unsafe([entry.filename for entry in entries]):
        why = Text(fr="y est deux fois, ou presque", en="is there twice, or nearly")
        raise _foreign(path, name, why)


def _foreign(path: Path, name: str, why: Text) -> DamagedBundle:
    return DamagedBundle(path, Text(fr=f"{name!r} {why.fr}", en=f"{name!r} {why.en}"))


def same_archive(folder: Path, path: Path) -> bool:
    """Whether an archive is, to the byte, the one that its content gives."""
    with tempfile.TemporaryDirectory(prefix="tgv-archive-") as temporary:
        again = Path(temporary) / "again.zip"
        write_archive(folder, again)
        return filecmp.cmp(again, path, shallow=False)
