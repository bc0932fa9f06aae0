"""``tgv keys``: the signing keys that seal bundles."""

from __future__ import annotations

from pathlib import Path

import click

from tgv_suite.cli.language import Speaker
from tgv_suite.evidence.keys import default_folder, load_trust, new_key
from tgv_suite.exit_code import ExitCode


def command(speak: Speaker) -> click.Group:
    """The group, in one language."""

    def new(folder: Path | None, name: str) -> ExitCode:
        key = new_key(folder or default_folder(), name)
        click.echo(f"{key.key_id}  {key.name}")
        click.echo(str(folder or default_folder()), err=True)
        return ExitCode.CONFORMANT

    def show(folder: Path | None) -> ExitCode:
        for key in load_trust(folder or default_folder()):
            click.echo(f"{key.key_id}  {key.name}")
        return ExitCode.CONFORMANT

    where = click.Option(
        ["--folder"],
        type=click.Path(path_type=Path),
        help=speak(fr="Le dossier des clés.", en="The keys' folder."),
    )
    name = click.Option(
        ["--name"],
        default="tgv",
        show_default=True,
        help=speak(fr="Le nom de la clé.", en="The key's name."),
    )
    return click.Group(
        "keys",
        help=speak(
            fr="Les clés qui scellent les preuves.\n\n\b\nExemple :\n  tgv keys new --name msss-2026",
            en="The keys that seal evidence.\n\n\b\nExample:\n  tgv keys new --name msss-2026",
        ),
        commands=[
            click.Command(
                "new",
                callback=new,
                params=[where, name],
                help=speak(
                    fr="Crée une paire de clés Ed25519. La clé privée ne quitte pas son dossier.\n\n"
                    "\b\nExemple :\n  tgv keys new --name msss-2026",
                    en="Creates an Ed25519 key pair. The private key never leaves its folder.\n\n"
                    "\b\nExample:\n  tgv keys new --name msss-2026",
                ),
            ),
            click.Command(
                "show",
                callback=show,
                params=[where],
                help=speak(
                    fr="Montre les clés publiques.\n\n\b\nExemple :\n  tgv keys show --folder cles",
                    en="Shows the public keys.\n\n\b\nExample:\n  tgv keys show --folder keys",
                ),
            ),
        ],
    )
