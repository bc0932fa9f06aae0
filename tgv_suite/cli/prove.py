"""``tgv prove``: plants each defect in the reference SI and prints the kill matrix."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.exit_code import ExitCode
from tgv_suite.plan import PlannedCase
from tgv_suite.prove import Proof, Row, prove

_A_FEW = 50


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(
        ids: tuple[str, ...], out: Path | None, jobs: int, every_check: bool, format_: str
    ) -> ExitCode:
        def on_row(row: Row, number: int, total: int) -> None:
            click.echo(f"{number}/{total}  {_line(row, speak)}", err=True)

        def on_case(case: PlannedCase, number: int, total: int) -> None:
            if number in (1, total) or number % _A_FEW == 0:
                said = speak(fr="SI conforme", en="conforming system")
                click.echo(f"{said} : {number}/{total}", err=True)

        proof = prove(
            ids,
            jobs=jobs,
            on_row=on_row,
            on_case=on_case,
            every_check=lambda defect: every_check,
        )
        text = as_json(proof)
        if out is not None:
            options.write(out, text + "\n")
        click.echo(text if format_ == "json" else _summary(proof, speak))
        return ExitCode.CONFORMANT if proof.holds else ExitCode.NON_CONFORMANT

    return click.Command(
        "prove",
        callback=callback,
        help=speak(
            fr="Plante chaque défaut dans le SI de référence et dit quelles vérifications l'attrapent.\n\n"
            "\b\nExemples :\n  tgv prove\n  tgv prove AZN-03 --format json\n  tgv prove anonymous-read",
            en="Plants each defect in the reference SI and says which checks catch it.\n\n"
            "\b\nExamples:\n  tgv prove\n  tgv prove AZN-03 --format json\n  tgv prove anonymous-read",
        ),
        params=[
            click.Argument(["ids"], nargs=-1, metavar="[ID]..."),
            click.Option(
                ["--out"],
                type=click.Path(path_type=Path, dir_okay=False),
                help=speak(fr="Écrire la matrice (JSON) ici.", en="Write the matrix (JSON) here."),
            ),
            options.jobs(speak),
            click.Option(
                ["--every-check"],
                is_flag=True,
                help=speak(
                    fr="Rejouer toutes les vérifications sous chaque défaut, même celles qu'il ne peut toucher.",
                    en="Run every check again under each defect, even those that it can't touch.",
                ),
            ),
            options.output_format(speak),
        ],
    )


def as_json(proof: Proof) -> str:
    """The matrix, as other tools read it."""
    return json.dumps(
        {
            "defects": len(proof.matrix),
            "caught": proof.caught,
            "false_alarms": len(proof.false_alarms),
            "unproven": list(proof.unproven),
            "matrix": [
                {
                    "defect": row.defect,
                    "requirement": row.requirement,
                    "expected": list(row.expected),
                    "failed": list(row.failed),
                    "disturbed": list(row.disturbed),
                }
                for row in proof.matrix
            ],
        },
        indent=1,
    )


def _line(row: Row, speak: Speaker) -> str:
    if row.caught:
        return f"✓ {row.requirement}  {row.defect}"
    expected, failed = ", ".join(row.expected) or "—", ", ".join(row.failed) or "—"
    disturbed = ", ".join(row.disturbed) or "—"
    return f"✗ {row.requirement}  {row.defect}\n    " + speak(
        fr=f"attendu : {expected}\n    échoué : {failed}\n    dérangé : {disturbed}",
        en=f"expected: {expected}\n    failed: {failed}\n    disturbed: {disturbed}",
    )


def _summary(proof: Proof, speak: Speaker) -> str:
    lines = [_line(row, speak) for row in proof.matrix]
    lines.append(
        speak(
            fr=f"{proof.caught}/{len(proof.matrix)} défauts attrapés par exactement leurs vérifications ; "
            f"{len(proof.false_alarms)} fausse(s) alarme(s) ; {len(proof.unproven)} sans preuve",
            en=f"{proof.caught}/{len(proof.matrix)} defects caught by exactly their checks; "
            f"{len(proof.false_alarms)} false alarm(s); {len(proof.unproven)} unproven",
        )
    )
    named = [*proof.false_alarms, *proof.unproven]
    return "\n".join([*lines, *(f"    ! {name}" for name in named)])
