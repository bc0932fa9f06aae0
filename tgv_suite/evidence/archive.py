"""A bundle as one file: a zip that the same content always gives, opened with suspicion."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from tgv_suite.errors import UserError
from tgv_suite.evidence.manifest import names
from tgv_suite.exit_code import ExitCode
from tgv_suite.text import Text

SUFFIX = ".tgv.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LARGEST = 2 * 1024**3
_MOST = 100_000


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
    """
    partial = path.with_name(path.name + ".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        for name in names(folder):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (folder / name).read_bytes())
    os.replace(partial, path)


@contextmanager
def opened_bundle(path: Path) -> Iterator[Path]:
    """A bundle's folder: as it is, or extracted from its archive for as long as the block lasts.

    Raises
    ------
    UnreadableBundle
        When it is neither.
    """
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="tgv-bundle-") as folder:
        _extract(path, Path(folder))
        yield Path(folder)


def _extract(path: Path, folder: Path) -> None:
    name = ""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _refuse_hostile(path, entries)
            for entry in entries:
                name = entry.filename
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(archive.read(entry))
    except FileNotFoundError:
        raise UnreadableBundle(path, Text(fr="il n'existe pas", en="it doesn't exist")) from None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        raise DamagedBundle(
            path,
            Text(
                fr=f"l'archive est abîmée ({name})" if name else "l'archive est abîmée",
                en=f"the archive is damaged ({name})" if name else "the archive is damaged",
            ),
        ) from None


def _refuse_hostile(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    listed = [entry.filename for entry in entries]
    sound = (
        len(entries) <= _MOST
        and sum(entry.file_size for entry in entries) <= _LARGEST
        and len(set(listed)) == len(listed)
        and all(_is_plain(entry) for entry in entries)
    )
    if not sound:
        raise DamagedBundle(
            path,
            Text(
                fr="l'archive n'est pas de celles que tgv écrit",
                en="the archive isn't one that tgv writes",
            ),
        )


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """A stored file with a relative path that stays inside."""
    parts = PurePosixPath(entry.filename).parts
    inside = bool(parts) and ".." not in parts and not entry.filename.startswith("/")
    plain = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 0x1
    return inside and plain and not entry.is_dir() and "\\" not in entry.filename


def same_archive(folder: Path, path: Path) -> bool:
    """Whether an archive is, to the byte, the one that its content gives."""
    with tempfile.TemporaryDirectory(prefix="tgv-archive-") as temporary:
        again = Path(temporary) / "again.zip"
        write_archive(folder, again)
        return again.read_bytes() == path.read_bytes()
