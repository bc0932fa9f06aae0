"""``tgv doctor``: tries everything that a run will need, and says how to mend what fails."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from pydantic import TypeAdapter

from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.doctor import Diagnosis, examine
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.target import load_target
from tgv_suite.report.visible import inline


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(target: Path, format_: str) -> ExitCode:
        told = _in_json if format_ == "json" else _in_words
        ailing = False
        for diagnosis in told(examine(load_target(target, absent_files=True)), speak):
            ailing = ailing or diagnosis.remedy is not None
        return ExitCode.UNDETERMINED if ailing else ExitCode.CONFORMANT

    return click.Command(
        "doctor",
        callback=callback,
        help=speak(
            fr="Essaie tout ce dont un essai aura besoin, et dit comment corriger ce qui ne va pas.\n\n"
            "\b\nExemples :\n  tgv doctor cible.yaml\n  tgv doctor cible.yaml --format json",
            en="Tries everything that a run will need, and says how to mend what fails.\n\n"
            "\b\nExamples:\n  tgv doctor target.yaml\n  tgv doctor target.yaml --format json",
        ),
        params=[
            click.Argument(["target"], type=click.Path(path_type=Path)),
            options.output_format(speak),
        ],
    )


def _in_words(diagnoses: Iterable[Diagnosis], speak: Speaker) -> Iterator[Diagnosis]:
    """Tell each as soon as it is made."""
    for each in diagnoses:
        click.echo(inline(f"{_sign(each)} {each.subject} : {speak.say(each.found)}"))
        if each.remedy is not None:
            click.echo(f"    → {speak.say(each.remedy)}")
        yield each


def _sign(diagnosis: Diagnosis) -> str:
    if diagnosis.works:
        return "✓"
    return "–" if diagnosis.remedy is None else "✕"


def _in_json(diagnoses: Iterable[Diagnosis], speak: Speaker) -> Iterable[Diagnosis]:
    """Tell all at once, in both languages."""
    made = tuple(diagnoses)
    click.echo(json.dumps(TypeAdapter(tuple[Diagnosis, ...]).dump_python(made, mode="json")))
    return made
