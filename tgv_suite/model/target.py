"""Of whom it is asked: the system, the scope of the test, services, actors, objects, operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from tgv_suite.model.accounts import Accounts
from tgv_suite.model.catalogue import SafetyClass
from tgv_suite.model.names import (
    ClearUrl,
    FieldPath,
    FileReference,
    HeaderName,
    Name,
    ParameterName,
    Port,
    SecretReference,
    ServicePath,
    Url,
)
from tgv_suite.model.rights import AccessRemoval, Restriction
from tgv_suite.noun import noun


class Category(StrEnum):
    """The kinds of systems that the orientation of 1 May 2019 tells apart."""

    GOVERNMENT = "government"
    RAMQ_PARTNER = "ramq-partner"
    APPOINTMENT_BOOKING = "appointment-booking"
    OTHER_PRIVATE = "other-private"
    INSURANCE = "insurance"
    DATA_VAULT = "data-vault"


class Environment(StrEnum):
    """Where the system that is tested runs."""

    TEST = "test"
    PREPRODUCTION = "preproduction"
    PRODUCTION = "production"


class Product(StrEnum):
    """Widespread products that a system may be made of, whose default accounts are publicly known."""

    ACTIVEMQ = "activemq"
    DHIS2 = "dhis2"
    GRAFANA = "grafana"
    HAPI_FHIR = "hapi-fhir"
    INTERSYSTEMS_IRIS = "intersystems-iris"
    MIRTH_CONNECT = "mirth-connect"
    OPENMRS = "openmrs"
    ORTHANC = "orthanc"
    RABBITMQ = "rabbitmq"
    TOMCAT = "tomcat"


class Scheme(StrEnum):
    """The schemes that a scope may name."""

    HTTPS = "https"
    HTTP = "http"


class NamMode(StrEnum):
    """What the check digits of the synthetic people's health insurance numbers are.

    A system that verifies them takes only right ones (``valide``); its vendor then holds that they are
    nobody's. Otherwise they are wrong on purpose.
    """

    WRONG = "invalide"
    RIGHT = "valide"


class OperationKind(StrEnum):
    """What an operation does to the object it names.

    ``manage`` is of what changes somebody's account or rights: it is called by no check but those
    for which the manifest names it.
    """

    READ = "read"
    SEARCH = "search"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    MANAGE = "manage"


@noun
class SystemIdentity:
    """The system, in the version that is to be certified."""

    name: str
    vendor: str
    version: str
    category: Category
    environment: Environment


@noun
class FirstCondition:
    """Condition 1 of the orientation, on record: the basis, its reference, its document."""

    basis: Literal["ramq-recognition", "msss-approval"]
    reference: Annotated[str, Field(pattern=r"\S")]
    document: FileReference | None = None


@noun
class Authoriser:
    """Who authorised the test."""

    name: str
    organisation: str
    on: date


@noun
class ScopeHost:
    """A host, port and scheme that the harness may speak to."""

    host: str
    port: Port
    scheme: Scheme = Scheme.HTTPS


@noun
class Rate:
    """What one host may be asked to bear.

    Parameters
    ----------
    per_second:
        Requests a second, at most.
    in_flight:
        Exchanges at once, at most.
    """

    per_second: Annotated[float, Field(gt=0, le=1000)] = 10.0
    in_flight: Annotated[int, Field(ge=1, le=64)] = 4


@noun
class Scope:
    """What the test may touch, who said so, and until when.

    Parameters
    ----------
    never_call:
        What is never sent: an operation's name, or a method and a path of a service such as
        ``DELETE /clinics/{id}``.
    intrusive_on:
        The operations on which intrusive checks may be tried; every one when none is named.
    """

    authorised_by: Authoriser
    until: date
    hosts: Annotated[tuple[ScopeHost, ...], Field(min_length=1)]
    rate: Rate = field(default_factory=Rate)
    safety: tuple[SafetyClass, ...] = (SafetyClass.PASSIVE,)
    never_call: tuple[str, ...] = ()
    intrusive_on: tuple[Name, ...] = ()

    def forbids(self, operation: str, method: str, path: str) -> bool:
        """Whether a request is among those that are never sent.

        Parameters
        ----------
        operation, method, path:
            The operation that it fills in, its method, and its path under its service.
        """
        bare = path.partition("?")[0]
        return any(
            entry == operation
            or (entry.startswith(f"{method} ") and _pattern(entry).fullmatch(f"{method} {bare}"))
            for entry in self.never_call
        )


def _pattern(entry: str) -> re.Pattern[str]:
    """A method and a path, whose ``{name}`` stand for any one segment."""
    pieces = re.split(r"\{[^}/]*\}", entry)
    return re.compile("[^/]+".join(re.escape(piece) for piece in pieces))


@noun
class CallbackAddress:
    """Where the system can reach the harness; port 0 lets the machine choose.

    Parameters
    ----------
    host, port:
        Where it listens; an address that the system is permitted to call, where it calls any.
    foreign_host:
        Another name or address of the same machine, that the system isn't permitted to call.
    certificate, key:
        By which it also answers over TLS: a chain that the system trusts, for both names, and its
        private key, without a password.
    """

    host: str
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    foreign_host: str | None = None
    certificate: FileReference | None = None
    key: FileReference | None = None


@noun
class FhirService:
    """A FHIR R4 server.

    Parameters
    ----------
    untested:
        Interactions that it offers and that no declared operation tests, such as ``Patient.read``.
    clear_text_url:
        Where the same server would answer without TLS; it must not.
    isolated:
        Whether nobody but the harness uses this instance, nor what stands before it.
    """

    type: Literal["fhir-r4"]
    url: Url
    untested: tuple[str, ...] = ()
    clear_text_url: ClearUrl | None = None
    isolated: bool = False


@noun
class OpenApiService:
    """A REST service, with the address of its OpenAPI description when there is one.

    Parameters
    ----------
    untested:
        What it offers and no declared operation tests, such as ``POST /appointments/{id}``.
    clear_text_url:
        Where the same service would answer without TLS; it must not.
    isolated:
        Whether nobody but the harness uses this instance, nor what stands before it.
    """

    type: Literal["openapi"]
    url: Url
    description: str | None = None
    untested: tuple[str, ...] = ()
    clear_text_url: ClearUrl | None = None
    isolated: bool = False


@noun
class OAuth2Service:
    """An OAuth 2.0 authorization server (RFC 8414 metadata under its issuer).

    Parameters
    ----------
    url:
        The issuer.
    token_endpoint, revocation_endpoint, authorization_endpoint:
        Where the metadata doesn't say.
    refresh_grace_s:
        How long a refresh token that was rotated is still taken, for answers that get lost, in
        seconds.
    offers_code_grant:
        Whether people log in at it to grant clients a code; false says that it has no such page.
    revocation_delay_s:
        How long a revoked access token may still work, in seconds.
    clock_leeway_s:
        How long an expired access token is still accepted, for clocks that differ, in seconds.
    serves_only_this_api:
        Whether it issues tokens for this system alone, so that there is no other audience.
    issues_id_tokens:
        Whether it is an OpenID Connect provider too; false says that no ID token ever comes of it.
    """

    type: Literal["oauth2"]
    url: Url
    token_endpoint: Url | None = None
    revocation_endpoint: Url | None = None
    authorization_endpoint: Url | None = None
    refresh_grace_s: Annotated[int, Field(ge=0, le=60)] = 0
    offers_code_grant: bool = True
    revocation_delay_s: Annotated[int, Field(ge=0)] = 0
    clock_leeway_s: Annotated[int, Field(ge=0, le=60)] = 0
    serves_only_this_api: bool = False
    issues_id_tokens: bool = True


@noun
class AuditFields:
    """Where a JSON audit record says who, whom, when, what and with what outcome (JSON pointers).

    Parameters
    ----------
    id:
        The event's own identifier, where ``event_operation`` reads one.
    """

    who: str
    patient: str
    when: str
    action: str
    outcome: str
    id: str | None = None


@noun
class AuditService:
    """How the audit trail is read.

    Parameters
    ----------
    operation:
        The operation that searches it; ``{patient}`` in its template is the person's locator.
    actor:
        Who may read it.
    format:
        ``fhir-audit-event`` or ``json`` (then ``fields`` says where things are).
    delay_s:
        How long an event may take to appear, in seconds.
    event_operation:
        The operation that reads one event, by ``{event}`` in its template; it acts on no declared
        object.
    actor_operation:
        The search of all that one actor did, refused accesses too, by ``{actor}`` in its template:
        their ``audit_identity``; it acts on no declared object.
    refusals:
        What an event's outcome may say of a refused access; by default FHIR's failures.
    """

    type: Literal["audit"]
    operation: Name
    actor: Name
    event_operation: Name | None = None
    actor_operation: Name | None = None
    refusals: tuple[str, ...] = ("4", "8", "12")
    format: Literal["fhir-audit-event", "json"] = "fhir-audit-event"
    fields: AuditFields | None = None
    delay_s: Annotated[int, Field(ge=0)] = 5


@noun
class WebService:
    """Pages for people, who log in there with a form."""

    type: Literal["web"]
    url: Url


Service = Annotated[
    FhirService | OpenApiService | OAuth2Service | AuditService | WebService,
    Field(discriminator="type"),
]


@noun
class NoAuthentication:
    """An actor without credentials."""

    type: Literal["none"] = "none"


@noun
class Login:
    """A synthetic person's login at an authorization server's own page.

    Parameters
    ----------
    username, password:
        Theirs.
    username_field, password_field:
        What the page's form calls them.
    """

    username: str
    password: SecretReference
    username_field: str = "username"
    password_field: str = "password"


@noun
class OAuth2Authentication:
    """An OAuth 2.0 client.

    Parameters
    ----------
    method:
        How the client proves itself (RFC 7523, RFC 6749 §2.3.1, RFC 8705); ``none`` for a public
        client, which has nothing to prove itself by (RFC 6749 §2.1).
    key:
        The private key (PEM) for ``private_key_jwt``.
    secret:
        The shared secret for ``client_secret_basic`` and ``client_secret_post``.
    certificate, certificate_key:
        For ``tls_client_auth``, and wherever tokens are bound to that certificate.
    bound:
        Whether its tokens open nothing without that certificate (RFC 8705 §3); false where it only
        proves the client to the authorization server.
    grant:
        ``client_credentials``, ``refresh_token`` with a ``refresh_token`` of the actor, or
        ``authorization_code`` with a ``login`` and a ``redirect_uri``.
    token_lifetime_s:
        How long its access tokens last, in seconds, when they are short so that a test can see one
        expire.
    code_lifetime_s:
        How long a code granted to it is good, in seconds.
    login, redirect_uri:
        Who logs in to grant it a code, and the registered address that the code is sent to; nothing
        is ever sent there.
    for_another_api:
        Whether its tokens are for another API of the same issuer, and must open nothing here.
    """

    type: Literal["oauth2"]
    service: Name
    client_id: str
    method: Literal[
        "private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth", "none"
    ]
    key: SecretReference | None = None
    key_id: str | None = None
    secret: SecretReference | None = None
    certificate: FileReference | None = None
    certificate_key: SecretReference | None = None
    grant: Literal["client_credentials", "refresh_token", "authorization_code"] = (
        "client_credentials"
    )
    refresh_token: SecretReference | None = None
    scope: str | None = None
    token_lifetime_s: Annotated[int, Field(ge=1)] | None = None
    code_lifetime_s: Annotated[int, Field(ge=1)] | None = None
    login: Login | None = None
    redirect_uri: Url | None = None
    for_another_api: bool = False
    bound: bool = True


@noun
class BearerAuthentication:
    """A static bearer token (RFC 6750)."""

    type: Literal["bearer"]
    token: SecretReference


@noun
class PasswordLimits:
    """How attempts at passwords are bounded, on an account that is given up to see it.

    Parameters
    ----------
    attempts:
        After how many failures in a row the account is locked.
    unlock_s:
        After how long it opens again by itself, in seconds.
    source_attempts:
        After how many failures in a row, whoever's, nobody logs in any more from where they came.
    source_recovers_s:
        After how long that ends by itself, in seconds.
    """

    attempts: Annotated[int, Field(ge=1, le=100)] = 5
    unlock_s: Annotated[float, Field(gt=0)] | None = None
    source_attempts: Annotated[int, Field(ge=1, le=1000)] | None = None
    source_recovers_s: Annotated[float, Field(gt=0)] | None = None


@noun
class TokenLoginAuthentication:
    """A name and a password, sent to the system's own login, which answers with a bearer token.

    Parameters
    ----------
    service, path:
        Where the login is: an address below a service.
    username, password:
        Theirs.
    body:
        What the login is sent, in JSON; ``{username}`` and ``{password}`` stand in it.
    token:
        Where the answer holds the token: its field's path, such as ``data/token``.
    token_lifetime_s:
        How long the token lasts, in seconds, where it doesn't say so itself.
    limits:
        For a sacrificial actor: the account may be locked, to see these limits hold.
    """

    type: Literal["token-login"]
    service: Name
    path: Annotated[str, Field(pattern="^/")]
    username: str
    password: SecretReference
    body: Mapping[str, JsonValue] = field(
        default_factory=lambda: {"username": "{username}", "password": "{password}"}
    )
    token: FieldPath = "token"
    token_lifetime_s: Annotated[int, Field(ge=1)] | None = None
    limits: PasswordLimits | None = None


@noun
class ApiKeyAuthentication:
    """A key in a header."""

    type: Literal["api-key"]
    header: str
    key: SecretReference


@noun
class SignatureAuthentication:
    """A key that two systems share, by which one signs what it sends to the other (webhooks).

    The signature is HMAC-SHA-256 (RFC 2104).

    Parameters
    ----------
    header:
        The header that carries it.
    value:
        What that header says; ``{signature}`` and ``{timestamp}`` stand in it.
    signed:
        What is signed; ``{body}`` and ``{timestamp}`` stand in it.
    encoding:
        How the signature is written.
    timestamp_header:
        The header that carries the time of sending, where it has its own, in seconds since 1970.
    delay_s:
        How long what is sent may take to have its effect, in seconds.
    """

    type: Literal["signature"]
    secret: SecretReference
    header: str
    value: Annotated[str, Field(pattern=r"\{signature\}")] = "{signature}"
    signed: Annotated[str, Field(pattern=r"\{body\}")] = "{body}"
    encoding: Literal["hex", "base64"] = "hex"
    timestamp_header: str | None = None
    delay_s: Annotated[float, Field(ge=0, le=60)] = 0.0


@noun
class BasicAuthentication:
    """HTTP Basic (RFC 7617).

    Parameters
    ----------
    limits:
        For a sacrificial actor: the account may be locked, to see these limits hold.
    """

    type: Literal["basic"]
    username: str
    password: SecretReference
    limits: PasswordLimits | None = None


@noun
class AntiForgeryToken:
    """What a change carries beside a session's cookie, as ``{csrf}`` in its template.

    Parameters
    ----------
    name:
        What calls it so: a hidden field or a ``meta`` of a page, or a cookie.
    page:
        The page's path under the login's service; none when it is a cookie.
    """

    name: Annotated[str, Field(pattern=r"^\S+$", max_length=100)]
    page: ServicePath | None = None


@noun
class SessionAuthentication:
    """A login by a page's form, and the session that its cookies bring.

    Parameters
    ----------
    service, login_path:
        The service that has the page, and the page's path there. What the form hides goes with it.
    username_field, password_field:
        What the form calls them.
    body:
        Where a script logs in instead of a form: what the same address is sent in JSON;
        ``{username}`` and ``{password}`` stand in it.
    anti_forgery:
        What a change has to carry besides.
    logout:
        The operation that ends the session.
    idle_s:
        After how long without a request the session ends by itself, in seconds.
    cross_site:
        Whether the pages are meant to be shown within another site's, as in a medical record's.
    limits:
        For a sacrificial actor: the account may be locked, to see these limits hold.
    """

    type: Literal["session"]
    service: Name
    login_path: ServicePath
    username: str
    password: SecretReference
    username_field: str = "username"
    password_field: str = "password"
    body: Mapping[str, JsonValue] | None = None
    anti_forgery: AntiForgeryToken | None = None
    logout: Name | None = None
    idle_s: Annotated[float, Field(gt=0)] | None = None
    cross_site: bool = False
    limits: PasswordLimits | None = None


@noun
class CertificateAuthentication:
    """A TLS client certificate.

    Parameters
    ----------
    other_authority_certificate, other_authority_key:
        A certificate of the same subject from another authority, which the system must refuse.
    revoked_certificate, revoked_key, expired_certificate, expired_key:
        The same subject's certificates that were revoked, or have expired; it must refuse them too.
    """

    type: Literal["client-certificate"]
    certificate: FileReference
    key: SecretReference
    other_authority_certificate: FileReference | None = None
    other_authority_key: SecretReference | None = None
    revoked_certificate: FileReference | None = None
    revoked_key: SecretReference | None = None
    expired_certificate: FileReference | None = None
    expired_key: SecretReference | None = None


Authentication = Annotated[
    NoAuthentication
    | OAuth2Authentication
    | BearerAuthentication
    | TokenLoginAuthentication
    | ApiKeyAuthentication
    | BasicAuthentication
    | SessionAuthentication
    | CertificateAuthentication
    | SignatureAuthentication,
    Field(discriminator="type"),
]


@noun
class Actor:
    """Someone who uses the system.

    Parameters
    ----------
    role:
        What they are there, for example ``clinician``.
    clinic:
        The clinic that they act for, when they act for one.
    audit_identity:
        How the audit trail names them.
    sacrificial:
        Whether their quota, tokens or account may be spent by a check.
    """

    role: str
    clinic: str | None = None
    audit_identity: str | None = None
    sacrificial: bool = False
    authentication: Authentication


@noun
class Person:
    """A synthetic person; no value here belongs to anybody.

    Parameters
    ----------
    locator:
        The person's identifier in the system, for example a FHIR ``Patient`` id.
    nam:
        A health insurance number with a reserved prefix.
    values:
        Every other personal value of theirs that the system may show (names, dates, e-mail …).
    """

    locator: str
    nam: str | None = None
    values: tuple[str, ...] = ()


@noun
class SyntheticObject:
    """An object put into the system for the test.

    Parameters
    ----------
    kind:
        What it is, for example ``appointment``; operations name the kind that they act on.
    locator:
        Its identifier in the system.
    owners:
        The actors who may see it. Everybody else may not.
    person:
        The synthetic person whom it concerns.
    canaries:
        Strings that stand in this object and nowhere else.
    values:
        Further values for request templates.
    """

    kind: Name
    locator: str
    owners: tuple[Name, ...]
    person: Name | None = None
    canaries: tuple[Annotated[str, Field(min_length=6)], ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@noun
class Outbound:
    """How a system calls an address that an operation gives it, as ``{url}`` in its template.

    Parameters
    ----------
    delay_s:
        How long it may take to call, once it has answered, in seconds; and to be ready to, where
        another operation makes it call.
    https:
        Whether the address is to be an ``https`` one.
    triggered_by:
        The operation that makes it call, where taking the address doesn't.
    """

    delay_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    https: bool = False
    triggered_by: Name | None = None


@noun
class Creation:
    """How what an operation creates is known, and removed again.

    Parameters
    ----------
    removed_by:
        The operation that removes it; in its template, and in that of the ``read_back`` operation,
        ``{created}`` stands for the new identifier.
    identifier:
        Where the answer says that identifier, as a path of names such as ``data/id``. By default in
        the address that ``Location`` or ``Content-Location`` gives, else in ``id``.
    """

    removed_by: Name
    identifier: FieldPath | None = None


@noun
class Upload:
    """How an operation takes a file; its ``read_back`` operation gives the file back.

    Parameters
    ----------
    field:
        The field of the form that carries it (RFC 7578), beside those of the body; null where the
        body is the file itself or, where a body is declared, holds it: ``{file_base64}``,
        ``{file_name}`` and ``{file_type}`` stand there for what they say.
    media_type:
        A type of files that it takes.
    largest:
        The longest file that it takes, in bytes.
    delay_s:
        How long a file may take before it can be read, for example until it was scanned, in seconds.
    """

    field: Annotated[str, Field(pattern=r"^[^\s\"]{1,60}$")] | None = "file"
    media_type: Literal["text/plain", "application/pdf", "image/png"] = "text/plain"
    largest: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    delay_s: Annotated[float, Field(ge=0, le=60)] = 0.0


@noun
class Harvesting:
    """What a search of people shows to whoever doesn't say whom they seek.

    Parameters
    ----------
    parameters:
        Those of its query that say who is sought.
    at_most:
        The most people that it shows then; 0 where it shows none, or refuses.
    """

    parameters: Annotated[tuple[ParameterName, ...], Field(min_length=1)]
    at_most: Annotated[int, Field(ge=0)] = 0


@noun
class Page:
    """How a search cuts its results into pages.

    Parameters
    ----------
    parameter:
        The parameter of the query by which a caller asks for a page's length.
    maximum:
        The longest page, whatever is asked for.
    """

    parameter: str
    maximum: Annotated[int, Field(ge=1)]


@noun
class PrivilegedField:
    """A field that a write must not let its caller choose.

    Parameters
    ----------
    name:
        The field, as it would stand in the body.
    value:
        A value that the caller must not be able to give it; templates are filled as in a body.
    shown_at:
        Its path in what the ``read_back`` operation answers, where it isn't its name.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    value: JsonValue
    shown_at: FieldPath | None = None


@noun
class Operation:
    """An operation that matters.

    Parameters
    ----------
    service:
        The service whose URL the path follows.
    kind:
        What it does.
    method, path, headers, body:
        The request; ``{object}`` is the object's locator, ``{person}`` its person's, ``{unique}`` a
        string that no other request of the run carries, other names come from the object's values.
    object:
        The kind of object that it acts on; none when it acts on no declared object.
    actors:
        Who may call it, each on what they own.
    public:
        Whether it is open to everybody, by design.
    read_back:
        For a write: the operation that shows its effect.
    exported_by:
        For a write: the operation that shows its effect in a file for spreadsheets (CSV).
    bulk:
        Whether it starts an export of many people's records.
    harvesting:
        For a search of people: what it shows to whoever doesn't say whom they seek.
    returns:
        The fields that come back, all of them: paths of names such as ``items/start``, through
        lists without their index; what stands inside a named field comes with it. Empty when the
        answer's form isn't declared.
    withheld:
        For a field that comes back, the roles that it is withheld from.
    reserved:
        Whether it is refused to every role but its actors', as an administrative function is.
    scope:
        The OAuth 2.0 scope that it needs.
    page:
        For a search that cuts its results: how.
    privileged:
        For a write: the fields that it must not change.
    outbound:
        For an operation that takes the address of another system, and calls it: how.
    creates:
        For an operation that creates something: how that is known, and removed again.
    upload:
        For an operation that takes a file: how.
    largest_body:
        For a write in JSON: the longest body that it takes, in bytes.
    purpose:
        Why the system offers it.
    """

    service: Name
    kind: OperationKind
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: Annotated[str, Field(pattern=r"^/\S*$")]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: JsonValue = None
    object: Name | None = None
    actors: tuple[Name, ...] = ()
    public: bool = False
    read_back: Name | None = None
    exported_by: Name | None = None
    bulk: bool = False
    harvesting: Harvesting | None = None
    returns: tuple[FieldPath, ...] = ()
    withheld: Mapping[FieldPath, tuple[str, ...]] = field(default_factory=dict)
    reserved: bool = False
    scope: str | None = None
    page: Page | None = None
    largest_body: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    privileged: tuple[PrivilegedField, ...] = ()
    outbound: Outbound | None = None
    creates: Creation | None = None
    upload: Upload | None = None
    purpose: str | None = None


@noun
class Tenancy:
    """How a system that several clinics share tells them apart.

    Parameters
    ----------
    identifiers:
        Each clinic's identifier in the system, by the name that the actors' ``clinic`` gives it.
    headers, parameters:
        Names of headers and of query parameters that could say for which clinic a request is
        made; common ones are tried besides.
    """

    identifiers: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[HeaderName, ...] = ()
    parameters: tuple[ParameterName, ...] = ()


@noun
class Quota:
    """A declared limit, and the actor who may exhaust it.

    Parameters
    ----------
    requests, window_s:
        So many requests in so many seconds.
    bystander:
        Another actor, who must not feel it.
    """

    operation: Name
    actor: Name
    bystander: Name
    requests: Annotated[int, Field(ge=1)]
    window_s: Annotated[float, Field(gt=0)]


@noun
class Target:
    """The target manifest: the system under test and everything that its vendor declares of it.

    Parameters
    ----------
    attestations:
        The file of what people attested of the system.
    nam_mode:
        Whether it verifies health insurance numbers, so that those of its people have to be right.
    products:
        The products that it is made of, as far as they are on the list: their default accounts are
        tried.
    access_removals:
        The actors whose access is withdrawn by a test, and given back.
    restrictions:
        The restrictions of a person's records that are set by a test, and lifted.
    accounts:
        The accounts whose password is changed by a test, and put back.
    """

    schema: Literal["tgv-target/1"]
    system: SystemIdentity
    condition_1: FirstCondition | None = None
    attestations: FileReference | None = None
    scope: Scope
    trust_anchors: tuple[FileReference, ...] = ()
    callback: CallbackAddress | None = None
    services: Annotated[Mapping[Name, Service], Field(min_length=1)]
    actors: Mapping[Name, Actor] = field(default_factory=dict)
    people: Mapping[Name, Person] = field(default_factory=dict)
    nam_mode: NamMode = NamMode.WRONG
    objects: Mapping[Name, SyntheticObject] = field(default_factory=dict)
    operations: Mapping[Name, Operation] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    tenancy: Tenancy | None = None
    products: tuple[Product, ...] = ()
    access_removals: tuple[AccessRemoval, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    accounts: Accounts | None = None
