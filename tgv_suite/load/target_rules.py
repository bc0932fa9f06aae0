"""What a manifest's declarations must say together: credentials, quotas, templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from tgv_suite.load.declared import Declared
from tgv_suite.load.shown import quoted, shown, suggestion
from tgv_suite.load.yaml_tree import Address, Finding
from tgv_suite.model.rights import Hook
from tgv_suite.model.target import (
    AuditService,
    CertificateAuthentication,
    OAuth2Authentication,
    Operation,
    OperationKind,
    SessionAuthentication,
    SyntheticObject,
)
from tgv_suite.text import Text

_TEMPLATE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")
_OF_AN_ACCOUNT: Final = {
    "username",
    "address",
    "password",
    "current_password",
    "new_password",
    "code",
}
_FILLED: Final = re.compile(r"[a-z_][a-z0-9_]*")
_NEEDED: Final = {
    "private_key_jwt": ("key",),
    "client_secret_basic": ("secret",),
    "client_secret_post": ("secret",),
    "tls_client_auth": ("certificate", "certificate_key"),
    "none": (),
}


def incomplete_credentials(declared: Declared) -> Iterator[Finding]:
    """Each OAuth 2.0 client whose method or grant lacks what it needs, each certificate its key."""
    for name, actor in declared.actors.items():
        authentication = actor.authentication
        if isinstance(authentication, CertificateAuthentication):
            yield from _half_a_certificate(declared, name, authentication)
        if not isinstance(authentication, OAuth2Authentication):
            continue
        needed: list[tuple[str, str]] = [
            (field, authentication.method) for field in _NEEDED[authentication.method]
        ]
        if authentication.grant == "refresh_token":
            needed.append(("refresh_token", authentication.grant))
        if authentication.grant == "authorization_code":
            needed += [(field, authentication.grant) for field in ("login", "redirect_uri")]
        for field, reason in needed:
            if getattr(authentication, field) is None:
                yield _lacks(declared, ("actors", name, "authentication"), field, reason)


def _half_a_certificate(
    declared: Declared, name: str, authentication: CertificateAuthentication
) -> Iterator[Finding]:
    for sort in ("other_authority", "revoked", "expired"):
        pair = (f"{sort}_certificate", f"{sort}_key")
        given = [field for field in pair if getattr(authentication, field) is not None]
        if len(given) == 1:
            (missing,) = set(pair) - set(given)
            yield _lacks(declared, ("actors", name, "authentication"), missing, given[0])


def _lacks(declared: Declared, address: Address, field: str, reason: str) -> Finding:
    return declared.fault(
        address,
        Text(fr=f"« {reason} » exige la clé « {field} »", en=f"“{reason}” needs the key “{field}”"),
        Text(
            fr=f"ajoutez « {field}: file:CHEMIN » (jamais la valeur)",
            en=f"add “{field}: file:PATH” (never the value)",
        ),
    )


def operations_for_nobody(declared: Declared) -> Iterator[Finding]:
    """Each operation that nobody may call: no actor, and not public."""
    for name, operation in declared.operations.items():
        for_holders = operation.kind is OperationKind.MANAGE
        if not operation.actors and not operation.public and not for_holders:
            yield declared.fault(
                ("operations", name),
                Text(
                    fr="personne ne peut appeler cette opération : ni acteur, ni « public: true »",
                    en="nobody may call this operation: it has no actors and isn't public",
                ),
                Text(
                    fr="nommez les acteurs qui y ont droit (actors), ou dites « public: true »",
                    en="name the actors who may (actors), or say “public: true”",
                ),
                key=True,
            )


def unremovable_creations(declared: Declared) -> Iterator[Finding]:
    """Each operation that creates or takes something which nothing shows, names or removes."""
    for name, operation in declared.operations.items():
        if operation.upload is not None and operation.creates is None:
            yield _uncompleted(declared, ("operations", name, "upload"), "creates")
        if operation.creates is None:
            continue
        here: Address = ("operations", name, "creates")
        if operation.read_back is None:
            yield _uncompleted(declared, here, "read_back")
        for other in (operation.read_back, operation.creates.removed_by):
            named = declared.operations.get(other or "")
            if named is not None and "{created}" not in named.path:
                yield _uncompleted(declared, ("operations", str(other), "path"), "{created}")


def _uncompleted(declared: Declared, address: Address, what: str) -> Finding:
    return declared.fault(
        address,
        Text(
            fr=f"ce qu'une opération crée doit pouvoir être lu et effacé : il manque « {what} »",
            en=f"what an operation creates must be readable and removable: “{what}” is missing",
        ),
        Text(
            fr="déclarez « creates: {removed_by: OPÉRATION} » et « read_back », dont les chemins portent "
            "« {created} »",
            en="declare “creates: {removed_by: OPERATION}” and “read_back”, whose paths carry “{created}”",
        ),
    )


def misplaced_hooks(declared: Declared) -> Iterator[Finding]:
    """Each operation that changes somebody's rights and that other checks would call as well."""
    hooks: list[tuple[Address, Hook]] = [
        (("access_removals", index), removal.hook)
        for index, removal in declared.access_removals.items()
    ]
    hooks += [(("restrictions", index), one.hook) for index, one in declared.restrictions.items()]
    for here, hook in hooks:
        for field in ("operation", "undo"):
            named = declared.operations.get(getattr(hook, field))
            if named is not None and named.kind is not OperationKind.MANAGE:
                yield declared.fault((*here, "hook", field), *_NOT_MANAGING)


_NOT_MANAGING: Final = (
    Text(
        fr="cette opération change les droits de quelqu'un, et d'autres vérifications l'appelleraient",
        en="this operation changes somebody's rights, and other checks would call it",
    ),
    Text(fr="dites-la « kind: manage »", en="say “kind: manage” of it"),
)


def unreadable_codes(declared: Declared) -> Iterator[Finding]:
    """The expression that finds a code in a mail, when it isn't one or hasn't one group."""
    reset = declared.accounts.reset
    if reset is None:
        return
    try:
        sound = re.compile(reset.code).groups == 1
    except re.error:
        sound = False
    if not sound:
        yield declared.fault(
            ("accounts", "reset", "code"),
            Text(
                fr="ce n'est pas une expression rationnelle à un seul groupe",
                en="this isn't a regular expression with one group",
            ),
            Text(
                fr="mettez le code entre parenthèses, par exemple « jeton=([A-Za-z0-9_-]+) »",
                en="put the code in parentheses, for example “token=([A-Za-z0-9_-]+)”",
            ),
        )


def unreadable_audits(declared: Declared) -> Iterator[Finding]:
    """Each JSON audit trail whose fields aren't located."""
    for name, service in declared.services.items():
        if (
            isinstance(service, AuditService)
            and service.format == "json"
            and service.fields is None
        ):
            yield declared.fault(
                ("services", name, "format"),
                Text(
                    fr="le format « json » exige la clé « fields »",
                    en="the format “json” needs the key “fields”",
                ),
                Text(
                    fr="dites par des pointeurs JSON où sont who, patient, when, action et outcome",
                    en="say with JSON pointers where who, patient, when, action and outcome are",
                ),
            )


def unfair_quotas(declared: Declared) -> Iterator[Finding]:
    """Each quota that would be spent by somebody who must not, or who can't."""
    for index, quota in declared.quotas.items():
        spender = declared.actors.get(quota.actor)
        if quota.actor == quota.bystander:
            yield declared.fault(("quotas", index, "bystander"), *_SAME_ACTOR)
        if spender is not None and not spender.sacrificial:
            yield declared.fault(("quotas", index, "actor"), *_NOT_SACRIFICIAL)
        operation = declared.operations.get(quota.operation)
        for field, actor in (("actor", quota.actor), ("bystander", quota.bystander)):
            known = actor in declared.names["actors"]
            if operation is not None and known and actor not in operation.actors:
                yield declared.fault(("quotas", index, field), *_NOT_PERMITTED)


_SAME_ACTOR: Final = (
    Text(
        fr="le témoin est l'acteur qui épuise le quota",
        en="the bystander is the actor who spends the quota",
    ),
    Text(
        fr="nommez un autre acteur, qui ne doit rien ressentir",
        en="name another actor, who must not feel it",
    ),
)
_NOT_SACRIFICIAL: Final = (
    Text(fr="le quota de cet acteur ne peut être épuisé", en="this actor's quota may not be spent"),
    Text(
        fr="réservez un acteur à cet essai et dites « sacrificial: true »",
        en="set an actor aside for this test and say “sacrificial: true”",
    ),
)
_NOT_PERMITTED: Final = (
    Text(
        fr="cet acteur n'a pas droit à cette opération", en="this actor may not call this operation"
    ),
    Text(fr="ajoutez-le aux « actors » de l'opération", en="add them to the operation's “actors”"),
)


def unknown_clinics(declared: Declared) -> Iterator[Finding]:
    """Each clinic of the tenancy for which no actor acts."""
    known = {actor.clinic for actor in declared.actors.values() if actor.clinic is not None}
    for name in declared.tenancy.identifiers if declared.tenancy is not None else ():
        if name not in known:
            fr, en = quoted(shown(name))
            kind = Text(fr="les cliniques des acteurs", en="the actors' clinics")
            yield declared.fault(
                ("tenancy", "identifiers", name),
                Text(
                    fr=f"aucun acteur n'agit pour la clinique{fr}",
                    en=f"no actor acts for the clinic{en}",
                ),
                suggestion(name, sorted(known), kind=kind),
                key=True,
            )


def unknown_templates(declared: Declared) -> Iterator[Finding]:
    """Each ``{name}`` in a path, header or body that nothing will fill."""
    for name, operation in declared.operations.items():
        known = _fillable(declared, name, operation)
        for word, address in _templates(name, operation):
            if word not in known:
                kind = Text(fr="les gabarits possibles ici", en="the templates possible here")
                fr, en = quoted(shown("{" + word + "}"))
                yield declared.fault(
                    address,
                    Text(
                        fr=f"rien ne remplit le gabarit{fr}", en=f"nothing fills the template{en}"
                    ),
                    suggestion(word, sorted(known), kind=kind),
                )


def _fillable(declared: Declared, name: str, operation: Operation) -> set[str]:
    """What every object that the operation may act on can fill."""
    always = _always(declared, name, operation)
    kinds = [operation.object]
    for other in declared.operations.values():
        if other.creates is not None and name in (other.read_back, other.creates.removed_by):
            always.add("created")
            kinds.append(other.object)
        if other.exported_by == name:
            kinds.append(other.object)
    kind = next((kind for kind in kinds if kind is not None), None)
    objects = [item for item in declared.objects.values() if item.kind == kind]
    if not objects:
        return always
    return always.union(set.intersection(*(_filled_by(declared, item) for item in objects)))


def _always(declared: Declared, name: str, operation: Operation) -> set[str]:
    """What is filled in whatever the object: by what the operation is for."""
    audits = [s for s in declared.services.values() if isinstance(s, AuditService)]
    always = {"unique"}
    if any(service.operation == name for service in audits):
        always.add("patient")
    if any(service.event_operation == name for service in audits):
        always.add("event")
    if any(service.actor_operation == name for service in audits):
        always.add("actor")
    always |= _filled_by_checks(operation)
    if operation.kind is OperationKind.MANAGE:
        always |= _OF_AN_ACCOUNT
    if any(_guarded(declared, actor) for actor in operation.actors):
        always.add("csrf")
    return always


def _guarded(declared: Declared, actor: str) -> bool:
    """Whether an actor's changes carry an anti-forgery token."""
    known = declared.actors.get(actor)
    authentication = None if known is None else known.authentication
    by_session = isinstance(authentication, SessionAuthentication)
    return by_session and authentication.anti_forgery is not None  # type: ignore[union-attr]


def _filled_by_checks(operation: Operation) -> set[str]:
    """What a check itself fills: an address to call, a file to keep."""
    holds = operation.upload is not None and operation.upload.field is None
    address = {"url"} if operation.outbound is not None else set()
    return address | ({"file_base64", "file_name", "file_type"} if holds else set())


def _filled_by(declared: Declared, item: SyntheticObject) -> set[str]:
    values = {name for name in item.values if _FILLED.fullmatch(name)}
    person = declared.people.get(item.person or "")
    named = {"person"} if item.person else set()
    if person is not None and person.nam is not None:
        named.add("nam")
    return {"object", *values, *named}


def _templates(name: str, operation: Operation) -> Iterator[tuple[str, Address]]:
    here: Address = ("operations", name)
    yield from _in((*here, "path"), operation.path)
    yield from _in((*here, "headers"), dict(operation.headers))
    yield from _in((*here, "body"), operation.body)
    for index, field in enumerate(operation.privileged):
        yield from _in((*here, "privileged", index, "value"), field.value)


def _in(address: Address, value: JsonValue) -> Iterator[tuple[str, Address]]:
    if isinstance(value, str):
        for word in dict.fromkeys(_TEMPLATE.findall(value)):
            yield word, address
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _in((*address, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in((*address, index), item)
