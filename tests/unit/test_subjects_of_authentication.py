"""Which clients and readings the checks of tokens are run over, and what a manifest says instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.test_subjects import note, reading, target
from tgv_suite.model.target import (
    Actor,
    ApiKeyAuthentication,
    CertificateAuthentication,
    Login,
    OAuth2Authentication,
    OAuth2Service,
    OpenApiService,
    Target,
)
from tgv_suite.subjects.authentication import (
    every_asserting_client,
    every_bound_access,
    every_code_client,
    every_credential_holder,
    every_ending_code,
    every_foreign_audience,
    every_id_token_access,
    every_proving_client,
    every_public_client,
    every_renewing_client,
    every_revocable_access,
    every_short_lived_access,
    every_token_holder,
    every_withdrawn_certificate,
)
from tgv_suite.subjects.subject import Bound, Undeclared

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


SIGNED: dict[str, Any] = {"method": "private_key_jwt", "key": "env:ZZT"}
CERTIFIED: dict[str, Any] = {
    "method": "tls_client_auth",
    "certificate": "file:c",
    "certificate_key": "file:k",
}
RENEWED: dict[str, Any] = {"grant": "refresh_token", "refresh_token": "env:ZZT"}


def test_one_client_of_each_method_proves_itself_and_the_one_that_may_be_spent_comes_first() -> (
    None
):
    declared = declaring(
        a=client(), b=client(sacrificial=True), signed=client(**SIGNED), renewed=client(**RENEWED)
    )
    assert names(every_proving_client(declared)) == ["note-read.b", "note-read.signed"]
    assert names(every_asserting_client(declared)) == ["note-read.signed"]
    assert names(every_renewing_client(declared)) == ["note-read.renewed"]


def test_a_client_that_asserts_for_somebody_else_only_leaves_the_replay_untried() -> None:
    found = every_asserting_client(declaring(a=client(**SIGNED, **RENEWED)))
    assert isinstance(found, Undeclared)
    assert found.offered


def test_without_assertions_or_refresh_tokens_there_are_none_to_replay() -> None:
    for subjects in (every_asserting_client, every_renewing_client):
        found = subjects(declaring(a=client()))
        assert isinstance(found, Undeclared)
        assert not found.offered


def test_a_bound_token_is_tried_wherever_the_same_request_is_declared() -> None:
    declared = declaring(a=client(**CERTIFIED), b=client(), c=client(**CERTIFIED, bound=False))
    own = declared.operations["note-read"]
    operations = {**declared.operations, "other-read": replace(own, service="other", actors=("b",))}
    services = {**declared.services, "other": API}
    found = every_bound_access(replace(declared, operations=operations, services=services))
    assert not isinstance(found, Undeclared)
    (bound,) = found
    assert isinstance(bound, Bound)
    assert bound.name == "note-read.a"
    assert [(e.operation_id, e.actor_id) for e in bound.elsewhere] == [("other-read", "a")]


def test_where_no_token_is_declared_bound_none_is_tried() -> None:
    found = every_bound_access(declaring(a=client(**CERTIFIED, bound=False)))
    assert isinstance(found, Undeclared)
    assert not found.offered


@pytest.mark.parametrize(
    ("supplied", "offered"), [({}, True), ({"revoked_certificate": "file:r"}, None), (None, False)]
)
def test_a_withdrawn_certificate_must_be_supplied_by_whoever_presents_one(
    supplied: dict[str, str] | None, offered: bool | None
) -> None:
    device = Actor(
        role="clinician",
        clinic="a",
        authentication=CertificateAuthentication(
            type="client-certificate", certificate="file:c", key="file:k", **(supplied or {})
        ),
    )
    found = every_withdrawn_certificate(declaring(a=client() if supplied is None else device))
    if offered is None:
        assert names(found) == ["note-read.a"]
    else:
        assert isinstance(found, Undeclared)
        assert found.offered is offered


@pytest.mark.parametrize(
    ("scope", "issues", "offered"),
    [("openid note.read", True, None), ("note.read", True, True), ("note.read", False, False)],
)
def test_an_id_token_is_tried_where_a_client_asks_for_one(
    scope: str, issues: bool, offered: bool | None
) -> None:
    issuer = replace(ISSUER, issues_id_tokens=issues)
    found = every_id_token_access(declaring(issuer, a=client(scope=scope), b=client()))
    if offered is None:
        assert names(found) == ["note-read.a"]
    else:
        assert isinstance(found, Undeclared)
        assert found.offered is offered


@pytest.mark.parametrize(
    ("grant", "pages", "offered"),
    [
        ("authorization_code", True, None),
        ("client_credentials", True, True),
        ("client_credentials", False, False),
    ],
)
def test_a_code_is_asked_for_by_the_clients_to_which_a_person_grants_one(
    grant: str, pages: bool, offered: bool | None
) -> None:
    login = Login(username="zzt", password="env:ZZT")
    by_person = client(grant=grant, login=login, redirect_uri="https://client.test/back")
    issuer = replace(ISSUER, offers_code_grant=pages)
    found = every_code_client(declaring(issuer, a=by_person, b=client()))
    if offered is None:
        assert names(found) == ["a"]
        replayed = every_public_client(declaring(issuer, a=by_person))
        assert isinstance(replayed, Undeclared)
        assert not replayed.offered
    else:
        assert isinstance(found, Undeclared)
        assert found.offered is offered


def test_the_briefest_code_is_held_and_the_other_checks_are_left_those_that_last() -> None:
    login = Login(username="zzt", password="env:ZZT")
    flow: dict[str, Any] = {"grant": "authorization_code", "login": login}

    def granted(code_lifetime_s: int | None) -> Actor:
        address = "https://client.test/back"
        return client(**flow, redirect_uri=address, code_lifetime_s=code_lifetime_s)

    declared = declaring(lasting=granted(60), brief=granted(1), undeclared=granted(None))
    assert names(every_ending_code(declared)) == ["brief"]
    assert names(every_code_client(declared)) == ["lasting", "undeclared"]
    assert names(every_code_client(declaring(brief=granted(1)))) == ["brief"]
    assert names(every_ending_code(declaring(undeclared=granted(None)))) == ["undeclared"]


def test_a_client_that_proves_nothing_replays_its_refresh_token_and_renews_without_any_proof() -> (
    None
):
    login = Login(username="zzt", password="env:ZZT")
    flow: dict[str, Any] = {"grant": "authorization_code", "login": login, "method": "none"}
    declared = declaring(
        a=client(**flow, redirect_uri="https://client.test/back"),
        b=client(method="none", **RENEWED),
    )
    assert names(every_public_client(declared)) == ["a"]
    assert isinstance(every_renewing_client(declared), Undeclared)
