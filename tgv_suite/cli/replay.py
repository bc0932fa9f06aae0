"""``tgv replay``: a finding's check again, and what is different now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import JsonValue, TypeAdapter

from tgv_suite import offered
from tgv_suite.bundle import read_bundle
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.target import load_target
from tgv_suite.model.results import SystemUnderTest, Verdict
from tgv_suite.replay import Replayed, Seen, replay
from tgv_suite.report.visible import inline
from tgv_suite.report.words import VERDICTS
from tgv_suite.session import Order, system_under_test
from tgv_suite.verification import check

_LONGEST = 80


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(target: Path, bundle: Path, finding: str, format_: str) -> ExitCode:
        check(bundle, None, again=False).require_intact(bundle)
        loaded = load_target(target)
        with opened_bundle(bundle) as folder:
            recorded = read_bundle(folder)
            order = Order(target=loaded, profile=recorded.profile, catalogue=offered.catalogue())
            replayed = replay(order, recorded, finding)
        then, now = recorded.results.si, system_under_test(order)
        if format_ == "json":
            click.echo(json.dumps(_data(replayed, then, now)))
        else:
            lines = [*_systems(then, now, speak), *(x for r in replayed for x in _lines(r, speak))]
            for line in lines:
                click.echo(inline(line))
        return _exit(replayed)

    return click.Command(
        "replay",
        callback=callback,
        help=speak(
            fr="Refait la vérification d'une constatation, avec les accès du manifeste, et dit ce qui a changé.\n\n"
            "\b\nExemples :\n  tgv replay cible.yaml essai.tgv.zip AZN-03\n"
            "  tgv replay cible.yaml essai AZN-03 --format json",
            en="Runs a finding's check again, with the manifest's credentials, and says what changed.\n\n"
            "\b\nExamples:\n  tgv replay target.yaml run.tgv.zip AZN-03\n"
            "  tgv replay target.yaml run AZN-03 --format json",
        ),
        params=[
            click.Argument(["target"], type=click.Path(path_type=Path)),
            click.Argument(["bundle"], type=click.Path(path_type=Path)),
            click.Argument(["finding"]),
            options.output_format(speak),
        ],
    )


def _systems(then: SystemUnderTest, now: SystemUnderTest, speak: Speaker) -> list[str]:
    """That it isn't the system, or the version, that was tried; nothing when it is."""
    before, after = f"{then.name} {then.version}", f"{now.name} {now.version}"
    if before == after:
        return []
    return [
        speak(
            fr=f"! ce dossier est celui de {before} ; le manifeste déclare {after}",
            en=f"! this bundle is of {before}; the manifest declares {after}",
        )
    ]


def _lines(each: Replayed, speak: Speaker) -> list[str]:
    before, now = each.before, each.now
    verdicts = [
        f"{VERDICTS[r.verdict].sign} {speak.say(VERDICTS[r.verdict].word)}" for r in (before, now)
    ]
    changed = verdicts[1] if each.same else " → ".join(verdicts)
    head = f"{changed}  {now.id}[{now.subject}]"
    if before.reason == now.reason:
        return [head, f"    {speak.say(now.reason)}"]
    return [
        head,
        speak(fr="    avant : ", en="    before: ") + speak.say(before.reason),
        speak(fr="    maintenant : ", en="    now: ") + speak.say(now.reason),
        *(f"    {seen.question}, {seen.field}: {_values(seen, speak)}" for seen in each.seen),
    ]


def _values(seen: Seen, speak: Speaker) -> str:
    return " → ".join(_value(value, speak) for value in (seen.before, seen.now))


def _value(value: JsonValue, speak: Speaker) -> str:
    """A value that fits in a line; of a long text its length."""
    said = value if isinstance(value, str) else json.dumps(value)
    if len(said) <= _LONGEST:
        return said or "∅"
    return speak(fr=f"{len(said)} caractères", en=f"{len(said)} characters")


def _data(
    replayed: Sequence[Replayed], then: SystemUnderTest, now: SystemUnderTest
) -> dict[str, JsonValue]:
    return {
        "system": {
            "before": {"name": then.name, "version": then.version},
            "now": {"name": now.name, "version": now.version},
        },
        "cases": TypeAdapter(tuple[Replayed, ...]).dump_python(tuple(replayed), mode="json"),
    }


def _exit(replayed: tuple[Replayed, ...]) -> ExitCode:
    """By the worst verdict now, as a run would say."""
    worst = Verdict.worst(each.now.verdict for each in replayed)
    if worst is Verdict.FAIL:
        return ExitCode.NON_CONFORMANT
    settled = worst in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    return ExitCode.CONFORMANT if settled else ExitCode.UNDETERMINED
