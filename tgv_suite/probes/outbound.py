"""Addresses of the harness's listener that a system is given to call, and which of them it calls."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from tgv_suite.model.facts import Answer, OutboundFact
from tgv_suite.model.outbound import GivenAddress
from tgv_suite.model.target import CallbackAddress, Outbound
from tgv_suite.probes.sink import Sink


def look(
    sink: Sink | None,
    declared: CallbackAddress | None,
    takes: Outbound,
    given: GivenAddress,
    give: Callable[[str], Answer],
) -> OutboundFact:
    """Give an address, and wait for as long as it may take to be called.

    Parameters
    ----------
    sink, declared:
        The listener, and where the system can reach it.
    takes:
        How the system calls.
    given, give:
        Which address, and what gives it.
    """
    foreign = None if declared is None else declared.foreign_host
    if sink is None or foreign is None or (takes.https and sink.context is None):
        return OutboundFact(
            given=given,
            status=None,
            failure=None,
            listening=False,
            alive=False,
            called=False,
            strayed=False,
        )
    called, strayed = sink.name(), sink.name()
    address = _address(sink, foreign, takes, given, called, strayed)
    unfinished = sink.unfinished
    answer = give(address)
    permitted = given is GivenAddress.PERMITTED
    heard = sink.heard(called if permitted else strayed, takes.delay_s)
    alive = sink.seen().alive
    hung_up = sink.gave_up(unfinished + 1, 0) and given is not GivenAddress.REDIRECTED
    return OutboundFact(
        given=given,
        status=answer.status,
        failure=answer.failure,
        listening=True,
        alive=alive,
        called=heard if permitted else sink.heard(called, 0),
        strayed=sink.heard(strayed, 0) or (hung_up and not permitted),
        created=answer.unique if answer.created else "",
    )


def _address(
    sink: Sink, foreign: str, takes: Outbound, given: GivenAddress, called: str, strayed: str
) -> str:
    """An address of the listener, under the name that tells who called it."""
    scheme = "https" if takes.https else "http"
    literal = ipaddress.ip_address(sink.bound_to)
    host = foreign if literal.is_unspecified else str(literal)
    number = foreign if literal.is_unspecified else str(int(literal))
    beyond = sink.address_at(foreign, strayed, scheme)
    match given:
        case GivenAddress.FOREIGN:
            return beyond
        case GivenAddress.FOREIGN_BEHIND_A_USER:
            return sink.address_at(f"{sink.host}:{sink.port}@{foreign}", strayed, scheme)
        case GivenAddress.REDIRECTED:
            sink.redirect(called, beyond)
        case GivenAddress.IN_CLEAR:
            return sink.address_at(sink.host, strayed)
        case GivenAddress.LITERAL:
            return sink.address_at(host, strayed, scheme)
        case GivenAddress.NUMBER:
            return sink.address_at(number, strayed, scheme)
    return sink.address_at(sink.host, called, scheme)
