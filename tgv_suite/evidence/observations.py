"""What was seen, written as evidence: exchanges that a person can read, HAR, and the facts."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

from harfile import Content, Creator, HarFile, PostData, Record, Response, Timings
from harfile import Request as HarRequest
from pydantic import TypeAdapter

from tgv_suite import __version__
from tgv_suite.judge import Judged
from tgv_suite.model.facts import Answer
from tgv_suite.plan import PlannedCase
from tgv_suite.witness import Recorded, Tape, reread

FACTS_FILE = "facts.json"
TAPE = TypeAdapter(Tape)


def folder_of(case: PlannedCase) -> str:
    """Where a case's observations stand in a bundle."""
    return f"observations/{case.requirement}/{case.check}/{slug(case.subject)}"


def slug(name: str) -> str:
    """A subject's name as a file name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[:120] or "_"


def write_case(bundle: Path, judged: Judged) -> tuple[str, ...]:
    """Write a case's observations, and say where its readable exchanges are.

    Parameters
    ----------
    bundle:
        The bundle's folder.
    judged:
        The case with its facts, redacted when they were recorded.
    """
    folder = bundle / folder_of(judged.case)
    folder.mkdir(parents=True, exist_ok=True)
    tape = TAPE.dump_json(Tape(facts=judged.recorded), indent=1)
    (folder / FACTS_FILE).write_bytes(tape)
    answers = [fact for item in judged.recorded if isinstance(fact := reread(item), Answer)]
    if answers:
        (folder / "exchanges.har").write_text(har(answers), encoding="utf-8")
    names = []
    for number, item in enumerate(judged.recorded, 1):
        name = f"{number:02d}-{slug(item.label)}.txt"
        (folder / name).write_text(readable(item), encoding="utf-8")
        names.append(f"{folder_of(judged.case)}/{name}")
    return tuple(names)


def read_tape(bundle: Path, case: PlannedCase) -> Tape | None:
    """The facts of a case, or None when the bundle has none."""
    path = bundle / folder_of(case) / FACTS_FILE
    return TAPE.validate_json(path.read_bytes()) if path.is_file() else None


def write_session(bundle: Path, answers: Sequence[Answer]) -> None:
    """Write the exchanges that belong to no check: metadata and tokens."""
    if answers:
        folder = bundle / "observations" / "session"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "exchanges.har").write_text(har(answers), encoding="utf-8")


def readable(item: Recorded) -> str:
    """One fact as a person reads it: HTTP as it looks on the wire, else the fact's fields."""
    fact = reread(item)
    if isinstance(fact, Answer):
        return _exchange(fact)
    return json.dumps(item.fact, indent=2, ensure_ascii=False) + "\n"


def _exchange(answer: Answer) -> str:
    request = answer.request
    lines = [f"# {answer.sent_at}  {answer.actor}  ({answer.credential})  {answer.elapsed_s} s", ""]
    lines += [f"{request.method} {request.url}", *_headers(request.headers), "", request.body]
    lines += ["", "─" * 40, ""]
    if answer.failure is not None:
        lines.append(f"! {answer.failure} {answer.detail}".rstrip())
    else:
        lines += [f"HTTP {answer.status}", *_headers(answer.headers), "", answer.body]
    if answer.truncated:
        lines.append("… (tronqué / truncated)")
    return "\n".join(lines) + "\n"


def _headers(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name}: {value}" for name, value in pairs]


def har(answers: Sequence[Answer]) -> str:
    """Exchanges as HAR 1.2, for readers; judging again uses the facts."""
    buffer = io.StringIO()
    with HarFile.open(buffer, creator=Creator(name="tgv", version=__version__)) as file:
        for answer in answers:
            milliseconds = round(answer.elapsed_s * 1000, 1)
            file.add_entry(
                startedDateTime=answer.sent_at,
                time=milliseconds,
                request=_har_request(answer),
                response=_har_response(answer),
                timings=Timings(send=0, wait=milliseconds, receive=0),
                comment=f"{answer.actor} ({answer.credential})",
            )
    return buffer.getvalue()


def _har_request(answer: Answer) -> HarRequest:
    request = answer.request
    kind = next((v for k, v in request.headers if k.lower() == "content-type"), "")
    return HarRequest(
        method=request.method,
        url=request.url,
        httpVersion="HTTP/1.1",
        headers=[Record(name=name, value=value) for name, value in request.headers],
        postData=PostData(mimeType=kind, text=request.body) if request.body else None,
    )


def _har_response(answer: Answer) -> Response:
    return Response(
        status=answer.status or 0,
        statusText=answer.failure or "",
        httpVersion="HTTP/1.1",
        headers=[Record(name=name, value=value) for name, value in answer.headers],
        content=Content(
            size=len(answer.body), mimeType=answer.header("content-type") or "", text=answer.body
        ),
        redirectURL=answer.header("location") or "",
    )
