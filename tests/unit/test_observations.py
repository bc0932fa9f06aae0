"""Observations: written so that a person reads them and a program judges them again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tgv_suite.evidence.observations import (
    folder_of,
    har,
    read_tape,
    readable,
    slug,
    write_case,
    write_session,
)
from tgv_suite.judge import Judged
from tgv_suite.model.facts import Answer, Failure, Request
from tgv_suite.model.results import CheckResult, Verdict
from tgv_suite.plan import PlannedCase
from tgv_suite.text import Text
from tgv_suite.witness import FACTS, Recorded, reread

HOSTILE = "\x1b[2J\u202e<script>\x00é\r\n\r\nHTTP 200"


def answer(body: str = '{"é": 1}', failure: Failure | None = None) -> Answer:
    return Answer(
        actor="clinic-a",
        credential="own",
        request=Request(
            method="POST", url="https://si.test/a", headers=(("Content-Type", "a/b"),), body="asked"
        ),
        unique="",
        status=None if failure else 403,
        headers=() if failure else (("X-A", "1"), ("Location", "/b")),
        body=body,
        truncated=True,
        failure=failure,
        detail="why" if failure else "",
        sent_at="2026-01-02T03:04:05.000+00:00",
        elapsed_s=0.25,
    )


def recorded(fact: Answer, label: str = "control: clinic-a / x", ordinal: int = 1) -> Recorded:
    content = FACTS["Answer"].dump_python(fact, mode="json")
    return Recorded(label=label, ordinal=ordinal, kind="Answer", fact=content)


@pytest.fixture
def case() -> PlannedCase:
    made = PlannedCase.__new__(PlannedCase)
    for name, value in (("requirement", "AZN-03"), ("check", "m.c"), ("subject", "a/../b é")):
        object.__setattr__(made, name, value)
    return made


def judged(case: PlannedCase, *facts: Recorded) -> Judged:
    result = CheckResult(
        id="m.c",
        subject=case.subject,
        verdict=Verdict.PASS,
        cause=None,
        reason=Text(fr="vu", en="seen"),
        elapsed_s=0.1,
    )
    return Judged(case=case, result=result, recorded=facts, fault=None)


def test_a_case_is_read_back_as_it_was_recorded(case: PlannedCase, tmp_path: Path) -> None:
    facts = (recorded(answer(HOSTILE)), recorded(answer(failure=Failure.TIMEOUT), ordinal=2))

    names = write_case(tmp_path, judged(case, *facts))

    tape = read_tape(tmp_path, case)
    assert tape is not None
    assert tape.facts == facts
    assert reread(tape.facts[0]) == answer(HOSTILE)
    assert all((tmp_path / name).is_file() for name in names)
    assert len(set(names)) == 2


def test_a_case_without_a_record_has_none(case: PlannedCase, tmp_path: Path) -> None:
    assert read_tape(tmp_path, case) is None


def test_a_subject_never_leaves_its_folder(case: PlannedCase) -> None:
    assert folder_of(case) == "observations/AZN-03/m.c/a_.._b__"
    assert slug("../../etc/passwd") == ".._.._etc_passwd"
    assert len(slug("x" * 500)) == 120
    assert slug("") == "_"


def test_an_exchange_is_readable_as_it_looks_on_the_wire() -> None:
    text = readable(recorded(answer()))

    assert "clinic-a  (own)  0.25 s" in text
    assert "POST https://si.test/a\nContent-Type: a/b\n\nasked" in text
    assert 'HTTP 403\nX-A: 1\nLocation: /b\n\n{"é": 1}' in text
    assert "truncated" in text


def test_a_failure_is_told_in_the_place_of_an_answer() -> None:
    text = readable(recorded(answer(failure=Failure.TIMEOUT)))

    assert "! timeout why" in text
    assert "HTTP None" not in text


def test_the_har_is_har_1_2_and_holds_each_exchange(tmp_path: Path) -> None:
    write_session(tmp_path, [])
    assert not (tmp_path / "observations").exists()
    write_session(tmp_path, [answer(HOSTILE), answer(failure=Failure.UNREACHABLE)])

    content = (tmp_path / "observations" / "session" / "exchanges.har").read_text("utf-8")

    log = json.loads(content)["log"]
    assert content == har([answer(HOSTILE), answer(failure=Failure.UNREACHABLE)])
    assert log["version"] == "1.2"
    first, second = log["entries"]
    assert first["request"]["postData"]["text"] == "asked"
    assert first["response"]["content"]["text"] == HOSTILE
    assert (first["response"]["status"], first["response"]["redirectURL"]) == (403, "/b")
    assert (second["response"]["status"], second["response"]["statusText"]) == (0, "unreachable")
