"""What the report says, worked out before anything is drawn: results in, view out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tgv_suite.model.catalogue import Catalogue, Level, Method, Requirement, Severity
from tgv_suite.model.results import (
    CheckResult,
    Conclusion,
    CreatedObject,
    Fate,
    RequirementResult,
    Results,
    Verdict,
)
from tgv_suite.model.target import Target
from tgv_suite.noun import noun
from tgv_suite.report import words
from tgv_suite.report.exchange import Shown, at_fault, marks, shown
from tgv_suite.report.exhibit import Exhibit
from tgv_suite.report.matrix import Matrix, matrix
from tgv_suite.report.reproduce import Command, command
from tgv_suite.text import Text

EXHIBITS_PER_GROUP = 12
SUBJECTS_PER_GROUP = 40
VIOLATIONS_SHOWN = 50
CREATED_SHOWN = 50
_FATES = (Fate.LEFT, Fate.UNKNOWN, Fate.REMOVED)


@noun
class Subject:
    """What one check was run over, and where its observations stand."""

    name: str
    observations: Text
    folder: str | None


@noun
class Group:
    """The checks of one name that came to the same verdict for the same reason.

    Parameters
    ----------
    check:
        The first of them, whose exchanges are shown.
    notes:
        What they noted.
    cases:
        How many they are.
    subjects:
        What they were run over; ``further`` more are left to the bundle.
    shown:
        The exchanges of the first, the one that the finding rests on first.
    unshown:
        How many exchanges of the first are left to the bundle, when there are too many for a page.
    missing:
        Paths that the results name and the bundle doesn't hold.
    command:
        What sends the exchange at fault again.
    """

    check: CheckResult
    notes: tuple[Text, ...]
    cases: Text
    subjects: tuple[Subject, ...]
    further: Text | None
    shown: tuple[Shown, ...]
    unshown: Text | None
    missing: tuple[str, ...]
    command: Command | None


@noun
class Entry:
    """A requirement, what may be claimed of it, and on what evidence."""

    requirement: Requirement
    result: RequirementResult
    groups: tuple[Group, ...]
    evidence: Text


@noun
class Row:
    """One line of the table of totals; ``attested`` of them carry a person's word."""

    verdict: Verdict
    must: int
    should: int
    attested: int = 0

    @property
    def total(self) -> int:
        """Both levels."""
        return self.must + self.should


@noun
class Totals:
    """The table of totals; its sum is the number of planned requirements."""

    rows: tuple[Row, ...]
    sentence: Text

    @property
    def must(self) -> int:
        """All the mandatory requirements."""
        return sum(row.must for row in self.rows)

    @property
    def should(self) -> int:
        """All the recommended requirements."""
        return sum(row.should for row in self.rows)


@noun
class Moment:
    """A time in UTC and on a Quebec clock, to the second, ISO 8601."""

    utc: str
    local: str


@noun
class Family:
    """Requirements of one family that the run didn't judge."""

    title: Text
    requirements: tuple[Requirement, ...]


@noun
class View:
    """Everything that the page tells, in the order that it tells it, in no language yet."""

    results: Results
    target: Target
    started: Moment
    ended: Moment
    violations: tuple[str, ...]
    further_violations: int
    created: tuple[CreatedObject, ...]
    further_created: int
    decisive: Text
    totals: Totals
    entries: Mapping[Verdict, tuple[Entry, ...]]
    families: tuple[tuple[str, Text], ...]
    matrix: Matrix
    documentary: tuple[Family, ...]
    outside: tuple[Family, ...]
    key_id: str | None

    @property
    def left(self) -> tuple[CreatedObject, ...]:
        """What the run created and nobody saw gone."""
        return tuple(each for each in self.created if each.fate is not Fate.REMOVED)


def build(
    *,
    results: Results,
    catalogue: Catalogue,
    target: Target,
    exhibits: Mapping[str, Exhibit],
    key_id: str | None,
) -> View:
    """The view of a run.

    Parameters
    ----------
    results:
        What was judged.
    catalogue:
        Every requirement that is known; it must hold those of ``results``.
    target:
        The manifest of the run.
    exhibits:
        The exchanges of the bundle, by path; one that is missing is told, not an error.
    key_id:
        The key that seals the bundle; none when it isn't signed.

    Raises
    ------
    ValueError
        A requirement appears twice or isn't in the catalogue, the totals don't add up, the
        conclusion contradicts a verdict, or a time isn't ISO 8601.
    """
    _refuse_contradictions(results, catalogue)
    entries = {
        verdict: _entries(
            verdict, results=results, catalogue=catalogue, target=target, exhibits=exhibits
        )
        for verdict in Verdict
    }
    violations = results.run.scope_violations
    created = sorted(results.created, key=lambda each: _FATES.index(each.fate))
    return View(
        results=results,
        target=target,
        started=_moment(results.run.started),
        ended=_moment(results.run.ended),
        violations=violations[:VIOLATIONS_SHOWN],
        further_violations=len(violations[VIOLATIONS_SHOWN:]),
        created=tuple(created[:CREATED_SHOWN]),
        further_created=len(created[CREATED_SHOWN:]),
        decisive=_decisive(results),
        totals=_totals(entries, planned=len(results.requirements)),
        entries=entries,
        families=_families(results, catalogue),
        matrix=matrix(target=target, results=results, exhibits=exhibits),
        documentary=_unjudged(results, catalogue, documentary=True),
        outside=_unjudged(results, catalogue, documentary=False),
        key_id=key_id,
    )


def _refuse_contradictions(results: Results, catalogue: Catalogue) -> None:
    counts = Counter(each.id for each in results.requirements)
    if twice := sorted(id for id, count in counts.items() if count > 1):
        raise ValueError(f"requirements that appear twice in the results: {', '.join(twice)}")
    if unknown := sorted(counts.keys() - catalogue.requirements.keys()):
        raise ValueError(f"requirements that the catalogue does not hold: {', '.join(unknown)}")
    binding = {each.verdict for each in results.requirements if each.level is Level.MUST}
    allowed = {
        Conclusion.CONFORMANT: not binding & {Verdict.FAIL, Verdict.INCONCLUSIVE},
        Conclusion.CONFORMANT_WITH_WAIVERS: Verdict.INCONCLUSIVE not in binding,
        Conclusion.NON_CONFORMANT: Verdict.FAIL in binding,
        Conclusion.UNDETERMINED: True,
    }
    if not allowed[results.conclusion]:
        raise ValueError(f"the verdicts contradict the conclusion {results.conclusion}")


def _entries(
    verdict: Verdict,
    *,
    results: Results,
    catalogue: Catalogue,
    target: Target,
    exhibits: Mapping[str, Exhibit],
) -> tuple[Entry, ...]:
    found = (
        _entry(result, catalogue.requirements[result.id], target, exhibits)
        for result in results.requirements
        if result.verdict is verdict
    )
    return tuple(sorted(found, key=_worst_first))


def _worst_first(entry: Entry) -> tuple[int, int, str]:
    severity = list(Severity).index(entry.requirement.severity)
    return severity, list(Level).index(entry.result.level), entry.result.id


def _entry(
    result: RequirementResult,
    requirement: Requirement,
    target: Target,
    exhibits: Mapping[str, Exhibit],
) -> Entry:
    checks = words.CHECKS.of(len(result.checks))
    paths = {path for check in result.checks for path in check.observations}
    seen = words.OBSERVATIONS.of(len(paths))
    alike: dict[tuple[str, Verdict, Text], list[CheckResult]] = {}
    for check in result.checks:
        alike.setdefault((check.id, check.verdict, check.reason), []).append(check)
    ordered = sorted(alike.values(), key=lambda checks: list(Verdict).index(checks[0].verdict))
    return Entry(
        requirement=requirement,
        result=result,
        groups=tuple(_group(checks, target, exhibits) for checks in ordered),
        evidence=Text(fr=f"{checks.fr}, {seen.fr}", en=f"{checks.en}, {seen.en}"),
    )


def _group(checks: Sequence[CheckResult], target: Target, exhibits: Mapping[str, Exhibit]) -> Group:
    first = checks[0]
    held = [exhibits[path] for path in first.observations if path in exhibits]
    telling = at_fault(held, first, target) if first.verdict is Verdict.FAIL else ()
    ordered = sorted(held, key=lambda exhibit: exhibit not in telling)
    every = [path for check in checks for path in check.observations]
    return Group(
        check=first,
        notes=tuple(dict.fromkeys(note for check in checks for note in check.notes)),
        cases=words.CASES.of(len(checks)),
        subjects=tuple(_subject(check) for check in checks[:SUBJECTS_PER_GROUP]),
        further=_further(words.SUBJECTS, len(checks) - SUBJECTS_PER_GROUP),
        shown=tuple(
            shown(
                each,
                marks=marks(each, held, first, target) if each in telling else (),
                at_fault=each in telling,
            )
            for each in ordered[:EXHIBITS_PER_GROUP]
        ),
        unshown=_further(words.FURTHER, len(held) - EXHIBITS_PER_GROUP),
        missing=tuple(path for path in every if path not in exhibits)[:EXHIBITS_PER_GROUP],
        command=command(telling[0], target) if telling else None,
    )


def _subject(check: CheckResult) -> Subject:
    folder = check.observations[0].rpartition("/")[0] if check.observations else None
    seen = words.OBSERVATIONS.of(len(check.observations))
    return Subject(name=check.subject, observations=seen, folder=folder)


def _further(counted: words.Counted, count: int) -> Text | None:
    return counted.of(count) if count > 0 else None


def _totals(entries: Mapping[Verdict, tuple[Entry, ...]], *, planned: int) -> Totals:
    counts = Counter(
        (verdict, each.result.level) for verdict in Verdict for each in entries[verdict]
    )
    rows = tuple(
        Row(
            verdict=verdict,
            must=counts[verdict, Level.MUST],
            should=counts[verdict, Level.SHOULD],
            attested=sum(each.result.attestation is not None for each in entries[verdict]),
        )
        for verdict in Verdict
    )
    sums = {row.verdict: row.total for row in rows}
    if sum(sums.values()) != planned:
        raise ValueError(f"{planned} requirements planned, {sum(sums.values())} accounted for")
    return Totals(rows=rows, sentence=words.reconciled(planned=planned, sums=sums))


def _decisive(results: Results) -> Text:
    """How many mandatory requirements weigh on the conclusion, by verdict."""
    weighed = [each for each in results.requirements if each.level is Level.MUST]
    weighed.sort(key=lambda each: list(Verdict).index(each.verdict))
    binding = Counter(words.verdict_of(each) for each in weighed)
    total = words.REQUIREMENTS.of(len(weighed))
    told = [words.numbered(count, word) for word, count in binding.items()]
    fr = ", ".join(part.fr for part in told) or "rien à conclure"
    en = ", ".join(part.en for part in told) or "nothing to conclude from"
    return Text(
        fr=f"Au niveau obligatoire, {total.fr} : {fr}.",
        en=f"At the mandatory level, {total.en}: {en}.",
    )


def _families(results: Results, catalogue: Catalogue) -> tuple[tuple[str, Text], ...]:
    """The families that were judged, with their titles."""
    judged = sorted({catalogue.requirements[each.id].family for each in results.requirements})
    return tuple((each, _title(catalogue, each)) for each in judged)


def _title(catalogue: Catalogue, family: str) -> Text:
    return catalogue.families.get(family, Text(fr=family, en=family))


def _unjudged(results: Results, catalogue: Catalogue, *, documentary: bool) -> tuple[Family, ...]:
    judged = {each.id for each in results.requirements}
    families: dict[str, list[Requirement]] = {}
    for id, requirement in sorted(catalogue.requirements.items()):
        if id not in judged and (requirement.method is Method.ATTESTATION) is documentary:
            families.setdefault(requirement.family, []).append(requirement)
    return tuple(
        Family(
            title=_title(catalogue, family),
            requirements=tuple(requirements),
        )
        for family, requirements in families.items()
    )


def _moment(time: str) -> Moment:
    read = datetime.fromisoformat(time)
    utc = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    local = utc.astimezone(ZoneInfo("America/Toronto"))
    return Moment(
        utc=utc.isoformat(timespec="seconds").replace("+00:00", "Z"),
        local=local.isoformat(timespec="seconds"),
    )
