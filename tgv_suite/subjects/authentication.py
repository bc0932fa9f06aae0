"""Subjects of the authentication checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tgv_suite.model.target import (
    ApiKeyAuthentication,
    BearerAuthentication,
    CertificateAuthentication,
    FhirService,
    OAuth2Authentication,
    OAuth2Service,
    Target,
    TokenLoginAuthentication,
)
from tgv_suite.model.well_known import metadata_urls, smart_configuration_url
from tgv_suite.subjects.declared import (
    READS,
    access_of,
    covering,
    first_of_each_actor,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
    permitted_writings,
    presents_certificate,
)
from tgv_suite.subjects.subject import (
    Access,
    Bound,
    CodeClient,
    ForeignAudience,
    Issuer,
    Subject,
    Undeclared,
    or_undeclared,
)
from tgv_suite.text import Text


def every_protected_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected update that has a reading to show its effect, by its first permitted actor."""
    first: dict[str, Subject] = {}
    for writing in permitted_writings(target):
        if not writing.write.actor.sacrificial:
            first.setdefault(writing.write.operation_id, writing)
    return or_undeclared(
        list(first.values()),
        fr="aucune modification protégée n'est déclarée avec la lecture qui en montre l'effet",
        en="no protected update is declared with the reading that shows its effect",
    )


def every_certificate_access(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading by a bearer of a client certificate, and each bearer, at least once."""
    bearers = {name for name, actor in target.actors.items() if presents_certificate(actor)}
    if not bearers:
        return _NO_CERTIFICATE
    readings = ordinary(permitted_accesses(target, READS))
    return or_undeclared(
        covering([access for access in readings if access.actor_id in bearers]),
        fr="aucune lecture protégée n'est déclarée pour un acteur qui présente un certificat client",
        en="no protected reading is declared for an actor who presents a client certificate",
    )


_NO_CERTIFICATE = Undeclared(
    missing=Text(
        fr="selon le manifeste, aucun acteur ne présente de certificat client",
        en="by the manifest, no actor presents a client certificate",
    ),
    offered=False,
)


def every_token_access(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading by a bearer of a token, and each bearer, at least once."""
    bearers = _token_actors(target)
    if not bearers:
        return _NO_TOKEN
    readings = ordinary(permitted_accesses(target, READS))
    return or_undeclared(
        covering([access for access in readings if access.actor_id in bearers]),
        fr="aucune lecture protégée n'est déclarée pour un acteur qui présente un jeton",
        en="no protected reading is declared for an actor who presents a token",
    )


def _token_actors(target: Target) -> set[str]:
    kinds = (OAuth2Authentication, BearerAuthentication, TokenLoginAuthentication)
    return {
        name for name, actor in target.actors.items() if isinstance(actor.authentication, kinds)
    }


_NO_TOKEN = Undeclared(
    missing=Text(
        fr="selon le manifeste, aucun acteur ne s'authentifie par un jeton",
        en="by the manifest, no actor authenticates with a token",
    ),
    offered=False,
)


def every_token_holder(target: Target) -> Sequence[Subject] | Undeclared:
    """A reading by each actor who presents a token."""
    if not _token_actors(target):
        return _NO_TOKEN
    return _readings_by(target, _token_actors(target))


def every_credential_holder(target: Target) -> Sequence[Subject] | Undeclared:
    """A reading by each actor who presents a token or a key, as whoever finds it could."""
    holders = _token_actors(target) | {
        name
        for name, actor in target.actors.items()
        if isinstance(actor.authentication, ApiKeyAuthentication)
    }
    if not holders:
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, aucun acteur ne présente de jeton ni de clé",
                en="by the manifest, no actor presents a token or a key",
            ),
            offered=False,
        )
    return _readings_by(target, holders)


def _readings_by(target: Target, actors: set[str]) -> Sequence[Subject] | Undeclared:
    """A reading by each of the actors."""
    first = first_of_each_actor(permitted_accesses(target, READS))
    return or_undeclared(
        [access for actor, access in first.items() if actor in actors],
        fr="aucune lecture protégée n'est déclarée pour un acteur qui présente un jeton ou une clé",
        en="no protected reading is declared for an actor who presents a token or a key",
    )


def every_bound_access(target: Target) -> Sequence[Subject] | Undeclared:
    """A reading by each client whose tokens are bound to its certificate, and the same elsewhere."""
    bound = {
        name
        for name, actor in target.actors.items()
        if isinstance(declared := actor.authentication, OAuth2Authentication)
        and declared.certificate is not None
        and declared.bound
    }
    if not bound:
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, aucun jeton n'est lié à un certificat client",
                en="by the manifest, no token is bound to a client certificate",
            ),
            offered=False,
        )
    readings = _readings_by(target, bound)
    if isinstance(readings, Undeclared):
        return readings
    return [
        Bound(access=access, elsewhere=_elsewhere(target, access))
        for access in readings
        if isinstance(access, Access)
    ]


def _elsewhere(target: Target, access: Access) -> tuple[Access, ...]:
    """The same request at each other service that declares it."""
    own = access.operation
    alike = [
        name
        for name, operation in target.operations.items()
        if (operation.method, operation.path, operation.kind) == (own.method, own.path, own.kind)
        and operation.service != own.service
    ]
    return tuple(access_of(target, name, access.actor_id, access.object_id) for name in alike)


def every_withdrawn_certificate(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading by whoever also supplies a certificate that isn't good any more."""
    bearers = {
        name: declared
        for name, actor in target.actors.items()
        if isinstance(declared := actor.authentication, CertificateAuthentication)
    }
    if not any(presents_certificate(actor) for actor in target.actors.values()):
        return _NO_CERTIFICATE
    supplied = {n for n, d in bearers.items() if d.revoked_certificate or d.expired_certificate}
    readings = ordinary(permitted_accesses(target, READS))
    return or_undeclared(
        first_of_each_operation(access for access in readings if access.actor_id in supplied),
        fr="aucun certificat client révoqué ni expiré n'est fourni (revoked_certificate, "
        "expired_certificate) par un acteur qui s'authentifie par certificat",
        en="no revoked or expired client certificate is supplied (revoked_certificate, "
        "expired_certificate) by an actor who authenticates with a certificate",
    )


def every_proving_client(target: Target) -> Sequence[Subject] | Undeclared:
    """For each issuer and each way that a client proves itself there, one that asks for itself."""
    return _clients(
        target,
        lambda declared: declared.grant == "client_credentials",
        fr="aucun client OAuth 2.0 n'est déclaré qui demande un jeton en son nom (client_credentials)",
        en="no OAuth 2.0 client is declared that asks for a token for itself (client_credentials)",
    )


def every_asserting_client(target: Target) -> Sequence[Subject] | Undeclared:
    """For each issuer, a client that asks for itself with a signed assertion."""
    clients = [a.authentication for a in target.actors.values()]
    asserting = [c for c in clients if getattr(c, "method", None) == "private_key_jwt"]
    if not asserting:
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, aucun client ne s'authentifie par une assertion signée",
                en="by the manifest, no client authenticates with a signed assertion",
            ),
            offered=False,
        )
    return _clients(
        target,
        lambda declared: (
            (declared.grant, declared.method) == ("client_credentials", "private_key_jwt")
        ),
        fr="aucun client OAuth 2.0 n'est déclaré qui demande un jeton en son nom "
        "(client_credentials) par une assertion signée (private_key_jwt)",
        en="no OAuth 2.0 client is declared that asks for a token for itself (client_credentials) "
        "with a signed assertion (private_key_jwt)",
    )


def every_renewing_client(target: Target) -> Sequence[Subject] | Undeclared:
    """For each issuer and each way that a client proves itself there, one with a refresh token."""
    refreshing = [
        a.authentication
        for a in target.actors.values()
        if getattr(a.authentication, "grant", None) == "refresh_token"
    ]
    if not refreshing:
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, aucun acteur ne tient de jeton de rafraîchissement",
                en="by the manifest, no actor holds a refresh token",
            ),
            offered=False,
        )
    return _clients(
        target,
        lambda declared: declared.grant == "refresh_token" and declared.method != "none",
        fr="aucun client OAuth 2.0 à jeton de rafraîchissement n'est déclaré avec une lecture",
        en="no OAuth 2.0 client with a refresh token is declared with a reading",
    )


def _clients(
    target: Target, wanted: Callable[[OAuth2Authentication], bool], *, fr: str, en: str
) -> Sequence[Subject] | Undeclared:
    """For each issuer and method, the first client, of those that may be spent if there is one."""
    if not _has_issuer(target):
        return _NO_TOKEN
    first: dict[tuple[str, str], Subject] = {}
    readings = permitted_accesses(target, READS)
    for access in sorted(readings, key=lambda access: not access.actor.sacrificial):
        declared = access.actor.authentication
        if isinstance(declared, OAuth2Authentication) and wanted(declared):
            service = target.services[declared.service]
            issuer = service.url if isinstance(service, OAuth2Service) else ""
            first.setdefault((issuer, declared.method), access)
    return or_undeclared(list(first.values()), fr=fr, en=en)


def every_code_client(target: Target) -> Sequence[Subject] | Undeclared:
    """Each client to which a person grants a code by logging in, but for those of very brief codes.

    A run may be too slow for these; they serve where there are no others.
    """
    found = _code_clients(target)
    if isinstance(found, Undeclared):
        return found
    return [one for one in found if _code_lasts_s(one) >= _ENOUGH_S] or found


def every_ending_code(target: Target) -> Sequence[Subject] | Undeclared:
    """The client whose codes end the soonest, by declaration."""
    found = _code_clients(target)
    return found if isinstance(found, Undeclared) else [min(found, key=_code_lasts_s)]


_ENOUGH_S = 10


def _code_lasts_s(client: CodeClient) -> float:
    declared = getattr(client.actor.authentication, "code_lifetime_s", None)
    return math.inf if declared is None else declared


def _code_clients(target: Target) -> list[CodeClient] | Undeclared:
    """Each client to which a synthetic person grants a code by logging in."""
    issuers = [s for s in target.services.values() if isinstance(s, OAuth2Service)]
    if not any(issuer.offers_code_grant for issuer in issuers):
        return _NO_LOGIN if issuers else _NO_TOKEN
    found = [
        CodeClient(actor_id=name, actor=actor, redirect_uri=declared.redirect_uri)
        for name, actor in target.actors.items()
        if isinstance(declared := actor.authentication, OAuth2Authentication)
        and declared.grant == "authorization_code"
        and declared.redirect_uri is not None
    ]
    return found or _NO_CODE_CLIENT


_NO_CODE_CLIENT = Undeclared(
    missing=Text(
        fr="aucun client n'est déclaré auquel une personne fictive accorde un code en se connectant "
        "(grant: authorization_code), et le manifeste ne dit pas que le serveur n'offre pas ce flux "
        "(offers_code_grant: false)",
        en="no client is declared to which a synthetic person grants a code by logging in (grant: "
        "authorization_code), and the manifest doesn't say that the server doesn't offer that grant "
        "(offers_code_grant: false)",
    )
)


def every_public_client(target: Target) -> Sequence[Subject] | Undeclared:
    """Each client without any proof of its own, to which a person grants a code."""
    found = every_code_client(target)
    if isinstance(found, Undeclared):
        return found
    public = [
        client
        for client in found
        if isinstance(client, CodeClient)
        and getattr(client.actor.authentication, "method", None) == "none"
    ]
    return public or Undeclared(
        missing=Text(
            fr="selon le manifeste, aucun client auquel une personne accorde un code n'est public "
            "(method: none)",
            en="by the manifest, no client to which a person grants a code is public (method: none)",
        ),
        offered=False,
    )


_NO_LOGIN = Undeclared(
    missing=Text(
        fr="selon le manifeste, personne ne se connecte au serveur d'autorisation pour accorder un "
        "code",
        en="by the manifest, nobody logs in at the authorization server to grant a code",
    ),
    offered=False,
)


def every_short_lived_access(target: Target) -> Sequence[Subject] | Undeclared:
    """A reading by each sacrificial OAuth 2.0 client whose tokens are short by declaration."""
    if not _has_issuer(target):
        return _NO_TOKEN
    accesses = [access for access in _sacrificial_clients(target) if _is_short_lived(access)]
    by_actor = {access.actor_id: access for access in reversed(accesses)}
    return or_undeclared(
        list(by_actor.values()),
        fr="aucun client OAuth 2.0 sacrifiable n'est déclaré, dont les jetons soient assez brefs "
        "pour expirer pendant l'essai (token_lifetime_s)",
        en="no sacrificial OAuth 2.0 client is declared, whose tokens are short enough to expire "
        "during the test (token_lifetime_s)",
    )


def every_foreign_audience(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading by an OAuth 2.0 client, with each client of another API of its issuer."""
    issuers = [s for s in target.services.values() if isinstance(s, OAuth2Service)]
    if not issuers:
        return _NO_TOKEN
    strangers = [name for name in target.actors if _issuer(target, name, elsewhere=True)]
    if not strangers and all(issuer.serves_only_this_api for issuer in issuers):
        return _NO_OTHER_API
    readings = ordinary(permitted_accesses(target, READS))
    own = first_of_each_operation(a for a in readings if _issuer(target, a.actor_id))
    return or_undeclared(
        [
            ForeignAudience(
                own=access,
                stranger=access_of(target, access.operation_id, stranger, access.object_id),
            )
            for access in own
            for stranger in strangers
            if _issuer(target, stranger, elsewhere=True) == _issuer(target, access.actor_id)
        ],
        fr="aucun client OAuth 2.0 n'est déclaré, dont les jetons soient pour une autre API du même "
        "émetteur (for_another_api), et le manifeste ne dit pas que l'émetteur ne sert que "
        "celle-ci (serves_only_this_api)",
        en="no OAuth 2.0 client is declared, whose tokens are for another API of the same issuer "
        "(for_another_api), and the manifest doesn't say that the issuer serves this one alone "
        "(serves_only_this_api)",
    )


def every_issuer(target: Target) -> Sequence[Subject] | Undeclared:
    """Each OAuth 2.0 issuer once, with the addresses of what is published of it."""
    services = target.services.items()
    first: dict[str, str] = {}
    for name, service in services:
        if isinstance(service, OAuth2Service):
            first.setdefault(service.url, name)
    configurations = tuple(
        smart_configuration_url(service.url)
        for _, service in services
        if isinstance(service, FhirService)
    )
    found = [
        Issuer(service_id=name, url=url, metadata=metadata_urls(url), configurations=configurations)
        for url, name in first.items()
    ]
    return found or Undeclared(
        missing=Text(
            fr="selon le manifeste, le SI n'a pas de serveur OAuth 2.0",
            en="by the manifest, the system has no OAuth 2.0 server",
        ),
        offered=False,
    )


def every_id_token_access(target: Target) -> Sequence[Subject] | Undeclared:
    """A reading by each OAuth 2.0 client that asks for an ID token (scope ``openid``)."""
    issuers = [s for s in target.services.values() if isinstance(s, OAuth2Service)]
    if not any(issuer.issues_id_tokens for issuer in issuers):
        return _NO_ID_TOKEN if issuers else _NO_TOKEN
    clients = {
        name
        for name, actor in target.actors.items()
        if isinstance(declared := actor.authentication, OAuth2Authentication)
        and "openid" in (declared.scope or "").split()
    }
    found = [] if not clients else _readings_by(target, clients)
    return found or Undeclared(
        missing=Text(
            fr="aucun client OAuth 2.0 n'est déclaré qui demande un jeton d'identité (scope: openid), "
            "et le manifeste ne dit pas que le serveur n'en délivre pas (issues_id_tokens: false)",
            en="no OAuth 2.0 client is declared that asks for an ID token (scope: openid), and the "
            "manifest doesn't say that the server issues none (issues_id_tokens: false)",
        )
    )


_NO_ID_TOKEN = Undeclared(
    missing=Text(
        fr="selon le manifeste, le serveur d'autorisation ne délivre pas de jeton d'identité",
        en="by the manifest, the authorization server issues no ID token",
    ),
    offered=False,
)


def _issuer(target: Target, actor: str, *, elsewhere: bool = False) -> tuple[str, bool] | None:
    """Who issues an OAuth 2.0 client's tokens, for this API or for another.

    It is said with whether a certificate goes with them: a refusal for want of one says nothing of
    the token.
    """
    declared = target.actors[actor].authentication
    if not isinstance(declared, OAuth2Authentication) or declared.for_another_api is not elsewhere:
        return None
    service = target.services[declared.service]
    bound = declared.certificate is not None
    return (service.url, bound) if isinstance(service, OAuth2Service) else None


_NO_OTHER_API = Undeclared(
    missing=Text(
        fr="selon le manifeste, l'émetteur ne délivre de jetons que pour cette API",
        en="by the manifest, the issuer issues tokens for this API alone",
    ),
    offered=False,
)


def _has_issuer(target: Target) -> bool:
    return any(isinstance(service, OAuth2Service) for service in target.services.values())


def _is_short_lived(access: Access) -> bool:
    declared = access.actor.authentication
    return isinstance(declared, OAuth2Authentication) and declared.token_lifetime_s is not None


def _sacrificial_clients(target: Target) -> list[Access]:
    """The readings of the OAuth 2.0 clients whose tokens may be spent; quotas are for others."""
    spenders = {name for quota in target.quotas for name in (quota.actor, quota.bystander)}
    return [
        access
        for access in permitted_accesses(target, READS)
        if access.actor.sacrificial
        and isinstance(access.actor.authentication, OAuth2Authentication)
        and isinstance(target.services[access.actor.authentication.service], OAuth2Service)
        and access.actor_id not in spenders
    ]


def every_revocable_access(target: Target) -> Sequence[Subject] | Undeclared:
    """A reading by each sacrificial OAuth 2.0 client, whose token may be revoked."""
    if not _has_issuer(target):
        return _NO_TOKEN
    accesses = [access for access in _sacrificial_clients(target) if not _is_short_lived(access)]
    by_actor = {access.actor_id: access for access in reversed(accesses)}
    return or_undeclared(
        list(by_actor.values()),
        fr="aucun client OAuth 2.0 sacrifiable n'est déclaré, dont le jeton puisse être révoqué",
        en="no sacrificial OAuth 2.0 client is declared, whose token may be revoked",
    )
