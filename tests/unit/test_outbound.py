"""Which address a system is given to call, and what is concluded from who calls it."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.loopback import listening_over_tls
from tests.unit.test_facts import answer
from tgv_suite.model.facts import Answer, OutboundFact
from tgv_suite.model.outbound import NOT_SUBSCRIBABLE, GivenAddress
from tgv_suite.model.target import CallbackAddress, Outbound
from tgv_suite.probes.outbound import look
from tgv_suite.probes.sink import Sink

DECLARED = CallbackAddress(host="localhost", foreign_host="127.0.0.1")
SECURE = Outbound(https=True)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[tuple[Sink, Path]]:
    with listening_over_tls(tmp_path) as listening:
        yield listening


def calling(root: Path, *, only: str | None = None) -> Callable[[str], Answer]:
    """A system that calls any address over TLS, or those that begin in one way."""

    def give(address: str) -> Answer:
        parts = urlsplit(address)
        if only is not None and not address.startswith(only):
            return answer(400)
        host, port = parts.hostname or "", parts.port
        connection = http.client.HTTPConnection(host, port, timeout=5)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=root)
            connection = http.client.HTTPSConnection(host, port, timeout=5, context=context)
        try:
            connection.request("GET", parts.path)
            connection.getresponse()
        except ssl.SSLError:
            return answer(202)
        finally:
            connection.close()
        return answer(201)

    return give


def seen(bench: tuple[Sink, Path], given: GivenAddress, **how: str) -> OutboundFact:
    sink, root = bench
    return look(sink, DECLARED, replace(SECURE, delay_s=0.3), given, calling(root, **how))


@pytest.mark.parametrize(
    "given", [given for given in NOT_SUBSCRIBABLE if given is not GivenAddress.REDIRECTED]
)
def test_an_address_that_isn_t_permitted_is_seen_to_be_called_even_when_tls_fails(
    given: GivenAddress, bench: tuple[Sink, Path]
) -> None:
    fact = seen(bench, given)
    assert (fact.listening, fact.alive, fact.called, fact.strayed) == (True, True, False, True)


def test_a_permitted_address_is_called_over_tls_and_no_other_is(bench: tuple[Sink, Path]) -> None:
    permitted = f"https://localhost:{bench[0].port}/"
    fact = seen(bench, GivenAddress.PERMITTED, only=permitted)
    assert (fact.status, fact.called, fact.strayed) == (201, True, False)
    for given in (GivenAddress.FOREIGN, GivenAddress.IN_CLEAR, GivenAddress.NUMBER):
        refused = seen(bench, given, only=permitted)
        assert (refused.status, refused.called, refused.strayed) == (400, False, False)


def test_a_redirection_that_isn_t_followed_strays_nowhere(bench: tuple[Sink, Path]) -> None:
    fact = seen(bench, GivenAddress.REDIRECTED)
    assert (fact.called, fact.strayed) == (True, False)


def test_without_a_certificate_nothing_is_asked_of_a_system_that_calls_over_tls() -> None:
    sink = Sink("localhost", 0)

    def never(address: str) -> Answer:
        raise AssertionError(address)

    fact = look(sink, DECLARED, SECURE, GivenAddress.PERMITTED, never)
    sink.close()
    assert not fact.listening
