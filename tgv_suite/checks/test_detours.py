"""Detours: what is refused stays refused under another name, and at another writing of its address."""

from __future__ import annotations

from tgv_suite.check import (
    Answer,
    Cause,
    Detour,
    Refusal,
    Reserved,
    Spoof,
    SpoofedWriting,
    System,
    Text,
    every_detour,
    every_detour_to_a_reserved_reading,
    every_subject_override,
    every_subject_override_in_a_change,
    requirement,
    settled,
    took_effect,
    unanswered,
    written_otherwise,
)

_OVERLOADED = (408, 429)


@requirement("AZN-13", spoof=every_subject_override)
def test_naming_somebody_else_shows_nothing_of_theirs(si: System, spoof: Spoof) -> None:
    """A permitted reading that names somebody else, in a parameter more or in one sent twice."""
    own, foreign = spoof.crossing.own, spoof.crossing.foreign
    shown = foreign.object.canaries
    si.control(si.perform(own), sees=own.object.canaries)
    si.control(si.perform(foreign), sees=shown)
    si.hold(not si.perform(own, on=foreign).mentions(shown), _OPEN, Cause.PRECONDITION)

    for variant in spoof.variants:
        answer = si.perform(own, variant=variant)

        assert not answer.mentions(shown), Text(
            fr=f"le dossier d'une autre personne a été montré à qui l'a nommée ({variant.name}, statut "
            f"{answer.status}) ; attendu : la mention ignorée ou refusée",
            en=f"another person's record was shown to who named them ({variant.name}, status "
            f"{answer.status}); expected the mention to be ignored or refused",
        )
        if not answer.served:
            settled(answer, Refusal.OBJECT, Refusal.INPUT, Refusal.CREDENTIAL)
    si.control(si.perform(own), sees=own.object.canaries)


@requirement("AZN-13", spoofed=every_subject_override_in_a_change, alone=True)
def test_naming_somebody_else_changes_nothing_of_theirs(
    si: System, spoofed: SpoofedWriting
) -> None:
    """A permitted change that names somebody else or their object; what they then read."""
    own, foreign = spoofed.writing.own, spoofed.writing.foreign
    si.control(si.perform(own.write))
    straight = si.perform(own.write, on=foreign.write)
    before = si.perform(foreign.reading)
    si.control(before, sees=foreign.reading.object.canaries)
    si.hold(not took_effect(straight, before), _OPEN, Cause.PRECONDITION)

    for variant in spoofed.variants:
        attempt = si.perform(own.write, variant=variant)
        after = si.perform(foreign.reading)

        assert not took_effect(attempt, after), Text(
            fr=f"l'objet d'une autre personne a été modifié par qui l'a nommée ({variant.name}, statut "
            f"{attempt.status}) ; attendu : la mention ignorée ou refusée, et l'objet inchangé",
            en=f"another person's object was changed by who named them ({variant.name}, status "
            f"{attempt.status}); expected the mention to be ignored or refused, and the object "
            "unchanged",
        )
        si.control(after, sees=foreign.reading.object.canaries)
        if not attempt.served:
            settled(attempt, Refusal.OBJECT, Refusal.INPUT, Refusal.CREDENTIAL)
    permitted = si.perform(own.write)
    si.control(permitted)
    si.control(si.perform(own.reading), sees=[permitted.unique])


@requirement("AZN-14", detour=every_detour)
def test_another_writing_of_an_address_opens_nothing(si: System, detour: Detour) -> None:
    """Somebody else's record, at its address written otherwise and behind one that is permitted."""
    own, foreign = detour.crossing.own, detour.crossing.foreign
    shown = foreign.object.canaries
    si.control(si.perform(own), sees=own.object.canaries)
    si.control(si.perform(foreign), sees=shown)
    si.hold(not si.perform(own, on=foreign).mentions(shown), _OPEN, Cause.PRECONDITION)

    answers = [(v.name, si.perform(own, on=foreign, variant=v)) for v in detour.instead]
    answers += [(v.name, si.perform(own, variant=v)) for v in detour.behind]

    for name, answer in answers:
        assert not answer.mentions(shown), Text(
            fr=f"le dossier refusé a été montré par un détour ({name}, statut {answer.status}) ; "
            "attendu : le même refus, ou rien à cette adresse",
            en=f"the refused record was shown by a detour ({name}, status {answer.status}); expected "
            "the same refusal, or nothing at that address",
        )
        _told(answer)
    si.control(si.perform(own), sees=own.object.canaries)


@requirement("AZN-14", reserved=every_detour_to_a_reserved_reading)
def test_another_writing_opens_no_reserved_function(si: System, reserved: Reserved) -> None:
    """An administrative reading, at its address written otherwise, by one actor of each other role."""
    shown = reserved.permitted.object.canaries
    si.control(si.perform(reserved.permitted), sees=shown)

    for intrusion in reserved.intrusions:
        own = intrusion.own
        si.control(si.perform(own), sees=own.object.canaries)
        si.hold(not si.perform(intrusion.attempt).mentions(shown), _OPEN, Cause.PRECONDITION)
        for variant in written_otherwise(intrusion.attempt.operation.path):
            answer = si.perform(intrusion.attempt, variant=variant)

            assert not answer.mentions(shown), Text(
                fr=f"une fonction réservée a servi le rôle « {own.actor.role} » par un détour "
                f"({variant.name}, statut {answer.status}) ; attendu : le même refus, ou rien à cette "
                "adresse",
                en=f"a reserved function served the role “{own.actor.role}” by a detour "
                f"({variant.name}, status {answer.status}); expected the same refusal, or nothing "
                "at that address",
            )
            _told(answer)
        si.control(si.perform(own), sees=own.object.canaries)
    si.control(si.perform(reserved.permitted), sees=shown)


_OPEN = Text(
    fr="l'objet est ouvert sans aucun détour : voir AZN-01, 02, 03 et 05",
    en="the object is open without any detour: see AZN-01, 02, 03 and 05",
)


def _told(answer: Answer) -> None:
    """Hold that the system itself said what stands at an address: something, or nothing."""
    said = answer.status or 500
    if said == 501 or (said < 500 and said not in _OVERLOADED):
        return
    raise unanswered(answer, Text(fr="le détour", en="the detour"))
