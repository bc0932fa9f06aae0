"""Values that try to become a part of a query: what is sent, and what is made of the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from tests.unit.answers import answer
from tests.unit.test_subjects import found, note, reading, target
from tgv_suite.check import Injection, System
from tgv_suite.claims import AskPerson, CannotTell, Violation
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.facts import Answer
from tgv_suite.model.target import Operation, OperationKind, Target
from tgv_suite.probes.template import fill
from tgv_suite.registry import discover
from tgv_suite.subjects.injection import beyond, echoless, every_injectable_reading
from tgv_suite.system import Call, Probes
from tgv_suite.witness import LiveWitness

CHECK = next(check.function for check in discover() if check.id.startswith("injection."))


def search(path: str = "/notes?of={object}", **more: object) -> Operation:
    return reading(kind=OperationKind.SEARCH, path=path, **more)


def injection(operation: Operation, locator: str | None = None) -> tuple[Target, Injection]:
    own, other = note("clinic-a"), note("clinic-b")
    own = own if locator is None else replace(own, locator=locator)
    told = target({"note-find": operation}, objects={"note-a": own, "note-b": other})
    (subject,) = found(every_injectable_reading(told))
    assert isinstance(subject, Injection)
    return told, subject


def sent(operation: Operation, locator: str | None = None) -> dict[str, str]:
    """The address and the body of each altered request, by its name."""
    told, subject = injection(operation, locator)
    variants = [one for pair in subject.predicates for one in (pair.true, pair.false)]
    filled = {v.name: fill(told, operation, subject.own.object_id, v) for v in variants}
    return {name: one.path + (one.body or b"").decode() for name, one in filled.items()}


# --- What is sent ---------------------------------------------------------------------------


def test_a_segment_of_a_path_is_followed_by_what_a_query_could_read() -> None:
    assert sent(reading()) == {
        "concatenation-object-true": "/notes/id-cl%27%7C%7C%27inic-a",
        "concatenation-object-false": "/notes/id-cl%7C%27%27%7Cinic-a",
        "addition-object-true": "/notes/id-cl%27%2B%27inic-a",
        "addition-object-false": "/notes/id-cl%2B%27%27%2Binic-a",
        "adjacence-object-true": "/notes/id-cl%27%20%27inic-a",
        "adjacence-object-false": "/notes/id-cl%27%27%20inic-a",
        "sql-predicate-object-true": "/notes/id-clinic-a%27%20or%20%2749131%27%3D%2749131",
        "sql-predicate-object-false": "/notes/id-clinic-a%27%20or%20%2749131%27%3D%2749137",
        "quote-object-true": "/notes/id-clinic-a%27",
        "quote-object-false": "/notes/id-clinic-a%27%27",
    }


def test_a_parameter_is_also_replaced_by_an_operator_and_by_a_wildcard() -> None:
    requests = sent(search("/notes?of={object}&_sort=date"))
    assert requests["quote-of-true"] == "/notes?of=id-clinic-a%27&_sort=date"
    assert requests["quote-_sort-true"] == "/notes?of=id-clinic-a&_sort=date%27"
    assert requests["operator-of-true"] == "/notes?of%5B%24gte%5D=000049131&_sort=date"
    assert requests["operator-of-false"] == "/notes?of%5B%24gte%5D=zzzz49137&_sort=date"
    assert requests["wildcard-of-true"] == "/notes?of=%2A&_sort=date"
    assert requests["wildcard-of-false"] == "/notes?of=zzzz49137%2A&_sort=date"


def test_a_form_and_a_json_body_are_altered_where_they_carry_the_value() -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    posted = search("/notes/_search", method="POST", body="of={object}", headers=form)
    assert sent(posted)["quote-of-true"] == "/notes/_searchof=id-clinic-a%27"
    assert sent(posted)["addition-of-true"] == "/notes/_searchof=id-cl%27%2B%27inic-a"
    asked = search("/notes/_search", method="POST", body={"of": "{object}", "page": 1})
    assembled = """/notes/_search{"of": "id-cl'||'inic-a", "page": 1}"""
    assert sent(asked)["concatenation-of-true"] == assembled
    assert sent(asked)["quote-of-false"] == """/notes/_search{"of": "id-clinic-a''", "page": 1}"""
    operated = sent(asked)["operator-of-true"]
    assert operated == '/notes/_search{"of": {"$gte": "000049131"}, "page": 1}'


def test_only_a_number_is_followed_by_a_condition_without_quotes() -> None:
    assert sent(search("/notes?of={object}&_count=20"))["sql-number-_count-true"].endswith(
        "_count=20%20or%2049131%3D49131"
    )
    assert not any(name.startswith("sql-number-of") for name in sent(search()))


def test_a_number_is_also_written_as_the_difference_that_it_is() -> None:
    requests = sent(search("/notes?page=2&of={object}"), locator="5")
    assert requests["subtraction-of-true"] == "/notes?page=2&of=12-7"
    assert requests["subtraction-of-false"] == "/notes?page=2&of=12%2B7"
    assert "concatenation-of-true" not in requests


def test_what_an_actor_owns_nothing_of_is_beyond_them() -> None:
    told, subject = injection(search())
    assert beyond(told, subject.own) == ("zzt-marque-clinic-b",)


# --- What is made of it ---------------------------------------------------------------------


class Answering:
    """Answers each permitted reading with its object, and each altered one as a test says."""

    def __init__(self, told: Target, altered: Callable[[str, int], tuple[int, str]]) -> None:
        self._target = told
        self._altered = altered
        self._asked: dict[str, int] = {}

    def perform(self, call: Call) -> Answer:
        status, body = 200, self._target.objects[call.object].canaries[0]
        if call.variant is not None:
            name = call.variant.name
            self._asked[name] = self._asked.get(name, 0) + 1
            status, body = self._altered(name, self._asked[name])
        elif call.actor not in self._target.objects[call.object].owners:
            status, body = 404, ""
        return answer(status, body, actor=call.actor, credential=call.credential.value, url="")


def judged(altered: Callable[[str, int], tuple[int, str]]) -> None:
    told, subject = injection(search())
    witness = LiveWitness(cast(Probes, Answering(told, altered)), lambda value: value)
    CHECK(System(told, Parameters(), witness), injection=subject)


def test_answers_that_are_all_alike_but_for_their_echo_pass() -> None:
    def echoing(name: str, _: int) -> tuple[int, str]:
        number = "49131" if name.endswith("-true") else "49137"
        quotes = "&#39;" if name == "quote-of-true" else "&#39;&#39;"
        return 400, f"bad value: x{quotes} OR {number}"

    judged(echoing)


def test_another_persons_record_shown_each_time_fails() -> None:
    def showing(name: str, _: int) -> tuple[int, str]:
        return 200, "zzt-marque-clinic-b" if name == "sql-predicate-of-true" else "none"

    with pytest.raises(Violation, match="sql-predicate-of"):
        judged(showing)


OWN = "zzt-marque-clinic-a"


def test_a_record_shown_for_an_expression_that_only_a_query_works_out_fails() -> None:
    def working_out(name: str, _: int) -> tuple[int, str]:
        return (200, OWN) if name == "concatenation-of-true" else (404, "")

    with pytest.raises(Violation, match="concatenation-of"):
        judged(working_out)


def test_a_search_that_finds_the_record_whatever_the_signs_between_its_pieces_passes() -> None:
    judged(lambda name, _: (200, OWN) if "-of-" in name else (404, ""))


def test_a_record_shown_for_a_predicate_goes_to_a_person() -> None:
    with pytest.raises(AskPerson, match="sql-predicate-of"):
        judged(lambda name, _: (200, OWN) if name == "sql-predicate-of-true" else (404, ""))


def test_a_database_that_complains_of_a_quote_each_time_fails() -> None:
    def complaining(name: str, _: int) -> tuple[int, str]:
        said = 'ERROR: unterminated quoted string at or near "'
        return (500, said) if name == "quote-of-true" else (404, "")

    with pytest.raises(Violation, match="quote-of"):
        judged(complaining)


@pytest.mark.parametrize(("status", "body"), [(500, "an error"), (404, "something else")])
def test_any_other_difference_that_repeats_itself_goes_to_a_person(status: int, body: str) -> None:
    with pytest.raises(AskPerson, match="quote-of"):
        judged(lambda name, _: (status, body) if name == "quote-of-true" else (404, ""))


def test_a_difference_that_does_not_repeat_itself_is_none() -> None:
    judged(lambda name, turn: (500, "") if name == "quote-of-true" and turn == 2 else (404, ""))


def test_nothing_is_concluded_of_a_system_that_is_overloaded_or_never_says_the_same_twice() -> None:
    with pytest.raises(CannotTell):
        judged(lambda *_: (503, ""))
    count = iter(range(1000))
    with pytest.raises(CannotTell):
        judged(lambda *_: (200, f"text {next(count)}"))


@pytest.mark.parametrize("quote", ["'", "%27", "&#39;", "&#x27;", "&apos;", "\\u0027"])
def test_a_quote_is_told_from_two_nowhere(quote: str) -> None:
    assert echoless(f"x{quote}{quote} 49137") == echoless(f"x{quote} 49131")
