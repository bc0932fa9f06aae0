"""XML and nesting: a body is never more to its parser than what it holds itself."""

from __future__ import annotations

from tgv_suite.check import (
    Answer,
    AskPerson,
    CannotTell,
    Cause,
    Nested,
    NotApplicable,
    Refusal,
    System,
    Text,
    Variant,
    Writing,
    XmlConsumer,
    cause_of,
    every_nestable_writing,
    every_xml_consumer,
    requirement,
    settled,
    unanswered,
)
from tgv_suite.model.facts import EntityFact, Failure

_SLOW_S = 5.0
_NOT_TAKEN = (400, 404, 405, 406, 415, 422)
_NESTED = "[" * 1000
_OVERLOADED = (408, 429)


@requirement("ENT-02", consumer=every_xml_consumer, alone=True)
def test_no_document_makes_the_system_look_up_another(si: System, consumer: XmlConsumer) -> None:
    """The permitted request in XML, then with references to our listener and to harmless files."""
    _as_it_is(si, consumer)
    plain, shown = _tried(si, consumer, consumer.plain)
    _, expanded = _tried(si, consumer, consumer.internal)

    looked_up = [si.entity(consumer, variant) for variant in consumer.external]

    _as_it_is(si, consumer)
    called = ", ".join(one.name for one in looked_up if one.called)
    assert not called, Text(
        fr=f"l'analyseur XML du SI a appelé une adresse que le document lui donnait ({called}) ; "
        "attendu : un document refusé, ou une référence ignorée",
        en=f"the system's XML parser called an address that the document gave it ({called}); expected "
        "a document refused, or a reference ignored",
    )
    given = ", ".join(f"{one.content} ({one.name})" for one in looked_up if one.content)
    assert not given, Text(
        fr=f"l'analyseur XML du SI a ouvert un fichier de la machine, qui est ensuite montré ({given}) "
        "; attendu : un document refusé, ou une référence ignorée",
        en=f"the system's XML parser opened a file of the machine, which is then shown ({given}); "
        "expected a document refused, or a reference ignored",
    )
    _takes_xml(consumer, plain, shown=shown)
    for one in looked_up:
        _answered(one)
    _told_of_entities(si, looked_up, expanded=expanded)


@requirement("ENT-03", consumer=every_xml_consumer, alone=True)
def test_a_document_that_expands_ten_thousand_times_is_refused(
    si: System, consumer: XmlConsumer
) -> None:
    """The permitted request in XML, then with its value beside ten thousand expansions of nothing."""
    _as_it_is(si, consumer)
    plain, shown = _tried(si, consumer, consumer.plain)

    bomb, expanded = _tried(si, consumer, consumer.bomb)

    _as_it_is(si, consumer)
    assert not expanded, Text(
        fr=f"un document XML dont les entités se développent dix mille fois a été pris (statut "
        f"{bomb.status}) ; attendu : un document refusé, ou des entités non développées",
        en=f"an XML document whose entities expand ten thousand times was taken (status {bomb.status}); "
        "expected a document refused, or entities not expanded",
    )
    _takes_xml(consumer, plain, shown=shown)
    _soon_refused(bomb)


@requirement("ENT-03", nested=every_nestable_writing, alone=True)
def test_a_json_body_nested_ten_thousand_deep_is_not_kept(si: System, nested: Nested) -> None:
    """The permitted change in JSON, then with a list in a list in its value, and so on."""
    writing = nested.writing
    _changed(si, writing)

    first = si.perform(writing.write, variant=nested.deep)
    after = si.perform(writing.reading)
    _changed(si, writing)
    again = si.perform(writing.write, variant=nested.deep)

    _changed(si, writing)
    assert _NESTED not in after.body, Text(
        fr=f"une valeur JSON de dix mille niveaux a été enregistrée (statut {first.status}), et la "
        "lecture la rend telle quelle à des systèmes qui ne pourront la lire ; attendu : 400, 413 ou 422",
        en=f"a JSON value of ten thousand levels was stored (status {first.status}), and the reading "
        "gives it back as it is to systems that won't be able to read it; expected 400, 413 or 422",
    )
    si.control(after)
    _left_to_a_person(first, again)
    for attempt in (first, again):
        _soon_refused(attempt)


def _changed(si: System, writing: Writing) -> None:
    """The permitted change: taken, and shown."""
    permitted = si.perform(writing.write)
    si.control(permitted)
    si.control(si.perform(writing.reading), sees=[permitted.unique])


def _as_it_is(si: System, consumer: XmlConsumer) -> None:
    """The permitted request, as it is declared: it shows its object, or its effect is shown."""
    if consumer.reads:
        si.control(si.perform(consumer.access), sees=consumer.access.object.canaries)
        return
    _changed(si, Writing(write=consumer.access, reading=consumer.shown_by))


def _tried(si: System, consumer: XmlConsumer, variant: Variant) -> tuple[Answer, bool]:
    """The request in XML, and whether what it asks for is done: shown to a reading, or stored."""
    answer = si.perform(consumer.access, variant=variant)
    if consumer.reads:
        return answer, answer.mentions(consumer.access.object.canaries)
    return answer, si.perform(consumer.shown_by).mentions([answer.unique])


def _takes_xml(consumer: XmlConsumer, plain: Answer, *, shown: bool) -> None:
    """Hold that the request is taken in XML; where nobody said that it is, it needn't be."""
    if shown:
        return
    if not consumer.declared and (plain.served or plain.status in _NOT_TAKEN):
        raise NotApplicable(
            Text(
                fr=f"le SI ne prend pas cette modification en XML (statut {plain.status}, sans effet)",
                en=f"the system doesn't take this change in XML (status {plain.status}, no effect)",
            )
        )
    raise unanswered(plain, Text(fr="la requête en XML", en="the request in XML"))


def _answered(seen: EntityFact) -> None:
    """Hold that the system took the document, refused it or hung up."""
    said = seen.status or 0
    hung_up = seen.failure is Failure.UNREACHABLE
    if not (hung_up or (200 <= said < 500 and said not in _OVERLOADED)):
        raise CannotTell(
            cause_of(seen.failure),
            Text(
                fr=f"un document n'a pas reçu de réponse utile ({seen.name}, "
                f"{seen.failure or seen.status})",
                en=f"a document got no useful answer ({seen.name}, {seen.failure or seen.status})",
            ),
        )


def _told_of_entities(si: System, looked_up: list[EntityFact], *, expanded: bool) -> None:
    """Tell of a parser that reads document types: that it calls nobody is seen by a listener alone."""
    if not expanded:
        return
    si.note(
        Text(
            fr="l'analyseur XML du SI développe les entités internes d'un document",
            en="the system's XML parser expands a document's internal entities",
        )
    )
    si.hold(
        all(one.listening and one.alive for one in looked_up),
        Text(
            fr="le banc d'essai n'a pas d'adresse que le SI puisse joindre (manifeste : « callback »)",
            en="the harness has no address that the system can reach (manifest: “callback”)",
        ),
        Cause.PRECONDITION,
    )


def _left_to_a_person(first: Answer, again: Answer) -> None:
    """Ask for a person where the server fails at a nested body each time, and goes on serving."""
    if first.server_error and again.server_error:
        raise AskPerson(
            Text(
                fr="un corps JSON de dix mille niveaux provoque une erreur du serveur, deux fois de suite "
                f"(statut {again.status}), et le SI répond ensuite : une personne doit dire si la pile de "
                "l'analyseur peut ainsi être épuisée",
                en="a JSON body of ten thousand levels brings a server error, twice running (status "
                f"{again.status}), and the system answers afterwards: a person has to say whether the "
                "parser's stack can be exhausted that way",
            )
        )


def _soon_refused(attempt: Answer) -> None:
    """Hold that a body was refused, or had no effect, before it kept the system busy."""
    if attempt.elapsed_s >= _SLOW_S:
        raise AskPerson(
            Text(
                fr=f"un corps sans fin a occupé le SI {attempt.elapsed_s:.0f} s : une personne doit dire "
                "s'il peut ainsi être arrêté",
                en=f"a body without end kept the system busy for {attempt.elapsed_s:.0f} s: a person has "
                "to say whether it can be stopped that way",
            )
        )
    if not attempt.served and attempt.failure is not Failure.UNREACHABLE:
        settled(attempt, Refusal.INPUT, Refusal.OBJECT)
