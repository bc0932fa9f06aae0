"""Files of a machine are known by their content, and what they hold goes no further."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from tgv_suite.model.facts import Failure, TraversalFact
from tgv_suite.model.variant import Variant
from tgv_suite.probes.http import Raw
from tgv_suite.probes.machine_files import look

PASSWD = b"root:x:0:0:root:/root:/bin/bash\nzzt-secret:x:1:1::/:/bin/sh\n"
INI = b"; for 16-bit app support\r\n[fonts]\r\n[extensions]\r\n"
VARIANTS = (Variant(name="segments"), Variant(name="absolute"))


def seen(answer: Callable[[str | None], bytes]) -> TraversalFact:
    """What is made of the answers to each variant, and to the permitted reading."""
    return look(VARIANTS, lambda v: Raw(status=200, body=answer(None if v is None else v.name)))


def contents(fact: TraversalFact) -> dict[str, str | None]:
    return {path.name: path.content for path in fact.paths}


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (PASSWD, "passwd"),
        (b'{"content": "root:x:0:0:root:/root:/bin/bash\\n"}', "passwd"),
        (base64.b64encode(PASSWD), "passwd"),
        (INI, "win.ini"),
        (b"[fonts]\n", "win.ini"),
        (base64.b64encode(INI), "win.ini"),
    ],
)
def test_a_file_is_known_as_it_is_in_json_and_in_base64(body: bytes, content: str) -> None:
    fact = seen(lambda name: body if name == "absolute" else b"")
    assert contents(fact) == {"segments": None, "absolute": content}
    assert "zzt-secret" not in repr(fact)


@pytest.mark.parametrize("body", [b"", b"no file at /etc/passwd", b"the [fonts] of a page"])
def test_an_error_that_names_the_path_gives_no_file(body: bytes) -> None:
    assert contents(seen(lambda name: body)) == {"segments": None, "absolute": None}


def test_what_the_permitted_reading_shows_by_itself_is_no_file_of_the_machine() -> None:
    assert contents(seen(lambda name: PASSWD)) == {"segments": None, "absolute": None}
    mixed = seen(lambda name: PASSWD if name is None else PASSWD + INI)
    assert contents(mixed) == {"segments": "win.ini", "absolute": "win.ini"}


def test_a_path_without_an_answer_is_told() -> None:
    fact = look(VARIANTS, lambda v: Raw(failure=Failure.TIMEOUT))
    assert [path.failure for path in fact.paths] == [Failure.TIMEOUT] * 2
