"""Which clients and readings the checks of tokens are run over, and what a manifest says instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.test_subjects import note, reading, target
from tgv_suite.model.target import (
    Actor,
    ApiKeyAuthentication,
    OAuth2Authentication,
    OAuth2Service,
    OpenApiService,
    Target,
)
from tgv_suite.subjects.authentication import (
    every_credential_holder,
    every_foreign_audience,
    every_revocable_access,
    every_short_lived_access,
    every_token_holder,
)
from tgv_suite.subjects.subject import Undeclared

ISSUER = OAuth2Service(type="oauth2", url="https://si.test/oauth")
API = OpenApiService(type="openapi", url="https://si.test/api")


def client(*, sacrificial: bool = False, **more: Any) -> Actor:
    settings = {"client_id": "me", "method": "client_secret_basic", "service": "oauth", **more}
    declared = OAuth2Authentication(type="oauth2", secret="env:ZZT", **settings)
    return Actor(role="clinician", clinic="a", sacrificial=sacrificial, authentication=declared)


def declaring(issuer: OAuth2Service = ISSUER, **actors: Actor) -> Target:
    """A manifest of one reading, which every client but those of another API may do."""
    inside = [n for n, a in actors.items() if not getattr(a.authentication, "for_another_api", 0)]
    shared = replace(note("any"), owners=tuple(inside))
    return target(
        {"note-read": reading(actors=tuple(inside))},
        services={"api": API, "oauth": issuer},
        actors=actors,
        objects={"note-any": shared},
    )


def names(found: object) -> list[str]:
    assert not isinstance(found, Undeclared), found
    return [subject.name for subject in found]  # type: ignore[attr-defined]


def test_a_client_with_short_tokens_is_for_expiry_and_the_others_are_for_revocation() -> None:
    declared = declaring(
        short=client(sacrificial=True, token_lifetime_s=2),
        long=client(sacrificial=True),
        kept=client(token_lifetime_s=2),
    )
    assert names(every_short_lived_access(declared)) == ["note-read.short"]
    assert names(every_revocable_access(declared)) == ["note-read.long"]


def test_a_client_of_another_api_asks_what_a_client_of_this_one_may() -> None:
    declared = declaring(own=client(), stranger=client(for_another_api=True))
    assert names(every_foreign_audience(declared)) == ["note-read.own.stranger"]


def test_a_client_without_certificate_is_no_stranger_to_one_with() -> None:
    bound = client(method="tls_client_auth", certificate="file:c", certificate_key="file:k")
    declared = declaring(own=bound, stranger=client(for_another_api=True))
    assert isinstance(every_foreign_audience(declared), Undeclared)


@pytest.mark.parametrize("alone", [True, False])
def test_without_a_foreign_client_only_the_manifest_can_say_that_there_is_no_other_api(
    alone: bool,
) -> None:
    found = every_foreign_audience(
        declaring(replace(ISSUER, serves_only_this_api=alone), a=client())
    )
    assert isinstance(found, Undeclared)
    assert found.offered is not alone


def test_without_an_issuer_there_are_no_tokens_to_expire_nor_audiences() -> None:
    bare = target({}, services={"api": API}, actors={}, objects={})
    for subjects in (every_short_lived_access, every_foreign_audience):
        found = subjects(bare)
        assert isinstance(found, Undeclared)
        assert not found.offered


def test_clients_that_are_not_short_lived_must_be_declared_so() -> None:
    found = every_short_lived_access(declaring(a=client(sacrificial=True)))
    assert isinstance(found, Undeclared)
    assert found.offered


def test_whoever_presents_a_token_or_a_key_holds_something_that_should_end() -> None:
    key = ApiKeyAuthentication(type="api-key", header="X-API-Key", key="env:ZZT")
    kiosk = Actor(role="clinician", clinic="a", authentication=key)
    declared = declaring(a=client(), spent=client(sacrificial=True), kiosk=kiosk)
    assert names(every_token_holder(declared)) == ["note-read.a", "note-read.spent"]
    assert names(every_credential_holder(declared)) == [
        "note-read.a",
        "note-read.spent",
        "note-read.kiosk",
    ]


def test_where_nobody_presents_a_token_or_a_key_nothing_has_to_end() -> None:
    bare = target({}, services={"api": API}, actors={}, objects={})
    for subjects in (every_token_holder, every_credential_holder):
        found = subjects(bare)
        assert isinstance(found, Undeclared)
        assert not found.offered
