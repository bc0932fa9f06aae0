"""What the checks of transport make of facts that no server of ours shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.tls_server import NOW, leaf
from tgv_suite.check import Endpoint, NotApplicable, System
from tgv_suite.claims import CannotTell, Violation
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.results import Cause
from tgv_suite.model.revocation import (
    CertificateStatus,
    ChainStatus,
    Staple,
    StatusKind,
    StatusOutcome,
    StatusSource,
)
from tgv_suite.model.target import Target
from tgv_suite.model.tls import (
    ChainFact,
    ChainOutcome,
    HelloAnswer,
    HelloOutcome,
    Renegotiation,
    RenegotiationOutcome,
    TlsVersion,
)
from tgv_suite.probes.tls_certificate import certificate_fact
from tgv_suite.registry import discover
from tgv_suite.system import Probes
from tgv_suite.witness import LiveWitness

PLACE = Endpoint(host="si.test", port=443)
STAPLED = "the_promised_status_is_stapled"
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


# --- TLS-13 -----------------------------------------------------------------------------------


def published(*sources: StatusSource, above: tuple[StatusSource, ...] = ()) -> ChainStatus:
    return ChainStatus(
        address=PLACE.name,
        asked_at=NOW.isoformat(timespec="seconds"),
        certificates=(
            CertificateStatus(subject="CN=leaf", serial="1", sources=sources),
            CertificateStatus(subject="CN=above", serial="2", sources=above),
        ),
    )


def source(outcome: StatusOutcome) -> StatusSource:
    return StatusSource(kind=StatusKind.LIST, url="http://crl.test/a", outcome=outcome)


GOOD, REVOKED = source(StatusOutcome.GOOD), source(StatusOutcome.REVOKED)
NEITHER = [one for one in StatusOutcome if one not in (StatusOutcome.GOOD, StatusOutcome.REVOKED)]


def asked_of(status: ChainStatus, **chain: Any) -> System:
    held = replace(lasting(90, left=60), **chain)
    return judged("the_certificate_is_not_revoked", chain=held, chain_status=status)


def test_one_good_source_a_certificate_suffices() -> None:
    gone = source(StatusOutcome.UNREACHABLE)
    asked_of(published(gone, GOOD, above=(GOOD,)))
    asked_of(published(GOOD))


@pytest.mark.parametrize(
    "status",
    [published(REVOKED), published(GOOD, REVOKED), published(GOOD, above=(REVOKED,))],
)
def test_a_revocation_anywhere_fails(status: ChainStatus) -> None:
    with pytest.raises(Violation, match="was revoked"):
        asked_of(status)


def test_a_revoked_intermediate_fails_even_under_a_leaf_that_names_no_source() -> None:
    with pytest.raises(Violation, match="CN=above"):
        asked_of(published(above=(REVOKED,)))


@pytest.mark.parametrize("outcome", NEITHER)
def test_a_source_that_clears_nothing_is_neither_a_pass_nor_a_fail(outcome: StatusOutcome) -> None:
    for status in (published(source(outcome)), published(GOOD, above=(source(outcome),))):
        with pytest.raises(CannotTell, match=r"http://crl\.test/a"):
            asked_of(status)


def test_a_host_outside_the_scope_is_a_missing_precondition() -> None:
    with pytest.raises(CannotTell, match="may be added") as caught:
        asked_of(published(source(StatusOutcome.OUT_OF_SCOPE)))
    assert caught.value.cause is Cause.PRECONDITION


def test_a_leaf_that_names_no_source_is_not_concerned() -> None:
    with pytest.raises(NotApplicable):
        asked_of(published(above=(GOOD,)))


def test_nothing_published_speaks_of_a_chain_that_does_not_verify() -> None:
    with pytest.raises(CannotTell, match="doesn't verify"):
        asked_of(published(GOOD), chain_error="self-signed certificate")


# --- TLS-14 -----------------------------------------------------------------------------------

PROMISED = leaf("si.test", issuer=None, extra=x509.TLSFeature([x509.TLSFeatureType.status_request]))


def promising() -> ChainFact:
    der = PROMISED.certificate.public_bytes(Encoding.DER)
    return replace(lasting(90, left=60), certificates=(certificate_fact(der),))


def stapling(outcome: StatusOutcome | None = None, *, handshake: bool = True) -> Staple:
    status = None if outcome is None else replace(source(outcome), kind=StatusKind.STAPLE)
    return Staple(address=PLACE.name, handshake=handshake, status=status, cause="x")


def test_a_good_staple_keeps_the_promise() -> None:
    judged(STAPLED, chain=promising(), staple=stapling(StatusOutcome.GOOD))


def test_a_certificate_that_promises_nothing_is_not_concerned() -> None:
    with pytest.raises(NotApplicable):
        judged(STAPLED, chain=lasting(90, left=60), staple=stapling())


@pytest.mark.parametrize("outcome", [None, *NEITHER, StatusOutcome.REVOKED])
def test_any_other_staple_and_none_break_it(outcome: StatusOutcome | None) -> None:
    with pytest.raises(Violation, match=r"expected an? (valid )?OCSP response"):
        judged(STAPLED, chain=promising(), staple=stapling(outcome))


def test_a_chain_that_does_not_verify_leaves_its_staple_unjudged() -> None:
    unknown = replace(promising(), chain_error="unable to get issuer certificate")
    with pytest.raises(CannotTell, match="doesn't verify"):
        judged(STAPLED, chain=unknown, staple=stapling())


def test_a_handshake_that_does_not_end_proves_nothing_of_the_staple() -> None:
    with pytest.raises(CannotTell, match="handshake"):
        judged(STAPLED, chain=promising(), staple=stapling(handshake=False))


# --- TLS-15 -----------------------------------------------------------------------------------


def hello(outcome: HelloOutcome = HelloOutcome.ACCEPTED, **more: Any) -> HelloAnswer:
    version = TlsVersion.TLS_1_2
    told: dict[str, Any] = {"version": version, "secure_renegotiation": True} | more
    return HelloAnswer(address=PLACE.name, offered=version, outcome=outcome, **told)


def tried(outcome: RenegotiationOutcome) -> Renegotiation:
    return Renegotiation(address=PLACE.name, outcome=outcome, cause="x")


REFUSED, SILENT = hello(HelloOutcome.REFUSED, version=None), hello(HelloOutcome.SILENT)


@pytest.mark.parametrize("bits", [512, 1024, 2047])
def test_a_short_prime_fails(bits: int) -> None:
    with pytest.raises(Violation, match=f"{bits}-bit"):
        judged(
            "diffie_hellman_parameters_are_long_enough",
            hello=hello(),
            diffie_hellman=hello(dh_bits=bits),
        )


@pytest.mark.parametrize("answer", [hello(dh_bits=2048), REFUSED])
def test_a_long_prime_or_none_passes(answer: HelloAnswer) -> None:
    judged("diffie_hellman_parameters_are_long_enough", hello=hello(), diffie_hellman=answer)


@pytest.mark.parametrize("answer", [SILENT, hello(), hello(HelloOutcome.MALFORMED)])
def test_neither_a_prime_nor_a_refusal_proves_nothing(answer: HelloAnswer) -> None:
    with pytest.raises(CannotTell, match="neither accepted nor refused"):
        judged("diffie_hellman_parameters_are_long_enough", hello=hello(), diffie_hellman=answer)


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (RenegotiationOutcome.SILENT, Cause.TIMEOUT),
        (RenegotiationOutcome.NO_HANDSHAKE, Cause.NO_OBSERVATION),
        (RenegotiationOutcome.UNREACHABLE, Cause.UNREACHABLE),
    ],
)
def test_a_renegotiation_that_could_not_be_tried_proves_nothing(
    outcome: RenegotiationOutcome, cause: Cause
) -> None:
    with pytest.raises(CannotTell) as caught:
        judged("no_client_renegotiates", hello=hello(), renegotiation=tried(outcome))
    assert caught.value.cause is cause


def test_an_accepted_renegotiation_fails_and_tells_when_it_is_unprotected() -> None:
    with pytest.raises(Violation) as caught:
        judged(
            "no_client_renegotiates",
            hello=hello(secure_renegotiation=False),
            renegotiation=tried(RenegotiationOutcome.ACCEPTED),
        )
    assert "without the protection of RFC 5746" in caught.value.reason.en


def test_a_refusal_by_a_server_that_announces_no_protection_is_told_in_a_note() -> None:
    refused = tried(RenegotiationOutcome.REFUSED)
    named = judged("no_client_renegotiates", hello=hello(), renegotiation=refused)
    assert named.notes == []
    unnamed = hello(secure_renegotiation=False)
    silent = judged("no_client_renegotiates", hello=unnamed, renegotiation=refused)
    assert ["RFC 5746" in note.en for note in silent.notes] == [True]


@pytest.mark.parametrize("answer", [SILENT, hello(HelloOutcome.UNREACHABLE)])
def test_silence_towards_an_offer_to_compress_proves_nothing(answer: HelloAnswer) -> None:
    with pytest.raises(CannotTell, match="compression"):
        judged("nothing_is_compressed", hello=hello(), compression=answer)
