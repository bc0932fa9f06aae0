"""The options that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from tgv_suite.cli.language import Speaker
from tgv_suite.errors import UserError
from tgv_suite.evidence.keys import SigningKey, default_folder, ephemeral, load_signer
from tgv_suite.text import Text


class Unwritable(UserError):
    """The file that an option names can't be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            message=Text(fr="ce fichier ne peut être écrit", en="this file can't be written"),
            remedy=Text(
                fr="donnez un autre chemin, dans un dossier qui existe",
                en="give another path, in a folder that exists",
            ),
            place=str(path),
        )


def output(speak: Speaker) -> click.Option:
    """``--out DIR``."""
    return click.Option(
        ["--out"],
        type=click.Path(path_type=Path),
        help=speak(
            fr="Le dossier des preuves (créé ; refusé s'il n'est pas vide).",
            en="The evidence folder (created; refused when it isn't empty).",
        ),
    )


def jobs(speak: Speaker) -> click.Option:
    """``--jobs N``."""
    return click.Option(
        ["--jobs"],
        type=click.IntRange(1, 64),
        default=4,
        show_default=True,
        help=speak(fr="Échanges de front, au plus.", en="Exchanges in flight, at most."),
    )


def seed(speak: Speaker) -> click.Option:
    """``--seed N``."""
    return click.Option(
        ["--seed"],
        type=click.IntRange(0, 2**31),
        default=0,
        show_default=True,
        help=speak(
            fr="Décide de l'ordre des vérifications qui vont de front.",
            en="Decides the order of the checks that run side by side.",
        ),
    )


def output_format(speak: Speaker) -> click.Option:
    """``--format text|json``."""
    return click.Option(
        ["--format", "format_"],
        type=click.Choice(["text", "json"]),
        default="text",
        help=speak(fr="Pour une personne ou une machine.", en="For a person or a machine."),
    )


def signing_key(speak: Speaker) -> click.Option:
    """``--key FILE``."""
    return click.Option(
        ["--key"],
        type=click.Path(path_type=Path),
        help=speak(
            fr="La clé privée du scellement (« tgv keys new ») ; sinon une clé éphémère.",
            en="The private key of the seal (“tgv keys new”); else an ephemeral one.",
        ),
    )


def write(path: Path, text: str) -> None:
    """Write what a command was asked to leave in a file.

    Raises
    ------
    Unwritable
        When the file can't be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        raise Unwritable(path) from None


def folder_or_default(out: Path | None) -> Path:
    """The given folder, or a new one under ``runs/``, named by the time."""
    if out is not None:
        return out
    return Path("runs") / datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")


def key_or_default(path: Path | None) -> SigningKey:
    """The given key, else the user's own when there is one, else one that lasts this run."""
    own = default_folder() / "tgv.pem"
    if path is not None:
        return load_signer(path)
    return load_signer(own) if own.is_file() else ephemeral()
