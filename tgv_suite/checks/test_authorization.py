"""Authorization: nobody opens, finds or counts a record that isn't theirs to see."""

from __future__ import annotations

from collections.abc import Iterator

from tgv_suite.check import (
    Access,
    Answer,
    CannotTell,
    Cause,
    Crossing,
    ForeignWriting,
    Policy,
    Refusal,
    Spoof,
    System,
    Text,
    every_cross_clinic_record,
    every_cross_clinic_search,
    every_cross_clinic_search_by_person,
    every_foreign_fhir_record,
    every_foreign_record,
    every_foreign_search,
    every_foreign_writing,
    every_policy_between_clinics,
    every_policy_between_users,
    every_tenant_spoof,
    requirement,
    settled,
    took_effect,
    unanswered,
)


@requirement("AZN-01", crossing=every_foreign_record)
def test_a_user_cannot_read_another_users_record(si: System, crossing: Crossing) -> None:
    """One user's credentials, the identifier of another's record."""
    answer = _foreign_reading(si, crossing)
    assert not answer.mentions(crossing.foreign.object.canaries), Text(
        fr=f"le dossier d'un autre usager a été montré (statut {answer.status}) ; "
        "attendu : un refus sans rien du dossier",
        en=f"another user's record was shown (status {answer.status}); "
        "expected a refusal with nothing of the record",
    )
    si.control(si.perform(crossing.own), sees=crossing.own.object.canaries)


@requirement("AZN-01", crossing=every_foreign_search)
def test_a_user_cannot_find_another_users_records(si: System, crossing: Crossing) -> None:
    """One user's credentials, a search for another's records."""
    answer = _foreign_search(si, crossing)
    assert not answer.mentions(crossing.foreign.object.canaries), Text(
        fr=f"la recherche a montré le dossier d'un autre usager (statut {answer.status})",
        en=f"the search showed another user's record (status {answer.status})",
    )
    si.control(si.perform(crossing.own), sees=crossing.own.object.canaries)


@requirement("AZN-01", crossing=every_foreign_fhir_record)
def test_a_batch_does_not_bring_in_another_users_record(si: System, crossing: Crossing) -> None:
    """One FHIR batch that asks for the user's own record and for another's."""
    si.control(si.perform(crossing.foreign), sees=crossing.foreign.object.canaries)
    answer = si.batch(crossing)
    if answer.refused(Refusal.OBJECT) or answer.status in (400, 405, 501):
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr=f"le SI ne traite pas de lot (statut {answer.status}) : rien n'a pu y être observé",
                en=f"the system processes no batch (status {answer.status}): nothing could be observed",
            ),
        )
    si.control(answer, sees=crossing.own.object.canaries)
    assert not answer.mentions(crossing.foreign.object.canaries), Text(
        fr="le lot a rapporté le dossier d'un autre usager avec celui de l'usager",
        en="the batch brought another user's record along with the user's own",
    )


@requirement("AZN-01", policy=every_policy_between_users)
def test_no_user_reads_what_is_not_theirs(si: System, policy: Policy) -> None:
    """The whole policy of a reading: each object by its owners, then by every other user."""
    for attempt, answer in _by_everybody_else(si, policy):
        assert not answer.mentions(attempt.object.canaries), _shown_to(attempt, answer)


@requirement("AZN-02", writing=every_foreign_writing, alone=True)
def test_a_user_cannot_change_another_users_object(si: System, writing: ForeignWriting) -> None:
    """One user's credentials, a change of another's object; its effect is what the other reads."""
    own, foreign = writing.own, writing.foreign
    marks = foreign.reading.object.canaries
    permitted = si.perform(own.write)
    si.control(permitted)
    si.control(si.perform(own.reading), sees=[permitted.unique])
    si.control(si.perform(foreign.reading), sees=marks)

    attempt = si.perform(own.write, on=foreign.write)
    after = si.perform(foreign.reading)

    assert not took_effect(attempt, after), Text(
        fr=f"l'objet d'un autre usager a été modifié (statut {attempt.status}) ; "
        "attendu : un refus, et l'objet inchangé aux yeux de l'autre",
        en=f"another user's object was changed (status {attempt.status}); "
        "expected a refusal, and the object unchanged as the other sees it",
    )
    assert not attempt.mentions(marks), Text(
        fr=f"la modification refusée a montré l'objet d'un autre usager (statut {attempt.status})",
        en=f"the refused change showed another user's object (status {attempt.status})",
    )
    si.control(after, sees=marks)
    si.denied(attempt, Refusal.OBJECT)
    si.control(si.perform(own.write))


@requirement("AZN-03", crossing=every_cross_clinic_record)
def test_a_clinic_cannot_read_another_clinics_record(si: System, crossing: Crossing) -> None:
    """One clinic's credentials, the identifier of another clinic's record."""
    answer = _foreign_reading(si, crossing)
    assert not answer.mentions(crossing.foreign.object.canaries), Text(
        fr=f"le dossier d'une autre clinique a été montré (statut {answer.status}) ; "
        "attendu : un refus sans rien du dossier",
        en=f"another clinic's record was shown (status {answer.status}); "
        "expected a refusal with nothing of the record",
    )
    si.control(si.perform(crossing.own), sees=crossing.own.object.canaries)


@requirement("AZN-03", crossing=every_cross_clinic_search)
def test_a_clinic_cannot_find_another_clinics_records(si: System, crossing: Crossing) -> None:
    """One clinic's credentials, a search for another clinic's records."""
    answer = _foreign_search(si, crossing)
    assert not answer.mentions(crossing.foreign.object.canaries), Text(
        fr=f"la recherche a montré le dossier d'une autre clinique (statut {answer.status})",
        en=f"the search showed another clinic's record (status {answer.status})",
    )
    si.control(si.perform(crossing.own), sees=crossing.own.object.canaries)


@requirement("AZN-03", crossing=every_cross_clinic_search_by_person)
def test_a_search_does_not_count_another_clinics_records(si: System, crossing: Crossing) -> None:
    """A search for a person of another clinic only: even the number of records says too much."""
    answer = _foreign_search(si, crossing)
    if answer.served and answer.count is None:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(fr="la réponse ne dit aucun nombre", en="the answer tells no number"),
        )
    found = answer.count if answer.served else 0
    assert found == 0, Text(
        fr=f"la recherche compte {found} dossier(s) d'une autre clinique ; attendu : 0",
        en=f"the search counts {found} record(s) of another clinic; expected 0",
    )
    si.control(si.perform(crossing.own), sees=crossing.own.object.canaries)


@requirement("AZN-03", policy=every_policy_between_clinics)
def test_no_clinic_reads_what_is_not_its_own(si: System, policy: Policy) -> None:
    """The whole policy of a reading: each object by its owners, then by every other clinic."""
    for attempt, answer in _by_everybody_else(si, policy):
        assert not answer.mentions(attempt.object.canaries), _shown_to(attempt, answer)


@requirement("AZN-04", spoof=every_tenant_spoof)
def test_a_clinic_that_the_request_names_opens_nothing(si: System, spoof: Spoof) -> None:
    """The other clinic's record, asked for with its identifier in one header or parameter."""
    own, foreign = spoof.crossing.own, spoof.crossing.foreign
    shown = foreign.object.canaries
    si.control(si.perform(own), sees=own.object.canaries)
    si.control(si.perform(foreign), sees=shown)
    plain = si.perform(own, on=foreign)
    si.hold(
        not plain.mentions(shown),
        Text(
            fr="l'autre dossier est montré sans même nommer sa clinique : voir AZN-03",
            en="the other record is shown without even naming its clinic: see AZN-03",
        ),
        Cause.PRECONDITION,
    )

    for variant in spoof.variants:
        answer = si.perform(own, on=foreign, variant=variant)

        assert not answer.mentions(shown), Text(
            fr=f"le SI a cru la clinique que nommait la requête ({variant.name}) et montré son "
            f"dossier (statut {answer.status}) ; attendu : la mention ignorée ou refusée",
            en=f"the system believed the clinic that the request named ({variant.name}) and showed "
            f"its record (status {answer.status}); expected the mention to be ignored or refused",
        )
        _ignored_or_refused(answer, plain)
    si.control(si.perform(own), sees=own.object.canaries)


def _by_everybody_else(si: System, policy: Policy) -> Iterator[tuple[Access, Answer]]:
    """What each object's owners are shown, then what everybody else is answered, one at a time."""
    for access in policy.allowed:
        si.control(si.perform(access), sees=access.object.canaries)
    answers = []
    for intrusion in policy.denied:
        answers.append(si.perform(intrusion.attempt))
        yield intrusion.attempt, answers[-1]
    for answer in answers:
        if not answer.served:
            settled(answer, Refusal.OBJECT, Refusal.CREDENTIAL)
    for own in {intrusion.own.name: intrusion.own for intrusion in policy.denied}.values():
        si.control(si.perform(own), sees=own.object.canaries)


def _shown_to(attempt: Access, answer: Answer) -> Text:
    return Text(
        fr=f"« {attempt.object_id} » a été montré à « {attempt.actor_id} », à qui il n'appartient pas "
        f"(statut {answer.status}) ; attendu : un refus sans rien du dossier",
        en=f"“{attempt.object_id}” was shown to “{attempt.actor_id}”, to whom it doesn't belong "
        f"(status {answer.status}); expected a refusal with nothing of the record",
    )


def _ignored_or_refused(answer: Answer, plain: Answer) -> None:
    """Hold that a mention had no power: the same answer as without it, or a refusal of the mention."""
    ignored = answer.status == plain.status and (plain.served or plain.refused(Refusal.OBJECT))
    if not ignored:
        settled(answer, Refusal.OBJECT, Refusal.CREDENTIAL, Refusal.INPUT)


def _foreign_reading(si: System, crossing: Crossing) -> Answer:
    """The other's record, asked for once both permitted readings were seen to work."""
    si.control(si.perform(crossing.own), sees=crossing.own.object.canaries)
    si.control(si.perform(crossing.foreign), sees=crossing.foreign.object.canaries)
    answer = si.perform(crossing.own, on=crossing.foreign)
    return settled(answer, Refusal.OBJECT, hidden=crossing.foreign.object.canaries)


def _foreign_search(si: System, crossing: Crossing) -> Answer:
    """The search for the other's records; an empty result is as good as a refusal."""
    si.control(si.perform(crossing.own), sees=crossing.own.object.canaries)
    si.control(si.perform(crossing.foreign), sees=crossing.foreign.object.canaries)
    answer = si.perform(crossing.own, on=crossing.foreign)
    if not answer.served and not answer.refused(Refusal.OBJECT):
        raise unanswered(
            answer,
            Text(fr="la recherche qui doit rester vide", en="the search that must stay empty"),
        )
    return answer
