"""Every name and every file that a manifest refers to exists, and is of the right sort."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tgv_suite.load.declared import Declared
from tgv_suite.load.secrets import path_of
from tgv_suite.load.shown import quoted, shown, suggestion
from tgv_suite.load.yaml_tree import Address, Finding
from tgv_suite.model.rights import Hook
from tgv_suite.model.target import (
    AuditService,
    Authentication,
    OAuth2Authentication,
    OAuth2Service,
    OpenApiService,
    OperationKind,
    SessionAuthentication,
    TokenLoginAuthentication,
)
from tgv_suite.text import Text

READS = (OperationKind.READ, OperationKind.SEARCH)

_SECTIONS = {
    "services": Text(fr="les services déclarés", en="the declared services"),
    "actors": Text(fr="les acteurs déclarés", en="the declared actors"),
    "people": Text(fr="les personnes déclarées", en="the declared people"),
    "operations": Text(fr="les opérations déclarées", en="the declared operations"),
    "objects": Text(fr="les objets déclarés", en="the declared objects"),
}
_SORTS = {
    "services": Text(fr="le service", en="the service"),
    "actors": Text(fr="l'acteur", en="the actor"),
    "people": Text(fr="la personne", en="the person"),
    "operations": Text(fr="l'opération", en="the operation"),
    "objects": Text(fr="l'objet", en="the object"),
}


def dangling_names(declared: Declared) -> Iterator[Finding]:
    """Each reference to a service, actor, person or operation that isn't declared."""
    for section, name, address in _references(declared):
        if name not in declared.names[section]:
            fr, en = quoted(shown(name))
            sort = _SORTS[section]
            yield declared.fault(
                address,
                Text(fr=f"{sort.fr}{fr} n'existe pas", en=f"{sort.en}{en} doesn't exist"),
                suggestion(name, sorted(declared.names[section]), kind=_SECTIONS[section]),
            )


def dangling_kinds(declared: Declared) -> Iterator[Finding]:
    """Each operation on a kind of object of which none is declared."""
    for name, operation in declared.operations.items():
        if operation.object is not None and operation.object not in declared.kinds:
            fr, en = quoted(shown(operation.object))
            kinds = Text(fr="les sortes d'objets déclarées", en="the declared kinds of objects")
            yield declared.fault(
                ("operations", name, "object"),
                Text(
                    fr=f"aucun objet de la sorte{fr} n'est déclaré",
                    en=f"no object of the kind{en} is declared",
                ),
                suggestion(operation.object, sorted(declared.kinds), kind=kinds),
            )


def wrong_sorts(declared: Declared) -> Iterator[Finding]:
    """Each reference to something that exists but can't serve there."""
    for name, operation in declared.operations.items():
        service = declared.services.get(operation.service)
        if isinstance(service, OAuth2Service | AuditService):
            yield declared.fault(
                ("operations", name, "service"),
                Text(
                    fr=f"une opération ne peut appeler un service de type « {service.type} »",
                    en=f"an operation can't call a service of type “{service.type}”",
                ),
                Text(
                    fr="nommez un service « fhir-r4 » ou « openapi »",
                    en="name a “fhir-r4” or “openapi” service",
                ),
            )
    for name, actor in declared.actors.items():
        authentication = actor.authentication
        if isinstance(authentication, TokenLoginAuthentication):
            found = declared.services.get(authentication.service)
            if isinstance(found, AuditService):
                yield declared.fault(
                    ("actors", name, "authentication", "service"),
                    Text(
                        fr="ce service n'a pas d'adresse où ouvrir une session",
                        en="this service has no address to log in at",
                    ),
                    Text(
                        fr="nommez le service où se trouve la connexion",
                        en="name the service where the login is",
                    ),
                )
        if isinstance(authentication, OAuth2Authentication):
            found = declared.services.get(authentication.service)
            if found is not None and not isinstance(found, OAuth2Service):
                yield declared.fault(
                    ("actors", name, "authentication", "service"),
                    Text(
                        fr="ce service n'est pas de type « oauth2 »",
                        en="this service isn't of type “oauth2”",
                    ),
                    Text(
                        fr="nommez le serveur d'autorisation qui délivre les jetons",
                        en="name the authorization server that issues the tokens",
                    ),
                )


def readings_that_read(declared: Declared) -> Iterator[Finding]:
    """What shows an effect, or the audit trail, is a read or a search of the right thing."""
    for name, operation in declared.operations.items():
        shows = declared.operations.get(operation.read_back or "")
        address: Address = ("operations", name, "read_back")
        if shows is not None and shows.kind not in READS:
            yield declared.fault(address, *_NOT_A_READING)
        elif shows is not None and operation.creates is None and shows.object != operation.object:
            yield declared.fault(
                address,
                Text(
                    fr="cette lecture porte sur une autre sorte d'objet que l'opération",
                    en="this reading is of another kind of object than the operation",
                ),
                Text(fr="nommez une lecture du même objet", en="name a reading of the same object"),
            )
    for name, service in declared.services.items():
        if isinstance(service, AuditService):
            for field in ("operation", "event_operation", "actor_operation"):
                shows = declared.operations.get(getattr(service, field) or "")
                if shows is not None and shows.kind not in READS:
                    yield declared.fault(("services", name, field), *_NOT_A_READING)


_NOT_A_READING = (
    Text(
        fr="cette opération n'est ni une lecture ni une recherche",
        en="this operation is neither a read nor a search",
    ),
    Text(
        fr="nommez une opération dont « kind » est read ou search",
        en="name an operation whose “kind” is read or search",
    ),
)


def missing_files(declared: Declared, folder: Path) -> Iterator[Finding]:
    """Each ``file:`` reference to a file that isn't there; the files aren't opened."""
    for reference, address in _files(declared):
        if reference.startswith("file:") and not _is_file(reference, folder):
            fr, en = quoted(shown(reference.removeprefix("file:")))
            yield declared.fault(
                address,
                Text(fr=f"le fichier{fr} n'existe pas", en=f"the file{en} doesn't exist"),
                Text(
                    fr="déposez-le, ou corrigez le chemin (il part du dossier du manifeste)",
                    en="put it there, or mend the path (it starts at the manifest's folder)",
                ),
            )


def _is_file(reference: str, folder: Path) -> bool:
    try:
        return path_of(reference, folder).is_file()
    except (OSError, ValueError):
        return False


def _references(declared: Declared) -> Iterator[tuple[str, str, Address]]:
    """Every reference: the section that it points into, the name, and where it stands."""
    yield from _of_audit_trails(declared)
    for name, actor in declared.actors.items():
        here: Address = ("actors", name, "authentication")
        at_a_service = OAuth2Authentication | TokenLoginAuthentication | SessionAuthentication
        if isinstance(actor.authentication, at_a_service):
            yield "services", actor.authentication.service, (*here, "service")
        if isinstance(actor.authentication, SessionAuthentication) and actor.authentication.logout:
            yield "operations", actor.authentication.logout, (*here, "logout")
    for name, item in declared.objects.items():
        for index, owner in enumerate(item.owners):
            yield "actors", owner, ("objects", name, "owners", index)
        if item.person is not None:
            yield "people", item.person, ("objects", name, "person")
    yield from _of_operations(declared)
    for index, quota in declared.quotas.items():
        yield "operations", quota.operation, ("quotas", index, "operation")
        yield "actors", quota.actor, ("quotas", index, "actor")
        yield "actors", quota.bystander, ("quotas", index, "bystander")
    yield from _of_rights(declared)
    yield from _of_accounts(declared)


def _of_audit_trails(declared: Declared) -> Iterator[tuple[str, str, Address]]:
    for name, service in declared.services.items():
        if isinstance(service, AuditService):
            yield "actors", service.actor, ("services", name, "actor")
            for field in ("operation", "event_operation", "actor_operation"):
                shows = getattr(service, field)
                if shows is not None:
                    yield "operations", shows, ("services", name, field)


def _of_rights(declared: Declared) -> Iterator[tuple[str, str, Address]]:
    for index, removal in declared.access_removals.items():
        here: Address = ("access_removals", index)
        yield "actors", removal.actor, (*here, "actor")
        yield from _of_hook(removal.hook, (*here, "hook"))
    for index, restriction in declared.restrictions.items():
        here = ("restrictions", index)
        yield "actors", restriction.provider, (*here, "provider")
        yield "actors", restriction.bystander, (*here, "bystander")
        yield from _of_hook(restriction.hook, (*here, "hook"))


def _of_accounts(declared: Declared) -> Iterator[tuple[str, str, Address]]:
    accounts = declared.accounts
    for name, account in accounts.held.items():
        here: Address = ("accounts", "held", name)
        yield "operations", account.reading, (*here, "reading")
        yield "objects", account.object, (*here, "object")
        if account.sign_in is not None:
            yield "operations", account.sign_in.operation, (*here, "sign_in", "operation")
    if accounts.reset is not None:
        yield "operations", accounts.reset.ask, ("accounts", "reset", "ask")
        yield "operations", accounts.reset.complete, ("accounts", "reset", "complete")
    if accounts.change is not None:
        yield "operations", accounts.change.operation, ("accounts", "change", "operation")


def unknown_accounts(declared: Declared) -> Iterator[Finding]:
    """Each account that a reset or a change of password names and that isn't given up."""
    accounts = declared.accounts
    named: list[tuple[Address, str]] = []
    if accounts.reset is not None:
        named.append((("accounts", "reset", "account"), accounts.reset.account))
    if accounts.change is not None:
        named.append((("accounts", "change", "account"), accounts.change.account))
        named.append((("accounts", "change", "other"), accounts.change.other))
    for address, name in named:
        if name not in accounts.held:
            fr, en = quoted(shown(name))
            kind = Text(fr="les comptes déclarés (held)", en="the declared accounts (held)")
            yield declared.fault(
                address,
                Text(fr=f"le compte{fr} n'existe pas", en=f"the account{en} doesn't exist"),
                suggestion(name, sorted(accounts.held), kind=kind),
            )


def _of_hook(hook: Hook, here: Address) -> Iterator[tuple[str, str, Address]]:
    yield "operations", hook.operation, (*here, "operation")
    yield "operations", hook.undo, (*here, "undo")
    yield "actors", hook.actor, (*here, "actor")
    yield "objects", hook.object, (*here, "object")


def _of_operations(declared: Declared) -> Iterator[tuple[str, str, Address]]:
    for index, name in enumerate(declared.intrusive_on):
        yield "operations", name, ("scope", "intrusive_on", index)
    for name, operation in declared.operations.items():
        yield "services", operation.service, ("operations", name, "service")
        for index, actor in enumerate(operation.actors):
            yield "actors", actor, ("operations", name, "actors", index)
        if operation.read_back is not None:
            yield "operations", operation.read_back, ("operations", name, "read_back")
        if operation.outbound is not None and operation.outbound.triggered_by is not None:
            yield (
                "operations",
                operation.outbound.triggered_by,
                ("operations", name, "outbound", "triggered_by"),
            )
        if operation.exported_by is not None:
            yield "operations", operation.exported_by, ("operations", name, "exported_by")
        if operation.creates is not None:
            yield (
                "operations",
                operation.creates.removed_by,
                ("operations", name, "creates", "removed_by"),
            )


def _of_callback(declared: Declared) -> Iterator[tuple[str, Address]]:
    for field in ("certificate", "key"):
        reference = getattr(declared.callback, field, None)
        if reference is not None:
            yield reference, ("callback", field)


def _files(declared: Declared) -> Iterator[tuple[str, Address]]:
    """Every reference that may be to a file, and where it stands."""
    if declared.condition_1 is not None and declared.condition_1.document is not None:
        yield declared.condition_1.document, ("condition_1", "document")
    if declared.attestations is not None:
        yield declared.attestations, ("attestations",)
    yield from _of_callback(declared)
    for index, anchor in enumerate(declared.trust_anchors):
        yield anchor, ("trust_anchors", index)
    for name, service in declared.services.items():
        if isinstance(service, OpenApiService) and service.description is not None:
            yield service.description, ("services", name, "description")
    for name, account in declared.accounts.held.items():
        yield account.password, ("accounts", "held", name, "password")
    for name, actor in declared.actors.items():
        for field, reference in credentials(actor.authentication).items():
            yield reference, ("actors", name, "authentication", field)
        if isinstance(actor.authentication, OAuth2Authentication) and actor.authentication.login:
            yield (
                actor.authentication.login.password,
                ("actors", name, "authentication", "login", "password"),
            )


def credentials(authentication: Authentication) -> dict[str, str]:
    """The references that an authentication holds, by field."""
    fields = (
        "key",
        "secret",
        "certificate",
        "certificate_key",
        "other_authority_certificate",
        "other_authority_key",
        "revoked_certificate",
        "revoked_key",
        "expired_certificate",
        "expired_key",
        "refresh_token",
        "token",
        "password",
    )
    found = {field: getattr(authentication, field, None) for field in fields}
    return {field: value for field, value in found.items() if value is not None}
