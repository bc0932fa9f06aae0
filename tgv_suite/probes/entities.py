"""Documents that refer to others: whether whoever parses them looks those up before answering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tgv_suite.model.facts import EntityFact
from tgv_suite.probes.http import Raw
from tgv_suite.probes.machine_files import contents
from tgv_suite.probes.sink import Sink
from tgv_suite.system import Call

_NOWHERE = "http://tgv.invalid/"


def look(sent: Call, reading: Call, ask: Callable[[Call], Raw], sink: Sink | None) -> EntityFact:
    """Send a document, and see whether the other one was looked up.

    Parameters
    ----------
    sent:
        The request whose variant refers to the listener, as ``{url}``, or to a file of the machine.
    reading:
        What shows its effect; for a reading, itself without the variant.
    ask:
        Sends a call; what it brings goes no further than this function.
    sink:
        The listener, when the system can reach one.
    """
    variant = sent.variant
    name = "" if variant is None else variant.name
    called = None if sink is None else sink.name()
    address = _NOWHERE if sink is None or called is None else sink.address(called)
    known = contents(ask(reading))
    answer = ask(replace(sent, values=(("url", address),)))
    shown = (contents(answer) | contents(ask(reading))) - known
    return EntityFact(
        name=name,
        status=answer.status,
        failure=answer.failure,
        listening=sink is not None,
        alive=sink is not None and sink.seen().alive,
        called=sink is not None and called is not None and sink.heard(called, 0),
        content=next(iter(sorted(shown)), None),
    )
