"""Fuzzing: what a service's own description leads to breaks nothing, and is answered as it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tgv_suite.check import (
    Answer,
    Because,
    CannotTell,
    Cause,
    FuzzedService,
    FuzzFact,
    GeneratedRequest,
    System,
    Text,
    cause_of,
    every_fuzzed_reading,
    every_fuzzed_service,
    requirement,
    values_of_name,
)
from tgv_suite.model.inside import inside_told, revealed

_BECAUSE: Mapping[Because, Text] = {
    Because.CREATES: Text(fr="crée", en="creates"),
    Because.DELETES: Text(fr="efface", en="deletes"),
    Because.CALLS_OUT: Text(
        fr="appelle l'adresse qu'on lui donne", en="calls the address that it is given"
    ),
    Because.OPEN_TO_ALL: Text(fr="ouverte à tous", en="open to all"),
    Because.EFFECT_UNSEEN: Text(
        fr="aucune lecture n'en montre l'effet", en="no reading shows its effect"
    ),
    Because.BODY_UNTOLD: Text(
        fr="la description ne dit pas ce qu'elle prend",
        en="the description doesn't say what it takes",
    ),
    Because.NOBODY: Text(
        fr="personne ne l'appelle sur un objet à soi", en="nobody calls it on an object of theirs"
    ),
    Because.UNDESCRIBED: Text(fr="absente de la description", en="not in the description"),
    Because.UNREADABLE: Text(fr="mal décrite", en="badly described"),
}


@requirement("ENT-01", service=every_fuzzed_service, alone=True)
def test_what_its_description_leads_to_is_served_or_refused(
    si: System, service: FuzzedService
) -> None:
    """Generated requests, valid and not; each finding is sent again between two controls."""
    fuzzed = _fuzzed(si, service)
    broken = [(one, _again(si, service, one)) for one in fuzzed.server_errors]
    stored = [(one, _again(si, service, one)) for one in fuzzed.stored]
    kept = [one.found for one, again in stored if _given_back(si, service, one, again)]
    _mended(si, service)

    crashed = ", ".join(_named(one) for one, again in broken if again.server_error)
    assert not crashed, Text(
        fr=f"une requête générée de la description provoque une erreur du serveur, deux fois de suite "
        f"({crashed}) ; attendu : une réponse ou un refus",
        en="a request generated from the description brings a server error, twice running "
        f"({crashed}); expected an answer or a refusal",
    )
    taken = ", ".join(name for names in kept for name in names)
    assert not taken, Text(
        fr="une valeur que la description interdit est enregistrée, et rendue telle quelle "
        f"({taken}) ; attendu : 400 ou 422",
        en=f"a value that the description forbids is stored, and given back as it is ({taken}); "
        "expected 400 or 422",
    )
    _tried(fuzzed, enough=sum(operation.served for operation in fuzzed.operations))


@requirement("API-09", service=every_fuzzed_reading)
def test_valid_requests_are_answered_as_described(si: System, service: FuzzedService) -> None:
    """The status and the content of what valid generated requests are granted."""
    fuzzed = _fuzzed(si, service)
    unsaid = [(one, _again(si, service, one)) for one in fuzzed.undeclared]
    departed = [(one, _again(si, service, one)) for one in fuzzed.departures]
    _mended(si, service)

    statuses = ", ".join(
        f"{_named(one)} : {again.status}" for one, again in unsaid if again.status == one.status
    )
    assert not statuses, Text(
        fr=f"une requête valide reçoit un statut que la description n'annonce pas ({statuses})",
        en=f"a valid request is granted with a status that the description doesn't declare ({statuses})",
    )
    elsewhere = ", ".join(
        f"{_named(one)} : {' ; '.join(one.found)}" for one, again in departed if again.served
    )
    assert not elsewhere, Text(
        fr=f"une requête valide reçoit une réponse qui n'est pas celle que la description annonce "
        f"({elsewhere})",
        en=f"the answer to a valid request isn't what the description says ({elsewhere})",
    )
    _tried(fuzzed, enough=fuzzed.judged)


@requirement("API-04", service=every_fuzzed_service, alone=True)
def test_errors_to_generated_requests_tell_nothing_of_the_inside(
    si: System, service: FuzzedService
) -> None:
    """What the errors that generated requests obtain say, whatever their status."""
    fuzzed = _fuzzed(si, service)
    errors = [_again(si, service, one) for one in fuzzed.telling]
    _mended(si, service)

    leaks = inside_told(errors)
    assert not leaks, revealed(leaks)
    _tried(fuzzed, enough=fuzzed.refused)


def _fuzzed(si: System, service: FuzzedService) -> FuzzFact:
    """The campaign, once the permitted requests that it takes after are served."""
    first = service.accesses[0]
    si.control(si.perform(first), sees=first.object.canaries)
    fuzzed = si.fuzz(service)
    if fuzzed.failure is not None:
        raise CannotTell(
            cause_of(fuzzed.failure),
            Text(
                fr=f"les requêtes générées n'ont pas eu de réponse ({fuzzed.failure})",
                en=f"the generated requests got no answer ({fuzzed.failure})",
            ),
        )
    if not fuzzed.operations:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr="aucune requête n'a pu être générée de la description du service "
                f"({fuzzed.unread or 'aucune opération du manifeste n’y est décrite'})",
                en="no request could be generated from the service's description "
                f"({fuzzed.unread or 'it describes no operation of the manifest'})",
            ),
        )
    _told(si, fuzzed)
    return fuzzed


def _again(si: System, service: FuzzedService, one: GeneratedRequest) -> Answer:
    """The same request again, after a control."""
    first = service.accesses[0]
    si.control(si.perform(first), sees=first.object.canaries)
    return si.generated(service, one)


def _given_back(
    si: System, service: FuzzedService, one: GeneratedRequest, again: Answer
) -> tuple[str, ...]:
    """Which of the forbidden values the writing's reading gives back as they were sent."""
    writing = next(w for w in service.writings if w.write.operation_id == one.operation)
    sent, read = _json(again), si.perform(writing.reading).json()
    return tuple(
        name
        for name in one.found
        if again.served and _same(sent.get(name), values_of_name(read, name))
    )


def _same(value: object, read: Sequence[object]) -> bool:
    """Whether a value was read as it was sent, of the same type."""
    return any(one == value and type(one) is type(value) for one in read)


def _json(answer: Answer) -> dict[str, object]:
    """What a request carried."""
    content = answer.request.json()
    return content if isinstance(content, dict) else {}


def _mended(si: System, service: FuzzedService) -> None:
    """Hold that each object is as a permitted write leaves it, and that the service still serves."""
    for writing in service.writings:
        written = si.perform(writing.write)
        si.control(written)
        si.control(si.perform(writing.reading), sees=[written.unique])
    first = service.accesses[0]
    si.control(si.perform(first), sees=first.object.canaries)


def _tried(fuzzed: FuzzFact, *, enough: int) -> None:
    """Hold that some of what was sent could be judged, and that most of it was let in."""
    if not enough or 2 * fuzzed.limited > fuzzed.sent:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr=f"sur {fuzzed.sent} requêtes générées, {enough} ont eu une réponse à juger, et "
                f"{fuzzed.limited} ont été refusées parce qu'il y en avait trop",
                en=f"of {fuzzed.sent} generated requests, {enough} got an answer to judge, and "
                f"{fuzzed.limited} were refused because there were too many",
            ),
        )


def _told(si: System, fuzzed: FuzzFact) -> None:
    """Tell what was tried, within which budget, and what wasn't."""
    si.note(
        Text(
            fr=f"{fuzzed.sent} requêtes générées de la description ({fuzzed.engine}, graine "
            f"{fuzzed.seed}), sur {len(fuzzed.operations)} opérations ; budget : {fuzzed.budget} "
            f"requêtes par opération, {fuzzed.budget_s:.0f} s"
            + (f" ; {fuzzed.withheld} non envoyées, faute de temps" if fuzzed.withheld else ""),
            en=f"{fuzzed.sent} requests generated from the description ({fuzzed.engine}, seed "
            f"{fuzzed.seed}), over {len(fuzzed.operations)} operations; budget: {fuzzed.budget} "
            f"requests an operation, {fuzzed.budget_s:.0f} s"
            + (f"; {fuzzed.withheld} not sent, for lack of time" if fuzzed.withheld else ""),
        )
    )
    if fuzzed.left_out:
        left = [(one.name, _BECAUSE[one.why]) for one in fuzzed.left_out]
        si.note(
            Text(
                fr="rien de généré pour : " + ", ".join(f"{n} ({why.fr})" for n, why in left),
                en="nothing generated for: " + ", ".join(f"{n} ({why.en})" for n, why in left),
            )
        )


def _named(one: GeneratedRequest) -> str:
    """A generated request, by its operation and its number."""
    return f"{one.operation} n° {one.number}"
