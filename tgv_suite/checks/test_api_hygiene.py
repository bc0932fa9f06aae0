"""API hygiene: what a system says of itself when something goes wrong."""

from __future__ import annotations

from tgv_suite.check import (
    Access,
    CannotTell,
    Cause,
    System,
    Text,
    every_protected_reading,
    requirement,
)
from tgv_suite.model.inside import inside_told, revealed

_FAULTS = (
    "unknown-object",
    "quote-in-identifier",
    "oversized-identifier",
    "wrong-type",
    "truncated-body",
    "unknown-path",
    "unknown-media-type",
)
_ENOUGH = 3


@requirement("API-04", access=every_protected_reading)
def test_errors_tell_nothing_of_the_inside(si: System, access: Access) -> None:
    """The same call with one fault at a time; what the errors say is searched, never their status."""
    si.control(si.perform(access), sees=access.object.canaries)

    answers = [si.malformed(access, fault) for fault in _FAULTS]

    errors = [answer for answer in answers if answer.status is not None and answer.status >= 400]
    leaks = inside_told(errors)
    assert not leaks, revealed(leaks)
    refused = [answer for answer in errors if answer.status is not None and answer.status < 500]
    if len(refused) < _ENOUGH:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr=f"{len(refused)} erreur(s) obtenue(s) ; il en faut {_ENOUGH} pour conclure",
                en=f"{len(refused)} error(s) obtained; {_ENOUGH} are needed to conclude",
            ),
        )
    si.control(si.perform(access), sees=access.object.canaries)
