"""What a run creates: known by its identifier, carried as forms are, and never lost from sight."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from email.message import Message
from email.parser import BytesParser
from typing import Any

import pytest

from tests.unit.test_subjects import change, names, reading, target
from tgv_suite.model.facts import Failure
from tgv_suite.model.files import hostile_files, oversized_file, permitted_file
from tgv_suite.model.results import Fate
from tgv_suite.model.target import Creation, Operation, OperationKind, Upload
from tgv_suite.probes.creations import Creations, carrying, identifier_in
from tgv_suite.probes.http import Raw
from tgv_suite.probes.template import Filled
from tgv_suite.subjects.creations import every_bounded_upload, every_upload
from tgv_suite.subjects.subject import Creating, Undeclared

SHOWN_BY = "/notes/{object}/pieces/{created}"
CREATION = Creation(removed_by="remove")


def answered(
    status: int | None, body: bytes = b"", failure: Failure | None = None, **headers: str
) -> Raw:
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Raw(status=status, body=body, headers=told, failure=failure)


@pytest.mark.parametrize(
    ("raw", "shown_by", "expected"),
    [
        (answered(201, Location="https://si/api/notes/7/pieces/a%2Fb"), SHOWN_BY, "a/b"),
        (answered(201, Location="/notes/7/pieces/x/_history/1"), SHOWN_BY, "x"),
        (
            answered(202, Content_Location="https://si/fhir/$export-poll-status?_jobId=j1"),
            "/$export-poll-status?_jobId={created}",
            "j1",
        ),
        (answered(200, b'{"id": 12}'), SHOWN_BY, "12"),
        (answered(303, Location="/elsewhere/p9"), SHOWN_BY, "p9"),
        (answered(200, b"<!doctype html>"), SHOWN_BY, None),
        (answered(200, b'{"id": true}'), SHOWN_BY, None),
    ],
)
def test_an_identifier_is_read_where_systems_say_it(
    raw: Raw, shown_by: str, expected: str | None
) -> None:
    assert identifier_in(raw, CREATION, shown_by) == expected


def test_an_identifier_is_read_where_the_manifest_says_and_nowhere_else() -> None:
    told = Creation(removed_by="remove", identifier="data/key")
    assert identifier_in(answered(200, b'{"id": 1, "data": {"key": "k"}}'), told, SHOWN_BY) == "k"
    assert identifier_in(answered(200, b'{"id": 1}'), told, SHOWN_BY) is None


@pytest.mark.parametrize(
    ("raw", "fates"),
    [
        (answered(201, b'{"id": "i"}'), [("i", Fate.LEFT)]),
        (answered(415), []),
        (answered(None, failure=Failure.HALTED), []),
        (answered(None, failure=Failure.TIMEOUT), [("", Fate.UNKNOWN)]),
        (answered(500), [("", Fate.UNKNOWN)]),
        (answered(200, b"ok"), [("", Fate.UNKNOWN)]),
    ],
)
def test_what_may_have_been_created_is_told_until_it_is_seen_to_be_gone(
    raw: Raw, fates: list[tuple[str, Fate]]
) -> None:
    creations = Creations()
    creations.begin("u", operation="add", actor="clinic-a")
    assert [each.fate for each in creations.told()] == [Fate.UNKNOWN]
    creations.answered("u", raw, CREATION, SHOWN_BY)
    assert [(each.identifier, each.fate) for each in creations.told()] == fates


def test_what_is_gone_is_told_as_removed_and_was_asked_for_by_its_identifier() -> None:
    creations = Creations()
    creations.begin("u", operation="add", actor="clinic-a")
    creations.answered("u", answered(201, b'{"id": "i"}'), CREATION, SHOWN_BY)
    values = (("created", "u"), ("other", "u"))
    assert creations.identified(values) == (("created", "i"), ("other", "u"))
    creations.gone(values)
    assert [each.fate for each in creations.told()] == [Fate.REMOVED]


def parts_of(sent: Filled) -> list[Message]:
    media_type = dict(sent.headers)["Content-Type"]
    form = BytesParser().parsebytes(
        f"Content-Type: {media_type}\r\n\r\n".encode() + (sent.body or b"")
    )
    parts: Any = form.get_payload()
    return list(parts)


BARE = Filled(
    method="POST",
    path="/",
    headers=(("Content-Type", "application/json"), ("X-Kept", "1")),
    body=b'{"title": "t"}',
    unique="",
)


@pytest.mark.parametrize("file", [permitted_file("image/png"), *hostile_files("text/plain")])
def test_a_form_carries_the_file_as_it_is_beside_the_other_fields(file: Any) -> None:
    sent = carrying(BARE, file, Upload(field="piece"), "zzt-u")

    title, piece = parts_of(sent)
    assert title.get_payload() == "t"
    assert piece.get_filename() == file.name
    assert piece.get_content_type() == file.media_type
    assert piece.get_payload(decode=True) == file.bytes_of("zzt-u")
    assert b"zzt-u" in (sent.body or b"")
    assert dict(sent.headers)["X-Kept"] == "1"


def test_a_body_may_hold_the_file_among_other_things() -> None:
    body = b'{"contentType": "{file_type}", "title": "{file_name}", "data": "{file_base64}"}'
    sent = carrying(
        replace(BARE, body=body), hostile_files("text/plain")[-1], Upload(field=None), "u"
    )
    told = json.loads(sent.body or b"")
    assert (told["contentType"], told["title"]) == ("text/plain", "../../zzt.txt")
    assert base64.b64decode(told["data"]) == b"zzt u\n"
    assert sent.headers == BARE.headers


def test_a_body_may_be_the_file_itself() -> None:
    bare = replace(BARE, body=None)
    sent = carrying(bare, permitted_file("application/pdf"), Upload(field=None), "zzt-u")
    assert dict(sent.headers)["Content-Type"] == "application/pdf"
    assert (sent.body or b"").startswith(b"%PDF-1.4\n% zzt-u")


@pytest.mark.parametrize("media_type", ["text/plain", "application/pdf", "image/png"])
def test_an_oversized_file_is_as_long_as_asked_and_begins_like_a_permitted_one(
    media_type: str,
) -> None:
    small = permitted_file(media_type).content
    long = oversized_file(media_type, 5000).content
    assert len(long) == 5000
    assert long.startswith(small)


def taking(**more: Any) -> dict[str, Operation]:
    add = change(
        kind=OperationKind.CREATE,
        method="POST",
        path="/notes/{object}/pieces",
        body=None,
        read_back="piece-read",
        creates=Creation(removed_by="piece-remove"),
        upload=Upload(**more),
    )
    one = {"path": SHOWN_BY, "object": None, "actors": ("clinic-b",)}
    gone = change(kind=OperationKind.DELETE, method="DELETE", body=None, read_back=None, **one)
    return {"piece-add": add, "piece-read": reading(**one), "piece-remove": gone}


def test_an_upload_is_tried_once_and_removed_by_whoever_may() -> None:
    (each,) = found(every_upload(target(taking())))
    assert each.name == "piece-add.clinic-a"
    assert (each.reading.actor_id, each.removal.actor_id) == ("clinic-b", "clinic-b")
    assert each.removal.object_id == "note-a"


def found(uploads: Any) -> list[Creating]:
    assert not isinstance(uploads, Undeclared)
    return list(uploads)


def test_only_a_manifest_without_any_upload_says_that_none_is_offered() -> None:
    without = every_upload(target({"note-read": reading()}))
    assert isinstance(without, Undeclared)
    assert not without.offered
    unbounded = every_bounded_upload(target(taking()))
    assert isinstance(unbounded, Undeclared)
    assert unbounded.offered
    assert names(every_bounded_upload(target(taking(largest=10)))) == ["piece-add.clinic-a"]
