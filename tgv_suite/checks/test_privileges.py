"""Privileges: each role, token and request does what was granted to it, and nothing more."""

from __future__ import annotations

from pydantic import JsonValue

from tgv_suite.check import (
    Access,
    Answer,
    AskPerson,
    CannotTell,
    Cause,
    OnlyReading,
    PrivilegedField,
    Refusal,
    Reserved,
    System,
    Text,
    Undescribed,
    Variant,
    Withheld,
    Writing,
    every_closed_reading,
    every_privileged_writing,
    every_reserved_reading,
    every_reserved_writing,
    every_scoped_reader,
    every_service_reading,
    every_undescribed_method,
    every_withheld_field,
    requirement,
    settled,
    texts,
    took_effect,
    unanswered,
    undeclared,
    values_at,
)

_OF_OPENID_CONNECT = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})
_TELLING = 6
_TRACE = Variant(name="trace", method="TRACE", headers=(("X-Tgv-Trace", "{unique}"),))


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


@requirement("AZN-07", writing=every_privileged_writing, alone=True)
def test_a_change_does_not_assign_privileged_fields(si: System, writing: Writing) -> None:
    """A permitted change that carries one more field; what the reading then shows of that field."""
    for field in writing.write.operation.privileged:
        permitted = si.perform(writing.write)
        si.control(permitted)
        before = si.perform(writing.reading)
        si.control(before, sees=[permitted.unique])
        held = values_at(before.json(), field.shown_at or field.name)
        _can_be_told(si, field, held)

        attempt = si.perform(writing.write, variant=_with_field(field, field.value))
        after = si.perform(writing.reading)
        si.control(after)

        now = values_at(after.json(), field.shown_at or field.name)
        if now != held and field.shown_at is None:
            si.perform(writing.write, variant=_with_field(field, held[0]))
        assert now == held, Text(
            fr=f"le champ « {field.name} » a été changé par une modification qui ne le permet pas "
            f"(statut {attempt.status}) ; attendu : le champ ignoré ou la requête refusée",
            en=f"the field “{field.name}” was changed by a change that doesn't allow it (status "
            f"{attempt.status}); expected the field ignored or the request refused",
        )
        _ignored_or_refused(si, writing, field, attempt, after, held)


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


@requirement("AZN-10", undescribed=every_undescribed_method, alone=True)
def test_an_undeclared_method_changes_nothing(si: System, undescribed: Undescribed) -> None:
    """Methods that no operation declares, by somebody who may only read; what the owner then reads."""
    only = undescribed.only
    si.hold(
        not si.perform(only.attempt).served,
        Text(
            fr="l'acteur modifie l'objet par l'opération déclarée, alors que le manifeste ne la lui "
            "permet pas",
            en="the actor changes the object by the declared operation, while the manifest doesn't "
            "permit it to them",
        ),
        Cause.PRECONDITION,
    )
    permitted = si.perform(only.writing.write)
    si.control(permitted)
    si.control(si.perform(only.reading), sees=[permitted.unique])
    before, again = si.perform(only.writing.reading), si.perform(only.writing.reading)
    si.control(before, sees=[permitted.unique])

    for variant in undescribed.variants:
        attempt = si.perform(only.attempt, variant=variant)
        after = si.perform(only.writing.reading)

        assert not took_effect(attempt, after), Text(
            fr=f"une méthode que rien ne déclare a modifié ou effacé l'objet ({variant.name}, statut "
            f"{attempt.status}) ; attendu : un refus, et l'objet inchangé",
            en=f"a method that nothing declares changed or erased the object ({variant.name}, status "
            f"{attempt.status}); expected a refusal, and the object unchanged",
        )
        si.control(after)
        if before.body == again.body != after.body:
            raise AskPerson(
                Text(
                    fr=f"l'objet n'est plus lu comme avant ({variant.name}) : une personne doit dire "
                    "si cette méthode l'a modifié",
                    en=f"the object isn't read as before ({variant.name}): a person has to say "
                    "whether that method changed it",
                )
            )
        _declined(attempt)
    si.control(si.perform(only.reading), sees=[permitted.unique])


@requirement("AZN-10", access=every_service_reading)
def test_a_trace_is_not_echoed(si: System, access: Access) -> None:
    """TRACE, with a header that only this request carries."""
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)

    answer = si.perform(access, variant=_TRACE)

    assert not (answer.served and answer.mentions([answer.unique])), Text(
        fr=f"TRACE renvoie les en-têtes de la requête, jeton compris (statut {answer.status}) ; "
        "attendu : 405 ou 501",
        en=f"TRACE sends the request's headers back, the token among them (status {answer.status}); "
        "expected 405 or 501",
    )
    _declined(answer)
    si.control(si.perform(access), sees=shown)


def _with_field(field: PrivilegedField, value: JsonValue) -> Variant:
    """The change with one more field."""
    return Variant(name=f"with-{field.name}", fields=((field.name, value),))


def _can_be_told(si: System, field: PrivilegedField, held: tuple[JsonValue, ...]) -> None:
    """Hold that the reading shows the field once, with another value than the one to try."""
    si.hold(
        len(held) == 1 and held[0] != field.value,
        Text(
            fr=f"la lecture ne montre pas le champ « {field.name} » une fois, avec une autre valeur "
            "que celle à essayer",
            en=f"the reading doesn't show the field “{field.name}” once, with another value than "
            "the one to try",
        ),
        Cause.NO_OBSERVATION,
    )


def _ignored_or_refused(
    si: System,
    writing: Writing,
    field: PrivilegedField,
    attempt: Answer,
    after: Answer,
    held: tuple[JsonValue, ...],
) -> None:
    """Hold that the rest of the change was made, or that the field itself was refused.

    A request that is called malformed may be so for the field's value: only when its present value
    is refused as well is it the field that isn't taken.
    """
    if attempt.served:
        si.control(after, sees=[attempt.unique])
    elif attempt.refused(Refusal.INPUT) and field.shown_at is None:
        settled(si.perform(writing.write, variant=_with_field(field, held[0])), Refusal.INPUT)
    else:
        settled(attempt, Refusal.OBJECT)


def _declined(answer: Answer) -> None:
    """Hold that a method was answered by the system itself: any 4xx, a 501, or a harmless 2xx."""
    said = answer.status or 0
    if not (answer.served or said == 501 or (400 <= said < 500 and said not in (408, 429))):
        raise unanswered(answer, Text(fr="la méthode non déclarée", en="the undeclared method"))


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
