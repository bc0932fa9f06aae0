"""``tgv plan``: what would be tried, and what can't be and why. Sends nothing."""

from __future__ import annotations

import json
from pathlib import Path

import click
from pydantic import TypeAdapter

from tgv_suite import offered
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.target import load_target
from tgv_suite.plan import Plan, PlannedRequirement
from tgv_suite.session import Order, planned


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(target: Path, profile: str, format_: str) -> ExitCode:
        catalogue = offered.catalogue()
        asked = offered.profile(profile, catalogue)
        plan, _ = planned(Order(target=load_target(target), profile=asked, catalogue=catalogue))
        if format_ == "json":
            click.echo(json.dumps(TypeAdapter(Plan).dump_python(plan, mode="json")))
            return ExitCode.CONFORMANT
        for requirement in plan.requirements:
            for line in _lines(requirement, speak):
                click.echo(line)
        return ExitCode.CONFORMANT

    return click.Command(
        "plan",
        callback=callback,
        help=speak(
            fr="Dit ce qui serait éprouvé, par qui, et ce qui ne peut l'être et pourquoi. N'envoie rien.\n\n"
            "\b\nExemple :\n  tgv plan cible.yaml --profile rendez-vous",
            en="Says what would be tried, by whom, and what can't be and why. Sends nothing.\n\n"
            "\b\nExample:\n  tgv plan target.yaml --profile rendez-vous",
        ),
        params=[
            click.Argument(["target"], type=click.Path(path_type=Path)),
            click.Option(
                ["--profile"], required=True, help=speak(fr="Le profil.", en="The profile.")
            ),
            options.output_format(speak),
        ],
    )


def _lines(requirement: PlannedRequirement, speak: Speaker) -> list[str]:
    cases = len(requirement.cases)
    said = speak(fr=f"{cases} vérification(s)", en=f"{cases} case(s)")
    lines = [f"{requirement.id}  {requirement.level}  {requirement.safety}  {said}"]
    lines += [f"    {case.check} [{case.subject}]" for case in requirement.cases]
    return lines + [
        f"    – {settled.id} : {speak.say(settled.reason)}" for settled in requirement.settled
    ]
