"""What the checks of transport make of facts that no server of ours shows."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.tls_server import NOW, leaf
from tgv_suite.check import Endpoint, System
from tgv_suite.claims import Violation
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.target import Target
from tgv_suite.model.tls import ChainFact, ChainOutcome
from tgv_suite.probes.tls_certificate import certificate_fact
from tgv_suite.registry import discover
from tgv_suite.system import Probes
from tgv_suite.witness import LiveWitness

PLACE = Endpoint(host="si.test", port=443)
CHECKS = {check.id: check.function for check in discover()}


class Seen:
    """Answers each question of a check with one fact."""

    def __init__(self, **facts: object) -> None:
        for question, fact in facts.items():
            setattr(self, question, lambda *_, fact=fact: fact)


def judged(name: str, **facts: object) -> System:
    witness = LiveWitness(cast(Probes, Seen(**facts)), lambda value: value)
    si = System(Target.__new__(Target), Parameters(), witness)
    CHECKS[f"tls.{name}"](si, endpoint=PLACE)
    return si


# --- TLS-06 -----------------------------------------------------------------------------------


def lasting(days: float, *, left: float) -> ChainFact:
    last = NOW + timedelta(days=left)
    issued = leaf("si.test", issuer=None, not_before=last - timedelta(days=days), not_after=last)
    return ChainFact(
        address=PLACE.name,
        host=PLACE.host,
        outcome=ChainOutcome.OBSERVED,
        verified_at=NOW.isoformat(timespec="seconds"),
        trust_anchors=0,
        certificates=(certificate_fact(issued.certificate.public_bytes(Encoding.DER)),),
    )


@pytest.mark.parametrize(("days", "left"), [(90, 14), (398, 15), (6, 1.6), (1, 0.28)])
def test_a_certificate_that_is_renewed_in_time_passes(days: float, left: float) -> None:
    judged("the_certificate_is_renewed_in_good_time", chain=lasting(days, left=left))


@pytest.mark.parametrize(("days", "left"), [(90, 13.9), (398, -1), (6, 1.4), (1, 0.2)])
def test_a_certificate_that_should_have_been_renewed_fails(days: float, left: float) -> None:
    with pytest.raises(Violation, match="expected at least"):
        judged("the_certificate_is_renewed_in_good_time", chain=lasting(days, left=left))
