"""A folder of files that a command was asked to leave: empty before, written whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tgv_suite.errors import UserError
from tgv_suite.text import Text


class FolderRefused(UserError):
    """The folder holds something, or can't be written."""

    def __init__(self, place: Path, message: Text) -> None:
        remedy = Text(fr="donnez-en un nouveau", en="give a new one")
        super().__init__(message=message, remedy=remedy, place=str(place))


def empty_folder(path: Path) -> Path:
    """The folder at ``path``, created when it isn't there.

    Raises
    ------
    FolderRefused
        When it holds anything, so that two runs are never mixed, or can't be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise FolderRefused(
                path, Text(fr="ce dossier n'est pas vide", en="this folder isn't empty")
            )
    except OSError:
        raise FolderRefused(
            path, Text(fr="ce dossier ne peut être créé", en="this folder can't be created")
        ) from None
    return path


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder, by name.

    Raises
    ------
    FolderRefused
        When one can't be written.
    """
    try:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError:
        raise FolderRefused(
            folder, Text(fr="on ne peut écrire dans ce dossier", en="this folder can't be written")
        ) from None
