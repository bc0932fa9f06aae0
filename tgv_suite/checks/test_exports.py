"""Exports: what leaves a system in numbers goes to whom it is for, and does nothing where it is opened."""

from __future__ import annotations

from tgv_suite.check import (
    Answer,
    Bulk,
    CannotTell,
    Cause,
    Creating,
    Exported,
    Harvest,
    Refusal,
    System,
    Text,
    every_bulk_export,
    every_exported_writing,
    every_people_search,
    requirement,
    settled,
    unanswered,
)
from tgv_suite.model.spreadsheet import cells, computes

_REFUSED = (Refusal.CREDENTIAL, Refusal.OBJECT)
_ENOUGH = (Refusal.INPUT, Refusal.CREDENTIAL, Refusal.OBJECT)
_OF_THE_QUERY = ("include", "outcome")


@requirement("ENT-12", exported=every_exported_writing, alone=True)
def test_a_formula_is_exported_as_a_text(si: System, exported: Exported) -> None:
    """The permitted change, then formulas in its place, each looked for in the export."""
    write, export = exported.writing.write, exported.export
    _exported_as_written(si, exported)

    for variant in exported.formulas:
        attempt = si.perform(write, variant=variant)
        listed = si.perform(export)
        si.control(listed)
        computed = [cell for cell in _cells(listed, attempt.unique) if computes(cell)]

        assert not computed, Text(
            fr=f"une formule ({variant.name}) se retrouve telle quelle dans une cellule de l'export ; "
            "attendu : un texte, par exemple derrière une apostrophe",
            en=f"a formula ({variant.name}) is found as it is in a cell of the export; expected a text, "
            "for example behind an apostrophe",
        )
        _found_or_refused(attempt, listed)
    _exported_as_written(si, exported)


@requirement("LIM-03", bulk=every_bulk_export, alone=True)
def test_a_bulk_export_is_started_by_nobody_else(si: System, bulk: Bulk) -> None:
    """The export by whoever may start it, then by others; each that is started is removed."""
    _started(si, bulk.creating)

    for intrusion in bulk.intrusions:
        si.control(si.perform(intrusion.own), sees=intrusion.own.object.canaries)
        with si.creating(bulk.creating, by=intrusion.attempt) as attempt:
            assert not attempt.created, Text(
                fr=f"l'acteur « {attempt.actor} » a lancé un export en lot (statut {attempt.status}) ; "
                "attendu : 403, et aucun export",
                en=f"the actor “{attempt.actor}” started a bulk export (status {attempt.status}); "
                "expected 403, and no export",
            )
        settled(attempt, *_REFUSED)
    _started(si, bulk.creating)


@requirement("LIM-05", harvest=every_people_search)
def test_a_search_without_a_person_in_mind_shows_hardly_anybody(
    si: System, harvest: Harvest
) -> None:
    """The search of one person, then by a wildcard, by nothing and by a letter."""
    access, most = harvest.access, harvest.at_most
    si.control(si.perform(access), sees=access.object.canaries)
    si.hold(
        len(harvest.marks) > most,
        Text(
            fr=f"l'acteur ne peut trouver que {len(harvest.marks)} personnes de l'essai, et le maximum "
            f"déclaré est de {most} : semez-en davantage",
            en=f"the actor may find only {len(harvest.marks)} of the run's people, and the declared "
            f"maximum is {most}: seed more",
        ),
        Cause.PRECONDITION,
    )

    for variant in harvest.variants:
        answer = si.perform(access, variant=variant)
        shown = _people_shown(answer, harvest.marks)

        assert shown <= most, Text(
            fr=f"une recherche qui ne dit pas qui elle cherche ({variant.name}) montre {shown} "
            f"personnes ; le maximum déclaré est de {most}",
            en=f"a search that doesn't say whom it seeks ({variant.name}) shows {shown} people; the "
            f"declared maximum is {most}",
        )
        if not answer.served:
            settled(answer, *_ENOUGH)
    si.control(si.perform(access), sees=access.object.canaries)


def _exported_as_written(si: System, exported: Exported) -> None:
    """The permitted change, which its reading shows, and a cell of the export."""
    permitted = si.perform(exported.writing.write)
    si.control(permitted)
    si.control(si.perform(exported.writing.reading), sees=[permitted.unique])
    listed = si.perform(exported.export)
    si.control(listed, sees=[permitted.unique])
    si.hold(
        bool(_cells(listed, permitted.unique)),
        Text(
            fr="l'export ne se lit pas comme un fichier pour tableur (CSV)",
            en="the export can't be read as a file for spreadsheets (CSV)",
        ),
        Cause.NO_OBSERVATION,
    )


def _cells(listed: Answer, unique: str) -> list[str]:
    """The cells of an export that hold what one request wrote."""
    announced = (listed.header("content-type") or "").lower()
    found = None if "json" in announced or "html" in announced else cells(listed.body)
    return [cell for cell in found or () if unique in cell]


def _found_or_refused(attempt: Answer, listed: Answer) -> None:
    """Hold that the export shows what was taken, or that it wasn't taken."""
    if not attempt.served:
        settled(attempt, Refusal.INPUT)
    elif not listed.mentions([attempt.unique]):
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr="l'export ne montre pas ce que la modification a écrit",
                en="the export doesn't show what the change wrote",
            ),
        )


def _started(si: System, creating: Creating) -> None:
    """The export, started by whoever may, and removed again."""
    with si.creating(creating) as started:
        si.control(started)
        si.hold(
            started.created,
            Text(
                fr="la réponse ne donne pas l'identifiant de l'export (manifeste : « creates », "
                "« identifier »)",
                en="the answer doesn't give the export's identifier (manifest: “creates”, “identifier”)",
            ),
        )


def _people_shown(answer: Answer, marks: tuple[str, ...]) -> int:
    """How many people a search shows: by the run's marks, or by its results where they are more."""
    if not answer.served:
        return 0
    content = answer.json()
    entries = content.get("entry") if isinstance(content, dict) else None
    of_the_query = sum(map(_of_the_query, entries)) if isinstance(entries, list) else 0
    results = (answer.shown or 0) - of_the_query
    marked = sum(mark in answer.body for mark in marks)
    if not (marked or results) and answer.truncated:
        raise unanswered(answer, Text(fr="la recherche", en="the search"))
    return max(marked, results)


def _of_the_query(entry: object) -> bool:
    """Whether an entry of a FHIR search stands for no result (FHIR R4, Bundle.entry.search.mode)."""
    search = entry.get("search") if isinstance(entry, dict) else None
    return isinstance(search, dict) and search.get("mode") in _OF_THE_QUERY
