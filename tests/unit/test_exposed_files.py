"""Files of the inside are known by their content, and what they hold goes no further."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tgv_suite.model.facts import ExposureFact, Failure
from tgv_suite.probes.exposed_files import DEBUG_PAGES, EXPOSED_FILES, look
from tgv_suite.probes.http import Raw

CONTENTS = {
    "/.git/HEAD": b"ref: refs/heads/main\n",
    "/.git/config": b"[core]\n\tbare = false\n",
    "/.env": b"APP_ENV=prod\nDB_PASSWORD=zzt-secret\n",
    "/.htpasswd": b"admin:$apr1$zzt$zzt\n",
    "/web.config": b"<?xml?><configuration><system.web/></configuration>",
    "/WEB-INF/web.xml": b'<web-app version="3.0">',
    "/backup.sql": b"-- MySQL dump 10.13\n",
    "/server-status": b"<h1>Apache Server Status for localhost</h1>",
    "/phpinfo.php": b"<title>PHP 8.2 - phpinfo()</title>",
    "/actuator/env": b'{"activeProfiles":[],"propertySources":[{"name":"x"}]}',
    "/h2-console/": b"<html><head><title>H2 Console</title>",
    "/debug/pprof/": b"<p>Types of profiles available:",
}
ORIGIN = "https://si.example.org"


def seen(answer: Callable[[str], Raw]) -> ExposureFact:
    return look(ORIGIN, lambda method, url: answer(url.removeprefix(ORIGIN)))


def exposed(fact: ExposureFact) -> list[str]:
    return [file.path for file in fact.files if file.content is not None]


def test_each_file_of_the_list_is_known_by_its_content_alone() -> None:
    assert CONTENTS.keys() == EXPOSED_FILES.keys()
    for path, content in CONTENTS.items():
        fact = seen(lambda asked, p=path, c=content: Raw(status=200, body=c if asked == p else b""))  # type: ignore[misc]
        assert exposed(fact) == [path]
        assert "zzt-secret" not in repr(fact)


@pytest.mark.parametrize("content", [b"<!doctype html><div id=app>", *CONTENTS.values()])
def test_a_server_that_answers_everything_alike_is_not_accused(content: bytes) -> None:
    assert exposed(seen(lambda asked: Raw(status=200, body=content))) == []


@pytest.mark.parametrize("status", [301, 401, 403, 404, 500])
def test_what_is_not_served_is_not_exposed(status: int) -> None:
    fact = seen(lambda asked: Raw(status=status, body=CONTENTS.get(asked, b"")))
    assert exposed(fact) == []
    assert fact.random_status == status


def test_an_address_without_an_answer_is_told() -> None:
    failed = Raw(failure=Failure.TIMEOUT)
    fact = seen(lambda asked: failed if asked == "/.env" else Raw(status=404))
    assert fact.failure is Failure.TIMEOUT


def test_a_debugging_page_is_known_by_its_content_below_a_service() -> None:
    dump = Raw(status=200, body=b"JAVA PROFILE 1.0.2\x00zzt-secret")
    fact = look(
        f"{ORIGIN}/api",
        lambda method, url: dump if url == f"{ORIGIN}/api/actuator/heapdump" else Raw(status=404),
        DEBUG_PAGES,
    )
    assert exposed(fact) == ["/actuator/heapdump"]
    assert "zzt-secret" not in repr(fact)
