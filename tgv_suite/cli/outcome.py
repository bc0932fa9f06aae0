"""How a finished run is told on stdout."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import click
from pydantic import TypeAdapter

from tgv_suite.cli.language import Speaker
from tgv_suite.model.catalogue import Catalogue
from tgv_suite.model.results import CheckResult, Fate, RequirementResult, Results, Verdict
from tgv_suite.papers import told
from tgv_suite.report.visible import visible
from tgv_suite.report.words import CONCLUSIONS, FATES, SEVERAL, VERDICTS, verdict_of
from tgv_suite.run import Finished


def tell(finished: Finished, catalogue: Catalogue, speak: Speaker, *, as_json: bool) -> None:
    """Print what a run concluded.

    Parameters
    ----------
    finished, catalogue, speak:
        The run, the requirements' titles, the language.
    as_json:
        Whether a machine reads it.
    """
    results = finished.results
    if as_json:
        click.echo(json.dumps(TypeAdapter(Results).dump_python(results, mode="json")))
        return
    for requirement in results.requirements:
        for line in _lines(requirement, catalogue, speak):
            click.echo(line)
    click.echo()
    if results.run.rehearsal:
        click.echo(speak(fr="Répétition : ne certifie rien.", en="Rehearsal: certifies nothing."))
    if results.run.halted is not None:
        click.echo(speak(fr="Essai arrêté : ", en="Run stopped: ") + speak.say(results.run.halted))
    for waiver in results.unused_waivers:
        line = speak(fr="Dérogation qui ne couvre rien : ", en="Waiver that covers nothing: ")
        named = " ".join(part for part in (waiver.requirement, waiver.check) if part)
        click.echo(visible(f"{line}{named} – {speak.say(told(waiver))}"))
    for line in (*_unsent(results, speak), *_left(results, speak)):
        click.echo(line)
    click.echo(f"{speak.say(CONCLUSIONS[results.conclusion]).upper()} — {_counts(results, speak)}")
    seen = finished.matrix
    if seen.total:
        click.echo(
            speak(
                fr=f"Matrice d'autorisation : {seen.total} cases, dont {seen.untested} non vérifiées",
                en=f"Authorisation matrix: {seen.total} cells, {seen.untested} of them not tested",
            )
        )
    for case, place in finished.faults:
        click.echo(
            speak(fr="Défaut du banc d'essai : ", en="Fault of the harness: ") + f"{case}: {place}"
        )
    click.echo(speak(fr="Preuves : ", en="Evidence: ") + f"{finished.folder}  {finished.archive}")
    report = finished.folder / f"report.{speak.language}.html"
    click.echo(speak(fr="Rapport : ", en="Report: ") + str(report))


def _unsent(results: Results, speak: Speaker) -> list[str]:
    """One line for each request that would have left the scope."""
    said = speak(fr="Hors portée, non envoyé : ", en="Out of scope, not sent: ")
    return [said + visible(violation) for violation in results.run.scope_violations]


def _left(results: Results, speak: Speaker) -> list[str]:
    """One line for each thing that the run created and nobody saw gone."""
    said = speak(fr="Créé et non effacé : ", en="Created and not removed: ")
    return [
        visible(f"{said}{each.operation} {each.identifier} – {speak.say(FATES[each.fate])}")
        for each in results.created
        if each.fate is not Fate.REMOVED
    ]


def _lines(requirement: RequirementResult, catalogue: Catalogue, speak: Speaker) -> list[str]:
    title = speak.say(catalogue.requirements[requirement.id].title)
    verdict = requirement.verdict
    word = speak.say(verdict_of(requirement))
    head = f"{VERDICTS[verdict].sign} {requirement.id}  {word:<14} {title}"
    worst = [check for check in requirement.checks if check.verdict is verdict]
    if verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
        worst = []
    each = _grouped(worst, speak)
    notes = [
        f"    ! {speak.say(n)}"
        for n in dict.fromkeys(n for c in requirement.checks for n in c.notes)
    ]
    return [visible(line) for line in (head, *each, *notes)]


def _grouped(checks: Sequence[CheckResult], speak: Speaker) -> list[str]:
    """One line for each check and reason, with the subjects that they are of."""
    subjects: dict[tuple[str, str], list[str]] = {}
    for check in checks:
        subjects.setdefault((check.id, speak.say(check.reason)), []).append(check.subject)
    return [
        f"    {check} [{_few(of)}] : {reason}" if any(of) else f"    {reason}"
        for (check, reason), of in subjects.items()
    ]


def _few(subjects: Sequence[str]) -> str:
    more = len(subjects) - 2
    return ", ".join(subjects[:2]) + (f" + {more}" if more > 0 else "")


def _counts(results: Results, speak: Speaker) -> str:
    worst_first = sorted(results.requirements, key=lambda each: list(Verdict).index(each.verdict))
    counted = Counter(verdict_of(requirement) for requirement in worst_first)
    said = ", ".join(
        f"{count} {speak.say(SEVERAL.get(word, word) if count > 1 else word)}"
        for word, count in counted.items()
    )
    planned = len(results.requirements)
    return speak(fr=f"{planned} exigences : {said}", en=f"{planned} requirements: {said}")
