"""What a manifest gives the checks to run over, and what it lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tgv_suite.model.catalogue import SafetyClass
from tgv_suite.model.default_accounts import DEFAULT_ACCOUNTS
from tgv_suite.model.target import (
    Actor,
    Authoriser,
    BasicAuthentication,
    BearerAuthentication,
    Category,
    Environment,
    OpenApiService,
    Operation,
    OperationKind,
    PrivilegedField,
    Product,
    Scope,
    ScopeHost,
    SyntheticObject,
    SystemIdentity,
    Target,
    Tenancy,
)
from tgv_suite.subjects.authentication import every_protected_writing
from tgv_suite.subjects.authorization import every_foreign_writing, every_tenant_spoof
from tgv_suite.subjects.default_accounts import every_default_account
from tgv_suite.subjects.input import every_json_writing, every_malformed_writing
from tgv_suite.subjects.privileges import (
    every_privileged_writing,
    every_reserved_reading,
    every_scoped_reader,
    every_undescribed_method,
)
from tgv_suite.subjects.subject import (
    Defaults,
    Malformed,
    Reserved,
    Spoof,
    Subject,
    Undeclared,
    Undescribed,
)

STAFF = ("clinic-a", "clinic-b")


def actor(clinic: str, **more: Any) -> Actor:
    bearer = BearerAuthentication(type="bearer", token="env:ZZT_TOKEN")
    return Actor(**{"role": "clinician", "clinic": clinic, "authentication": bearer, **more})


def note(owner: str) -> SyntheticObject:
    mark = f"zzt-marque-{owner}"
    return SyntheticObject(kind="note", locator=f"id-{owner}", owners=(owner,), canaries=(mark,))


def change(**more: Any) -> Operation:
    told: dict[str, Any] = {
        "service": "api",
        "kind": OperationKind.UPDATE,
        "method": "PATCH",
        "path": "/notes/{object}",
        "body": {"text": "{unique}"},
        "object": "note",
        "actors": STAFF,
        "read_back": "note-read",
    }
    return Operation(**{**told, **more})


def reading(**more: Any) -> Operation:
    told: dict[str, Any] = {
        "service": "api",
        "kind": OperationKind.READ,
        "path": "/notes/{object}",
        "object": "note",
        "actors": STAFF,
    }
    return Operation(**{**told, **more})


def target(operations: Mapping[str, Operation], **more: Any) -> Target:
    told: dict[str, Any] = {
        "schema": "tgv-target/1",
        "system": SystemIdentity(
            name="Zzt",
            vendor="Zzt",
            version="1",
            category=Category.APPOINTMENT_BOOKING,
            environment=Environment.TEST,
        ),
        "scope": Scope(
            authorised_by=Authoriser(name="Zzt", organisation="Zzt", on=date(2026, 1, 1)),
            until=date(2027, 1, 1),
            hosts=(ScopeHost(host="localhost", port=443),),
            safety=(SafetyClass.PASSIVE, SafetyClass.ACTIVE),
        ),
        "services": {"api": OpenApiService(type="openapi", url="https://localhost/api")},
        "actors": {"clinic-a": actor("a"), "clinic-b": actor("b")},
        "objects": {"note-a": note("clinic-a"), "note-b": note("clinic-b")},
        "operations": operations,
    }
    return Target(**{**told, **more})


def found(subjects: Sequence[Subject] | Undeclared) -> Sequence[Subject]:
    assert not isinstance(subjects, Undeclared)
    return subjects


def names(subjects: Sequence[Subject] | Undeclared) -> list[str]:
    return [one.name for one in found(subjects)]


def test_a_change_is_tried_once_on_another_actors_object() -> None:
    declared = target({"note-read": reading(), "note-change": change()})
    assert names(every_foreign_writing(declared)) == ["note-change.clinic-a.note-b"]


def test_a_change_whose_effect_nobody_can_see_is_no_subject() -> None:
    for blind in (
        change(body={"text": "always the same"}),
        change(read_back=None),
    ):
        declared = target({"note-read": reading(), "note-change": blind})
        assert isinstance(every_foreign_writing(declared), Undeclared)
        assert isinstance(every_protected_writing(declared), Undeclared)
    unseen = target({"note-read": reading(actors=("clinic-b",)), "note-change": change()})
    assert names(every_protected_writing(unseen)) == ["note-change.clinic-b"]


def test_the_other_clinic_is_claimed_by_declared_names_first_then_by_common_ones() -> None:
    tenancy = Tenancy(identifiers={"b": "17"}, headers=("X-Succursale",), parameters=("tenant",))
    (spoof,) = found(every_tenant_spoof(target({"note-read": reading()}, tenancy=tenancy)))
    assert isinstance(spoof, Spoof)
    assert spoof.name == "note-read.clinic-a.note-b"
    assert spoof.variants[0].headers == (("X-Succursale", "17"),)
    claimed = [variant.name for variant in spoof.variants]
    assert {"header-X-Tenant-Id", "parameter-organization"} <= set(claimed)
    assert claimed.count("parameter-tenant") == 1
    assert all(len(v.headers) + len(v.query) == 1 for v in spoof.variants)


def test_without_the_other_clinics_identifier_there_is_nothing_to_claim() -> None:
    assert isinstance(every_tenant_spoof(target({"note-read": reading()})), Undeclared)


def test_what_must_never_be_called_is_no_subject() -> None:
    for entry in ("note-change", "PATCH /notes/{id}"):
        declared = target({"note-read": reading(), "note-change": change()})
        scope = replace(declared.scope, never_call=(entry,))
        assert isinstance(every_protected_writing(replace(declared, scope=scope)), Undeclared)
    other = replace(declared.scope, never_call=("DELETE /notes/{id}", "PATCH /notes"))
    assert names(every_protected_writing(replace(declared, scope=other)))


def test_a_reserved_operation_is_tried_by_one_actor_of_each_other_role() -> None:
    settings = SyntheticObject(
        kind="settings", locator="s", owners=("admin",), canaries=("zzt-marque-s",)
    )
    declared = target(
        {
            "note-read": reading(),
            "settings-read": reading(object="settings", actors=("admin",), reserved=True),
        },
        actors={
            "clinic-a": actor("a"),
            "clinic-b": actor("b"),
            "admin": actor("a", role="administrator"),
        },
        objects={"note-a": note("clinic-a"), "note-b": note("clinic-b"), "settings": settings},
    )
    (reserved,) = found(every_reserved_reading(declared))
    assert isinstance(reserved, Reserved)
    assert [one.attempt.name for one in reserved.intrusions] == ["settings-read.clinic-a"]
    assert [one.own.name for one in reserved.intrusions] == ["note-read.clinic-a"]


def test_scopes_that_nobody_asks_for_are_not_applicable() -> None:
    nothing = every_scoped_reader(target({"note-read": reading()}))
    assert isinstance(nothing, Undeclared)
    assert not nothing.offered


def test_a_method_is_undeclared_for_its_path_whatever_its_templates_are_called() -> None:
    erase = change(kind=OperationKind.DELETE, method="DELETE", path="/notes/{person}", body=None)
    shared = SyntheticObject(kind="note", locator="n", owners=("clinic-a", "reader"))
    declared = target(
        {
            "note-read": reading(actors=("clinic-a", "reader")),
            "note-change": change(actors=("clinic-a",)),
            "note-erase": replace(erase, actors=("clinic-a",)),
        },
        actors={"clinic-a": actor("a"), "reader": actor("a")},
        objects={"note-a": shared},
    )
    (undescribed,) = found(every_undescribed_method(declared))
    assert isinstance(undescribed, Undescribed)
    assert undescribed.only.reading.actor_id == "reader"
    plain = {v.method for v in undescribed.variants if not (v.headers or v.query)}
    assert plain == {"PUT"}
    assert {v.method for v in undescribed.variants} == {"PUT", "GET", "POST"}


def test_who_may_change_an_object_is_not_one_who_only_reads() -> None:
    declared = target({"note-read": reading(), "note-change": change()})
    assert isinstance(every_undescribed_method(declared), Undeclared)


def test_a_body_that_is_not_composed_of_fields_takes_no_privileged_one() -> None:
    fields = (PrivilegedField(name="owner", value="zzt"),)
    told = target({"note-read": reading(), "note-change": change(privileged=fields)})
    assert names(every_privileged_writing(told)) == ["note-change.clinic-a"]
    text = target(
        {"note-read": reading(), "note-change": change(privileged=fields, body="{unique}")}
    )
    assert isinstance(every_privileged_writing(text), Undeclared)


def test_a_json_update_is_tried_by_whom_a_browser_would_sign_in_by_itself() -> None:
    basic = BasicAuthentication(type="basic", username="zzt", password="env:ZZT_PASSWORD")
    actors = {"clinic-a": actor("a"), "clinic-b": actor("b", authentication=basic)}
    told = target({"note-read": reading(), "note-change": change()}, actors=actors)
    assert names(every_json_writing(told)) == ["note-change.clinic-b"]
    told = target({"note-read": reading(), "note-change": change()})
    assert names(every_json_writing(told)) == ["note-change.clinic-a"]


def test_an_update_that_is_not_announced_as_json_is_no_json_update() -> None:
    for headers, count in (
        ({"content-type": "text/plain"}, 0),
        ({"Content-Type": "application/fhir+json; charset=utf-8"}, 1),
    ):
        told = target({"note-read": reading(), "note-change": change(headers=headers)})
        subjects = every_json_writing(told)
        assert (0 if isinstance(subjects, Undeclared) else len(subjects)) == count


def test_what_is_spoilt_in_a_body_is_what_its_reading_shows() -> None:
    body = {"id": "{object}", "note": [{"text": "suivi {unique}", "kind": "zzt"}]}
    told = target({"note-read": reading(), "note-change": change(body=body)})
    (subject,) = found(every_malformed_writing(told))
    assert isinstance(subject, Malformed)
    variants = {variant.name: variant for variant in subject.variants}
    number = dict(variants["number-for-a-text"].fields)
    assert number == {"note": [{"text": 12345, "kind": "zzt"}]}
    deep = str(variants["lists-a-hundred-deep"].fields)
    assert deep.count("[") == 101
    twice = json.loads(variants["field-named-twice"].text or "", object_pairs_hook=list)
    assert [name for name, _ in twice] == ["id", "note", "note"]
    assert subject.cut.text is not None
    assert json.loads(subject.cut.text + "}") == body


def test_a_body_without_a_string_of_its_own_has_nothing_to_spoil() -> None:
    told = target(
        {"note-read": reading(), "note-change": change(path="/notes/{object}?x={unique}")}
    )
    assert len(found(every_malformed_writing(told))) == 1
    plain = change(path="/notes/{object}?x={unique}", body={"text": "zzt"})
    told = target({"note-read": reading(), "note-change": plain})
    assert isinstance(every_malformed_writing(told), Undeclared)


def delivered(*products: Product, username: str = "zzt") -> list[tuple[str, list[str]]]:
    """Which default accounts are tried for each product, where an account signs in by password."""
    basic = BasicAuthentication(type="basic", username=username, password="env:ZZT_PASSWORD")
    actors = {"clinic-a": actor("a", authentication=basic), "clinic-b": actor("b")}
    told = target({"note-read": reading()}, actors=actors, products=products)
    subjects = found(every_default_account(told))
    assert all(isinstance(one, Defaults) for one in subjects)
    return [
        (one.product.value, [account.username for account in one.accounts])
        for one in subjects
        if isinstance(one, Defaults)
    ]


def test_the_default_accounts_of_what_a_system_is_made_of_are_tried_once_each() -> None:
    assert delivered(Product.TOMCAT) == [("tomcat", ["tomcat", "admin"])]
    assert delivered(Product.GRAFANA, Product.TOMCAT, Product.ACTIVEMQ) == [
        ("grafana", ["admin"]),
        ("tomcat", ["tomcat"]),
    ]
    for accounts in DEFAULT_ACCOUNTS.values():
        names = [account.username.casefold() for account in accounts]
        assert len(names) == len(set(names))
    assert DEFAULT_ACCOUNTS.keys() == set(Product)


def test_the_accounts_of_the_run_are_not_tried_as_default_ones() -> None:
    assert delivered(Product.TOMCAT, username="Admin") == [("tomcat", ["tomcat"])]


def test_without_known_products_or_a_password_there_is_no_default_account_to_try() -> None:
    nothing = every_default_account(target({"note-read": reading()}))
    assert isinstance(nothing, Undeclared)
    assert nothing.offered
    without = every_default_account(target({"note-read": reading()}, products=(Product.HAPI_FHIR,)))
    assert isinstance(without, Undeclared)
    assert not without.offered
    tokens = every_default_account(target({"note-read": reading()}, products=(Product.TOMCAT,)))
    assert isinstance(tokens, Undeclared)
    assert tokens.offered
