"""``tgv doctor``: tries everything that a run will need, and says how to mend what fails."""

from __future__ import annotations

from pathlib import Path

import click

from tgv_suite.cli.language import Speaker
from tgv_suite.doctor import examine
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.target import load_target
from tgv_suite.report.visible import inline


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(target: Path) -> ExitCode:
        ailing = 0
        for diagnosis in examine(load_target(target)):
            ailing += diagnosis.remedy is not None
            sign = "✓" if diagnosis.remedy is None else "✕"
            click.echo(inline(f"{sign} {diagnosis.subject} : {speak.say(diagnosis.found)}"))
            if diagnosis.remedy is not None:
                click.echo(f"    → {speak.say(diagnosis.remedy)}")
        return ExitCode.UNDETERMINED if ailing else ExitCode.CONFORMANT

    return click.Command(
        "doctor",
        callback=callback,
        help=speak(
            fr="Essaie tout ce dont un essai aura besoin, et dit comment corriger ce qui ne va pas.\n\n"
            "\b\nExemple :\n  tgv doctor cible.yaml",
            en="Tries everything that a run will need, and says how to mend what fails.\n\n"
            "\b\nExample:\n  tgv doctor target.yaml",
        ),
        params=[click.Argument(["target"], type=click.Path(path_type=Path))],
    )
