"""What signed papers change in a run's results: pure, and the same live and judged again.

They never change a verdict. An attestation lets an ``attestation`` verdict stop blocking the
conclusion; a waiver lets a ``fail`` stop deciding it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from tgv_suite.model.papers import Attestation, DocumentSeen, Papers, Waiver
from tgv_suite.model.results import CheckResult, RequirementResult, Verdict
from tgv_suite.text import Text


def person(name: str) -> str:
    """A person's name as it is compared: without case, accents, spaces or punctuation."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def day(moment: str) -> date:
    """The day on which papers are looked at for a run that started at ``moment`` (ISO 8601)."""
    return datetime.fromisoformat(moment).date()


def settle(
    requirements: Iterable[RequirementResult], papers: Papers, on: date
) -> tuple[RequirementResult, ...]:
    """The results with what papers say of each, on a day; every verdict stays what it was.

    Parameters
    ----------
    requirements:
        What the checks found.
    papers:
        What people signed.
    on:
        The day of the run.
    """
    return tuple(_settled(result, papers, on) for result in requirements)


def unused(requirements: Iterable[RequirementResult], papers: Papers) -> tuple[Waiver, ...]:
    """The waivers that cover no failure of settled results."""
    used = [waiver for result in requirements for waiver in result.waivers]
    return tuple(waiver for waiver in papers.waivers if waiver not in used)


def _settled(result: RequirementResult, papers: Papers, on: date) -> RequirementResult:
    asked = [check.verdict for check in result.checks]
    if Verdict.ATTESTATION in asked:
        for attestation in papers.attestations:
            if attestation.requirement == result.id:
                result = _attested(result, attestation, papers.documents, on)
    return _waived(result, papers.waivers, on) if Verdict.FAIL in asked else result


def _waived(result: RequirementResult, waivers: Iterable[Waiver], on: date) -> RequirementResult:
    covering = tuple(
        waiver
        for waiver in waivers
        if waiver.expiry >= on and any(covers(waiver, result, check) for check in result.checks)
    )
    checks = tuple(_noted(result, check, covering) for check in result.checks)
    return replace(result, waivers=covering, checks=checks)


def covers(waiver: Waiver, result: RequirementResult, check: CheckResult) -> bool:
    """Whether a waiver is of this failure; it covers nothing but failures."""
    named = waiver.requirement == result.id and waiver.check in (None, check.id)
    return named and check.verdict is Verdict.FAIL


def _noted(result: RequirementResult, check: CheckResult, waivers: Iterable[Waiver]) -> CheckResult:
    notes = tuple(told(waiver) for waiver in waivers if covers(waiver, result, check))
    return replace(check, notes=(*check.notes, *notes))


def told(waiver: Waiver) -> Text:
    """A waiver in a sentence."""
    return Text(
        fr=f"dérogation jusqu'au {waiver.expiry}, demandée par {waiver.author} et approuvée par "
        f"{waiver.approver} : {waiver.reason}",
        en=f"waived until {waiver.expiry}, at the request of {waiver.author} and with the approval "
        f"of {waiver.approver}: {waiver.reason}",
    )


def _attested(
    result: RequirementResult,
    attestation: Attestation,
    documents: Iterable[DocumentSeen],
    on: date,
) -> RequirementResult:
    seen = {document.name: document.sha256 for document in documents}
    flaw = _flaw(attestation, seen, on)
    absent = [d.name for d in attestation.documents if seen.get(d.name) is None]
    notes = (_not_compared(absent),) if absent and flaw is None else ()
    said = flaw or _words(attestation)
    checks = tuple(_signed(check, said, notes) for check in result.checks)
    decisive = next(check for check in checks if check.verdict is result.verdict)
    return replace(
        result,
        reason=decisive.reason,
        checks=checks,
        attestation=attestation if flaw is None else None,
    )


def _signed(check: CheckResult, said: Text, notes: tuple[Text, ...]) -> CheckResult:
    """What a person says takes the place of a mere request, and stands beside what was observed."""
    if check.verdict is not Verdict.ATTESTATION:
        return check
    if check.observations:
        return replace(check, notes=(*check.notes, said, *notes))
    return replace(check, reason=said, notes=(*check.notes, *notes))


def _flaw(attestation: Attestation, seen: dict[str, str | None], on: date) -> Text | None:
    """Why an attestation doesn't count on that day, when it doesn't."""
    if on < attestation.date:
        return Text(
            fr=f"l'attestation est datée d'après l'essai ({attestation.date})",
            en=f"the attestation is dated after the run ({attestation.date})",
        )
    if on > attestation.expiry:
        return Text(
            fr=f"l'attestation a expiré le {attestation.expiry}",
            en=f"the attestation expired on {attestation.expiry}",
        )
    for document in attestation.documents:
        if seen.get(document.name) not in (None, document.sha256):
            return Text(
                fr=f"le document « {document.name} » n'est pas celui qui a été attesté : son "
                "empreinte a changé",
                en=f"the document “{document.name}” isn't the one that was attested: its digest "
                "changed",
            )
    return None


def _words(attestation: Attestation) -> Text:
    by = attestation.signatory
    who = ", ".join(part for part in (by.name, by.role, by.organisation) if part)
    what = ", ".join(f"{d.name} (sha256 {d.sha256[:16]}…)" for d in attestation.documents)
    note = f" – {attestation.note}" if attestation.note else ""
    return Text(
        fr=f"attestée par {who}, le {attestation.date}, jusqu'au {attestation.expiry} : "
        f"{what}{note}",
        en=f"attested by {who}, on {attestation.date}, until {attestation.expiry}: {what}{note}",
    )


def _not_compared(names: list[str]) -> Text:
    listed = ", ".join(names)
    return Text(
        fr=f"document absent lors de l'essai : l'empreinte n'a pas été comparée ({listed})",
        en=f"document not at hand during the run: its digest wasn't compared ({listed})",
    )
