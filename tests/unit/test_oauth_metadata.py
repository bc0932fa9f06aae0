"""What honest and faulty servers publish of themselves, and what the checks of AUT-19 make of it."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from tgv_suite.check import CannotTell, Issuer, System
from tgv_suite.claims import Violation
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.facts import Answer, Failure, Request
from tgv_suite.model.target import Target
from tgv_suite.registry import discover
from tgv_suite.system import Probes
from tgv_suite.witness import LiveWitness

URL = "https://si.test/realms/a"
METADATA = "https://si.test/.well-known/oauth-authorization-server/realms/a"
SMART = "https://si.test/fhir/.well-known/smart-configuration"
ISSUER = Issuer(service_id="oauth", url=URL, metadata=(METADATA,), configurations=(SMART,))
CHECKS = {
    check.id.rpartition(".")[2]: check for check in discover() if "oauth_metadata" in check.id
}
SOUND = {
    "issuer": URL,
    "token_endpoint": f"{URL}/token",
    "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
}


class Published:
    """Answers for each address what is told of it, else 404."""

    def __init__(self, **documents: object) -> None:
        self._said = {METADATA: documents.get("metadata"), SMART: documents.get("smart")}

    def fetch(self, method: str, url: str, headers: tuple[tuple[str, str], ...]) -> Answer:
        said = self._said[url]
        failure = said if isinstance(said, Failure) else None
        status = 404 if said is None else said if isinstance(said, int) else 200
        return Answer(
            actor="—",
            credential="none",
            request=Request(method=method, url=url, headers=headers, body=""),
            unique="",
            status=None if failure else status,
            headers=(),
            body=said if isinstance(said, str) else json.dumps(said),
            truncated=False,
            failure=failure,
            detail="",
            sent_at="2026-01-01T00:00:00+00:00",
            elapsed_s=0.0,
        )


def judged(name: str, **documents: object) -> System:
    """The system that a check was run over."""
    witness = LiveWitness(cast(Probes, Published(**documents)), lambda value: value)
    si = System(Target.__new__(Target), Parameters(), witness)
    CHECKS[name].function(si, issuer=ISSUER)
    return si


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"smart": {"token_endpoint": f"{URL}/token", "capabilities": []}},
        {"smart": "<html>catch-all</html>"},
        {"metadata": {**SOUND, "issuer": f"{URL}/"}},
        {"metadata": {**SOUND, "mtls_endpoint_aliases": {"token_endpoint": "https://m.test/t"}}},
    ],
)
def test_what_honest_servers_publish_is_accused_of_nothing(name: str, more: dict[str, Any]) -> None:
    assert judged(name, **{"metadata": SOUND, **more}).controls == 1


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("the_metadata_name_their_own_issuer", {**SOUND, "issuer": "https://other.test"}),
        ("the_metadata_name_their_own_issuer", {"token_endpoint": f"{URL}/token"}),
        ("every_published_address_is_https", {**SOUND, "jwks_uri": "http://si.test/keys"}),
        (
            "every_published_address_is_https",
            {**SOUND, "mtls_endpoint_aliases": {"token_endpoint": "http://m.test/t"}},
        ),
        (
            "no_published_signing_algorithm_is_none",
            {**SOUND, "id_token_signing_alg_values_supported": ["RS256", "None"]},
        ),
    ],
)
def test_a_faulty_document_is_told(name: str, document: dict[str, Any]) -> None:
    with pytest.raises(Violation):
        judged(name, metadata=document)
    with pytest.raises(Violation):
        judged(name, metadata=document, smart=Failure.TIMEOUT)


def test_what_is_unsigned_by_default_and_old_grants_are_only_remarked_upon() -> None:
    document = {
        **SOUND,
        "request_object_signing_alg_values_supported": ["RS256", "none"],
        "grant_types_supported": ["authorization_code", "implicit", "password"],
    }
    si = judged("no_published_signing_algorithm_is_none", metadata=document)
    assert len(si.notes) == 3


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize(
    "documents",
    [
        {},
        {"metadata": "<html>catch-all</html>", "smart": "[1]"},
        {"metadata": {"hello": "world"}},
        {"metadata": 503},
        {"metadata": SOUND, "smart": 500},
        {"metadata": SOUND, "smart": Failure.TIMEOUT},
    ],
)
def test_what_was_not_seen_is_not_passed(name: str, documents: dict[str, Any]) -> None:
    with pytest.raises(CannotTell):
        judged(name, **documents)
