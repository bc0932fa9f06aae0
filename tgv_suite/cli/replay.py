"""``tgv replay``: a finding's check again, and what is different now."""

from __future__ import annotations

from pathlib import Path

import click

from tgv_suite import offered
from tgv_suite.bundle import read_bundle
from tgv_suite.cli.language import Speaker
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.target import load_target
from tgv_suite.model.results import Verdict
from tgv_suite.replay import Replayed, replay
from tgv_suite.report.visible import inline
from tgv_suite.report.words import VERDICTS
from tgv_suite.session import Order


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(target: Path, bundle: Path, finding: str) -> ExitCode:
        with opened_bundle(bundle) as folder:
            recorded = read_bundle(folder)
            order = Order(
                target=load_target(target),
                profile=recorded.profile,
                catalogue=offered.catalogue(),
            )
            replayed = replay(order, recorded, finding)
        for each in replayed:
            for line in _lines(each, speak):
                click.echo(inline(line))
        return _exit(replayed)

    return click.Command(
        "replay",
        callback=callback,
        help=speak(
            fr="Refait la vérification d'une constatation, avec les accès du manifeste, et dit ce qui a changé.\n\n"
            "\b\nExemples :\n  tgv replay cible.yaml essai.tgv.zip AZN-03",
            en="Runs a finding's check again, with the manifest's credentials, and says what changed.\n\n"
            "\b\nExamples:\n  tgv replay target.yaml run.tgv.zip AZN-03",
        ),
        params=[
            click.Argument(["target"], type=click.Path(path_type=Path)),
            click.Argument(["bundle"], type=click.Path(path_type=Path)),
            click.Argument(["finding"]),
        ],
    )


def _lines(each: Replayed, speak: Speaker) -> list[str]:
    before, now = each.before, each.now
    verdicts = [
        f"{VERDICTS[r.verdict].sign} {speak.say(VERDICTS[r.verdict].word)}" for r in (before, now)
    ]
    changed = verdicts[1] if each.same else " → ".join(verdicts)
    return [f"{changed}  {now.id}[{now.subject}]", f"    {speak.say(now.reason)}"]


def _exit(replayed: tuple[Replayed, ...]) -> ExitCode:
    """By the worst verdict now, as a run would say."""
    worst = Verdict.worst(each.now.verdict for each in replayed)
    if worst is Verdict.FAIL:
        return ExitCode.NON_CONFORMANT
    settled = worst in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    return ExitCode.CONFORMANT if settled else ExitCode.UNDETERMINED
