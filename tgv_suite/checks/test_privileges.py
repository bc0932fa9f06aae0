"""Privileges: each role, token and request does what was granted to it, and nothing more."""

from __future__ import annotations

from tgv_suite.check import (
    Access,
    Answer,
    CannotTell,
    Cause,
    OnlyReading,
    Refusal,
    Reserved,
    System,
    Text,
    Withheld,
    every_closed_reading,
    every_reserved_reading,
    every_reserved_writing,
    every_scoped_reader,
    every_withheld_field,
    requirement,
    settled,
    texts,
    took_effect,
    undeclared,
    values_at,
)

_OF_OPENID_CONNECT = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})
_TELLING = 6


@requirement("AZN-05", reserved=every_reserved_reading)
def test_a_reserved_reading_is_refused_to_other_roles(si: System, reserved: Reserved) -> None:
    """An administrative reading, by who may and then by one actor of each other role."""
    shown = reserved.permitted.object.canaries
    si.control(si.perform(reserved.permitted), sees=shown)

    for intrusion in reserved.intrusions:
        own = intrusion.own
        si.control(si.perform(own), sees=own.object.canaries)
        answer = si.perform(intrusion.attempt)

        assert not answer.mentions(shown), Text(
            fr=f"une fonction réservée a servi le rôle « {own.actor.role} » (statut "
            f"{answer.status}) ; attendu : un refus, sans rien de l'objet",
            en=f"a reserved function served the role “{own.actor.role}” (status {answer.status}); "
            "expected a refusal, with nothing of the object",
        )
        _refused_or_empty(answer)
    si.control(si.perform(reserved.permitted), sees=shown)


@requirement("AZN-05", reserved=every_reserved_writing, alone=True)
def test_a_reserved_change_is_refused_to_other_roles(si: System, reserved: Reserved) -> None:
    """An administrative change, by who may and then by one actor of each other role."""
    permitted = si.perform(reserved.permitted)
    si.control(permitted)
    si.control(si.perform(reserved.reading), sees=[permitted.unique])

    for intrusion in reserved.intrusions:
        own = intrusion.own
        si.control(si.perform(own), sees=own.object.canaries)
        attempt = si.perform(intrusion.attempt)
        after = si.perform(reserved.reading)

        assert not took_effect(attempt, after), Text(
            fr=f"une modification réservée a pris effet pour le rôle « {own.actor.role} » (statut "
            f"{attempt.status}) ; attendu : un refus, et l'objet inchangé",
            en=f"a reserved change took effect for the role “{own.actor.role}” (status "
            f"{attempt.status}); expected a refusal, and the object unchanged",
        )
        si.denied(attempt, Refusal.OBJECT, Refusal.CREDENTIAL)
        si.control(after, sees=[permitted.unique])
    si.control(si.perform(reserved.permitted))


@requirement("AZN-06", only=every_scoped_reader, alone=True)
def test_a_client_without_the_scope_changes_nothing(si: System, only: OnlyReading) -> None:
    """A token that may only read, and the change that needs another scope."""
    _granted_no_more_than_asked(si, only)
    permitted = si.perform(only.writing.write)
    si.control(permitted)
    si.control(si.perform(only.reading), sees=[permitted.unique])

    attempt = si.perform(only.attempt)
    after = si.perform(only.writing.reading)

    assert not took_effect(attempt, after), Text(
        fr=f"un jeton sans la portée « {only.attempt.operation.scope} » a modifié l'objet (statut "
        f"{attempt.status}) ; attendu : un refus 403, et l'objet inchangé",
        en=f"a token without the scope “{only.attempt.operation.scope}” changed the object (status "
        f"{attempt.status}); expected a refusal 403, and the object unchanged",
    )
    si.denied(attempt, Refusal.OBJECT, Refusal.CREDENTIAL)
    si.control(after, sees=[permitted.unique])
    si.control(si.perform(only.reading))


@requirement("AZN-08", access=every_closed_reading)
def test_an_answer_holds_only_the_declared_fields(si: System, access: Access) -> None:
    """A permitted reading; every field that comes back is one that the manifest names."""
    answer = si.perform(access)
    si.control(answer, sees=access.object.canaries)
    content = answer.json()
    if content is None or answer.truncated:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(fr="la réponse n'est pas du JSON entier", en="the answer isn't whole JSON"),
        )

    more = undeclared(content, access.operation.returns)

    said = ", ".join(path[:60] for path in more[:5])
    assert not more, Text(
        fr=f"la réponse porte des champs que le manifeste ne déclare pas : {said}",
        en=f"the answer carries fields that the manifest doesn't declare: {said}",
    )


@requirement("AZN-08", withheld=every_withheld_field)
def test_a_role_is_not_shown_what_is_withheld_from_it(si: System, withheld: Withheld) -> None:
    """The same object, read by somebody who is shown the field and by somebody who must not be."""
    seen = si.perform(withheld.shown)
    si.control(seen, sees=withheld.shown.object.canaries)
    values = [
        value
        for value in values_at(seen.json(), withheld.field)
        if isinstance(value, str) and len(value) >= _TELLING
    ]
    si.hold(
        bool(values),
        Text(
            fr=f"le champ « {withheld.field} » n'est pas montré à qui peut le voir, ou est trop court",
            en=f"the field “{withheld.field}” isn't shown to who may see it, or is too short",
        ),
        Cause.NO_OBSERVATION,
    )

    answer = si.perform(withheld.kept)
    si.control(answer, sees=withheld.kept.object.canaries)

    held = tuple(texts(answer.json()))
    shown = answer.mentions(values) or any(value in text for text in held for value in values)
    assert not shown, Text(
        fr=f"le champ « {withheld.field} » est montré au rôle « {withheld.kept.actor.role} », à qui "
        "le manifeste le cache",
        en=f"the field “{withheld.field}” is shown to the role “{withheld.kept.actor.role}”, from "
        "whom the manifest withholds it",
    )


def _granted_no_more_than_asked(si: System, only: OnlyReading) -> None:
    """Hold that the reader's token has a known scope, and none that wasn't asked for."""
    asked = getattr(only.reading.actor.authentication, "scope", None) or ""
    granted = si.token(only.reading).scopes
    si.hold(
        granted is not None,
        Text(fr="le lecteur n'a pas obtenu de jeton", en="the reader obtained no token"),
        Cause.PRECONDITION,
    )
    more = sorted(set(granted or ()) - set(asked.split()) - _OF_OPENID_CONNECT)
    said = ", ".join(more[:5])
    si.hold(
        not more,
        Text(
            fr=f"le serveur a accordé une portée qui n'était pas demandée : {said}",
            en=f"the server granted a scope that wasn't asked for: {said}",
        ),
        Cause.PRECONDITION,
    )


def _refused_or_empty(answer: Answer) -> None:
    """Hold that a reading was refused to a role, or that it was answered that there is nothing."""
    if not (answer.served and answer.count == 0):
        settled(answer, Refusal.OBJECT, Refusal.CREDENTIAL)
