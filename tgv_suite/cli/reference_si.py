"""``tgv reference-si``: the reference SI alone, to play with."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path

import click

from tgv_suite.cli.language import Speaker
from tgv_suite.exit_code import ExitCode
from tgv_suite.prove import known_defects
from tgv_suite.reference import running


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(defect: tuple[str, ...], port: int) -> ExitCode:
        known_defects(defect)
        with (
            tempfile.TemporaryDirectory(prefix="tgv-reference-si-") as folder,
            running(Path(folder), defects=defect, port=port) as system,
        ):
            click.echo(str(system.manifest))
            hint = speak(
                fr="Le SI de référence tourne ; Ctrl-C l'arrête. Éprouvez-le avec :",
                en="The reference SI is running; Ctrl-C stops it. Test it with:",
            )
            click.echo(f"{hint}\n  tgv run {system.manifest} --profile rendez-vous", err=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
        return ExitCode.CONFORMANT

    return click.Command(
        "reference-si",
        callback=callback,
        help=speak(
            fr="Lance le SI de référence et écrit le chemin d'un manifeste prêt à l'emploi.\n\n"
            "\b\nExemple :\n  tgv reference-si --defect anonymous-read --port 8443",
            en="Starts the reference SI and prints the path of a ready target manifest.\n\n"
            "\b\nExample:\n  tgv reference-si --defect anonymous-read --port 8443",
        ),
        params=[
            click.Option(
                ["--defect"],
                multiple=True,
                metavar="ID",
                help=speak(
                    fr="Un défaut à planter (répétable).", en="A defect to plant (repeatable)."
                ),
            ),
            click.Option(
                ["--port"],
                type=click.IntRange(0, 65000),
                default=0,
                help=speak(fr="Son premier port ; 0 : au choix.", en="Its first port; 0: any."),
            ),
        ],
    )
