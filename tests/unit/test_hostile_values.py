"""What is made of the answers to hostile bodies and values: neither a flaw missed nor a wrong accusation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.unit.answers import answer
from tests.unit.test_subjects import change, found, reading, target
from tgv_suite.check import System
from tgv_suite.claims import AskPerson, CannotTell, NotApplicable, Violation
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.facts import Answer, EntityFact, LeftoverFact
from tgv_suite.model.framing import Framing
from tgv_suite.model.results import Cause
from tgv_suite.model.variant import Variant
from tgv_suite.registry import discover
from tgv_suite.subjects.evaluation import every_effort, every_evaluable_value
from tgv_suite.subjects.subject import Front
from tgv_suite.subjects.xml_bodies import every_nestable_writing, every_xml_consumer
from tgv_suite.system import Call, Probes
from tgv_suite.witness import LiveWitness

CHECKS = {check.id.partition(".")[2]: check for check in discover()}
LOOKS_UP = "no_document_makes_the_system_look_up_another"
EXPANDS = "a_document_that_expands_ten_thousand_times_is_refused"
NESTED = "a_json_body_nested_ten_thousand_deep_is_not_kept"
EVALUATES = "no_value_is_evaluated_as_a_template_or_a_command"
LONG = "a_short_value_takes_no_long_time"
MIXED = "no_request_is_answered_what_another_one_began"
SOAP = {"body": "<a><b>{unique}</b></a>", "headers": {"Content-Type": "text/xml"}}
TOLD = {
    "json": target({"note-change": change(), "note-read": reading()}),
    "xml": target({"note-change": change(**SOAP), "note-read": reading()}),
}
SUBJECTS = {
    LOOKS_UP: ("consumer", every_xml_consumer),
    EXPANDS: ("consumer", every_xml_consumer),
    NESTED: ("nested", every_nestable_writing),
    EVALUATES: ("evaluation", every_evaluable_value),
    LONG: ("effort", every_effort),
}
Said = tuple[int, bool, float]
"""A status, whether the write takes effect, and how long it takes in seconds."""


class Storing:
    """A system that stores what it is sent, and treats each altered write as a test says."""

    def __init__(self, altered: Callable[[Variant, int], Said], **entity: Any) -> None:
        self._altered = altered
        self._entity = entity
        self._asked: dict[str, int] = {}
        self._stored = ""
        self._serial = 0

    def perform(self, call: Call) -> Answer:
        if call.operation == "note-read" and call.variant is None:
            return _answer(200, self._stored, "", 0.01)
        self._serial += 1
        unique = f"zzt-{self._serial}"
        status, effective, elapsed_s = 200, True, 0.01
        if call.variant is not None:
            name = call.variant.name
            self._asked[name] = self._asked.get(name, 0) + 1
            status, effective, elapsed_s = self._altered(call.variant, self._asked[name])
        if effective:
            self._stored = unique
        return _answer(status, "", unique, elapsed_s)

    def entity(self, sent: Call, reading: Call) -> EntityFact:
        name = "" if sent.variant is None else sent.variant.name
        told = {"status": 400, "failure": None, "listening": True, "alive": True, "called": False}
        return EntityFact(name=name, **{**told, "content": None, **self._entity})


def _answer(status: int, body: str, unique: str, elapsed_s: float) -> Answer:
    return answer(status, body, actor="clinic-a", url="", unique=unique, elapsed_s=elapsed_s)


def judged(
    check: str, altered: Callable[[Variant, int], Said], form: str = "json", **entity: Any
) -> System:
    argument, subjects = SUBJECTS[check]
    subject = found(subjects(TOLD[form]))[-1]
    witness = LiveWitness(cast(Probes, Storing(altered, **entity)), lambda value: value)
    system = System(TOLD[form], Parameters(), witness)
    CHECKS[check].function(system, **{argument: subject})
    return system


def refusing(variant: Variant, _: int) -> Said:
    return (200, True, 0.01) if variant.name == "in-xml" else (400, False, 0.01)


def expanding(variant: Variant, _: int) -> Said:
    return 200, variant.name in ("in-xml", "internal-entity"), 0.01


@pytest.mark.parametrize("status", [400, 415])
def test_a_json_service_that_takes_no_xml_is_not_concerned_by_it(status: int) -> None:
    for check in (LOOKS_UP, EXPANDS):
        with pytest.raises(NotApplicable):
            judged(check, lambda *_: (status, False, 0.01))


def test_a_service_that_answers_everything_with_success_and_stores_nothing_takes_no_xml() -> None:
    with pytest.raises(NotApplicable):
        judged(LOOKS_UP, lambda *_: (200, False, 0.01))


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_what_proves_no_refusal_leaves_xml_undecided(status: int) -> None:
    with pytest.raises(CannotTell):
        judged(LOOKS_UP, lambda *_: (status, False, 0.01))


def test_a_change_that_is_declared_in_xml_has_to_be_taken_in_xml() -> None:
    with pytest.raises(CannotTell):
        judged(LOOKS_UP, lambda *_: (415, False, 0.01), "xml")
    assert judged(LOOKS_UP, refusing, "xml").controls > 0


def test_a_call_from_a_service_that_refuses_the_document_fails_all_the_same() -> None:
    with pytest.raises(Violation, match="general-entity"):
        judged(LOOKS_UP, lambda *_: (400, False, 0.01), called=True)


def test_internal_entities_are_noted_and_need_a_listener_that_hears() -> None:
    assert len(judged(LOOKS_UP, expanding, status=200).notes) == 1
    assert not judged(LOOKS_UP, refusing).notes
    assert judged(LOOKS_UP, refusing, listening=False, alive=False).controls > 0
    with pytest.raises(CannotTell) as caught:
        judged(LOOKS_UP, expanding, status=200, listening=False, alive=False)
    assert caught.value.cause is Cause.PRECONDITION


SOAP_READING = reading(
    method="POST", body="<a>{object}</a>", headers={"Content-Type": "application/soap+xml"}
)


class Asking(Storing):
    """A system that is asked in XML, and shows its object to whom it understands."""

    def perform(self, call: Call) -> Answer:
        name = "" if call.variant is None else call.variant.name
        understood = name in ("", "in-xml") or (name == "internal-entity" and bool(self._entity))
        return _answer(200 if understood else 400, "zzt-marque-clinic-a" * understood, "", 0.01)


def asked(check: str, **entity: Any) -> System:
    told = target({"note-find": SOAP_READING})
    (subject,) = found(every_xml_consumer(told))
    witness = LiveWitness(cast(Probes, Asking(refusing, **entity)), lambda value: value)
    system = System(told, Parameters(), witness)
    CHECKS[check].function(system, consumer=subject)
    return system


def test_a_reading_in_xml_is_judged_by_what_it_shows() -> None:
    for check in (LOOKS_UP, EXPANDS):
        assert asked(check).controls > 0
    assert len(asked(LOOKS_UP, status=200).notes) == 1
    with pytest.raises(Violation, match="passwd"):
        asked(LOOKS_UP, content="passwd")


def test_a_bomb_that_is_taken_without_being_expanded_is_no_flaw() -> None:
    assert judged(EXPANDS, expanding).controls > 0
    with pytest.raises(Violation, match="ten thousand times"):
        judged(EXPANDS, lambda *_: (200, True, 0.01))


def test_a_bomb_that_keeps_the_system_busy_is_left_to_a_person() -> None:
    def slow(variant: Variant, time: int) -> Said:
        return (400, False, 6.0) if variant.name == "bomb" else refusing(variant, time)

    with pytest.raises(AskPerson):
        judged(EXPANDS, slow)


def test_a_server_error_at_a_nested_body_is_left_to_a_person_and_counts_only_twice() -> None:
    with pytest.raises(AskPerson):
        judged(NESTED, lambda *_: (500, False, 0.01))
    with pytest.raises(CannotTell):
        judged(NESTED, lambda _, time: (500 if time == 1 else 400, False, 0.01))
    for status in (400, 413, 200):
        assert judged(NESTED, lambda *_, said=status: (said, False, 0.01)).controls > 0


def waiting(on: Callable[[int], bool]) -> Callable[[Variant, int], Said]:
    """A command waits the times that are said, and everything else is quick."""

    def answer(variant: Variant, time: int) -> Said:
        late = variant.name == "after-a-semicolon-body-2-s" and on(time)
        return 200, True, 2.01 if late else 0.02

    return answer


def test_a_command_that_waits_each_time_fails_and_one_that_waits_most_times_does_not() -> None:
    with pytest.raises(Violation, match="after-a-semicolon"):
        judged(EVALUATES, waiting(lambda time: True))
    assert judged(EVALUATES, waiting(lambda time: time < 4)).controls > 0


def test_a_system_that_is_slow_by_itself_is_not_accused_of_waiting() -> None:
    assert judged(EVALUATES, lambda *_: (200, True, 2.5)).controls > 0


def test_a_server_error_at_a_value_leaves_open_whether_it_was_evaluated() -> None:
    def failing(variant: Variant, _: int) -> Said:
        return (500, False, 0.01) if variant.name.startswith("tag-") else (400, False, 0.01)

    with pytest.raises(CannotTell):
        judged(EVALUATES, failing)
    assert judged(EVALUATES, lambda *_: (422, False, 0.01)).controls > 0


def growing(factor: float, *, usual_s: float = 0.01) -> Callable[[Variant, int], Said]:
    """The time of a value of letters doubles with each character; that of the others stays."""

    def answer(variant: Variant, time: int) -> Said:
        *_, length, end = variant.name.split("-")
        letters = variant.name.startswith("letters") and end == "last"
        return 200, True, usual_s + (factor * 2.0 ** (int(length) - 30) if letters else 0)

    return answer


def test_a_value_whose_time_doubles_is_caught_before_it_takes_seconds() -> None:
    with pytest.raises(Violation, match="letters-body-26"):
        judged(LONG, growing(20.0))
    assert judged(LONG, growing(0.3)).controls > 0


def test_one_slow_answer_is_no_slow_pattern() -> None:
    def stalling(variant: Variant, time: int) -> Said:
        return 200, True, 5.0 if variant.name.endswith("-last") and time == 1 else 0.02

    assert judged(LONG, stalling).controls > 0


def test_nothing_longer_is_tried_of_a_system_that_is_slow_by_itself() -> None:
    with pytest.raises(CannotTell):
        judged(LONG, lambda *_: (200, True, 2.5))


# --- Where a request ends -------------------------------------------------------------------


class Fronting:
    """A front, and what it answers to plain requests after each framing."""

    def __init__(self, after: Callable[[Framing, int], tuple[int | None, ...]]) -> None:
        self._after = after
        self._asked: dict[Framing, int] = {}

    def leftover(self, url: str, framing: Framing) -> LeftoverFact:
        self._asked[framing] = self._asked.get(framing, 0) + 1
        status = None if framing is Framing.ABSENT else 400
        following = self._after(framing, self._asked[framing])
        return LeftoverFact(
            framing=framing, status=status, failure=None, next=following, next_failure=None
        )


def framed(after: Callable[[Framing, int], tuple[int | None, ...]]) -> System:
    witness = LiveWitness(cast(Probes, Fronting(after)), lambda value: value)
    system = System(TOLD["json"], Parameters(), witness)
    CHECKS[MIXED].function(system, front=Front(service_id="api", url="https://localhost/zzt"))
    return system


def on(framing: Framing, *said: int, times: int = 9) -> Callable[[Framing, int], tuple[int, ...]]:
    return lambda asked, time: said if asked is framing and time <= times else (200, 200, 200)


def test_an_answer_to_what_another_request_began_fails_when_it_comes_twice() -> None:
    mixed = Framing.LENGTH_AND_CHUNKS
    with pytest.raises(Violation, match=f"{mixed} \\(400\\), instead of 200"):
        framed(on(mixed, 400, 200, 200))
    assert framed(on(mixed, 400, 200, 200, times=1)).controls > 0


@pytest.mark.parametrize("status", [429, 502, 503])
def test_neither_a_limit_nor_an_outage_is_an_answer_to_another_request(status: int) -> None:
    assert framed(on(Framing.CHUNKS_AND_LENGTH, status, status, 200)).controls > 0


def test_a_firewall_that_shuts_us_out_afterwards_accuses_nobody() -> None:
    shut = [False]

    def answer(framing: Framing, _: int) -> tuple[int, ...]:
        shut[0] = shut[0] or framing is Framing.LENGTH_AND_CHUNKS
        return (403, 403, 403) if shut[0] else (200, 200, 200)

    with pytest.raises(CannotTell):
        framed(answer)


@pytest.mark.parametrize("usual", [(200, 404, 200), (400, 400, 400), (503, 503, 503)])
def test_an_address_whose_answer_tells_nothing_proves_nothing(usual: tuple[int, ...]) -> None:
    with pytest.raises(CannotTell):
        framed(lambda *_: usual)
