"""The only place where a secret is read: ``env:NAME`` or ``file:PATH`` → its value."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tgv_suite.errors import SecretUnavailable
from tgv_suite.text import Text

_LARGEST: Final = 1024 * 1024


def resolve(reference: str, folder: Path) -> str:
    """The text of a secret, without the newline that ends its file.

    Parameters
    ----------
    reference:
        ``env:NAME`` or ``file:PATH``.
    folder:
        Where relative paths start.

    Raises
    ------
    SecretUnavailable
        The variable isn't set, the file can't be read, isn't text, or is empty.
    """
    try:
        value = _raw(reference, folder).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise _unavailable(reference, "n'est pas du texte UTF-8", "isn't UTF-8 text") from None
    if not value:
        raise _unavailable(reference, "est vide", "is empty")
    return value


def resolve_file(reference: str, folder: Path) -> bytes:
    """The bytes of a referenced file (or variable), as they are.

    Parameters
    ----------
    reference:
        ``file:PATH`` or ``env:NAME``.
    folder:
        Where relative paths start.

    Raises
    ------
    SecretUnavailable
        The variable isn't set, or the file can't be read.
    """
    return _raw(reference, folder)


def path_of(reference: str, folder: Path) -> Path:
    """The path that a ``file:`` reference names."""
    return folder / reference.removeprefix("file:")


def _raw(reference: str, folder: Path) -> bytes:
    scheme, _, name = reference.partition(":")
    if scheme == "env" and name:
        value = os.environ.get(name)
        if value is None:
            raise _unavailable(reference, "n'est pas définie", "isn't set")
        return os.fsencode(value)
    if scheme == "file" and name:
        return _contents(reference, folder)
    # The reference itself may be a secret written by mistake: it isn't repeated.
    raise _unavailable("?", "n'est ni env:NOM ni file:CHEMIN", "is neither env:NAME nor file:PATH")


def _contents(reference: str, folder: Path) -> bytes:
    try:
        with path_of(reference, folder).open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except (OSError, ValueError):
        raise _unavailable(reference, "ne peut être lue", "can't be read") from None
    if len(raw) > _LARGEST:
        raise _unavailable(reference, "dépasse 1 Mio", "is larger than 1 MiB")
    return raw


def _unavailable(reference: str, fr: str, en: str) -> SecretUnavailable:
    return SecretUnavailable(
        message=Text(
            fr=f"la référence « {reference} » {fr}", en=f"the reference “{reference}” {en}"
        ),
        remedy=Text(
            fr="définissez la variable ou déposez le fichier (tgv doctor le vérifie)",
            en="set the variable or put the file in place (tgv doctor checks it)",
        ),
    )
