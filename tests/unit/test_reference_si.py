"""The reference SI: conforming by default, and each planted defect is one real fault."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact
from pydantic import TypeAdapter
from reference_si.defects import DEFECTS
from reference_si.staff_portal import COOKIE

from tests.unit import staff_portal
from tgv_suite import locations
from tgv_suite.load.target import load_target
from tgv_suite.model.revocation import Staple
from tgv_suite.model.target import Target
from tgv_suite.model.tls import RenegotiationOutcome, TlsVersion
from tgv_suite.nam import could_be_real
from tgv_suite.probes.mailbox import Mailbox
from tgv_suite.probes.sink import Sink, answering_as
from tgv_suite.probes.tls_hello import EVERY_COMPRESSION, hello
from tgv_suite.probes.tls_renegotiation import renegotiation
from tgv_suite.probes.tls_staple import staple

JSON = {"Content-Type": "application/json"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Running:
    """The reference SI as a process, with its manifest and a client for each of its actors."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, str(locations.fixtures() / "reference_si"), "--stdio"]
        command += ["--folder", str(folder), *arguments]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.ready = self._heard()
        self.folder = folder
        self.manifest = yaml.safe_load(Path(self.ready["manifest"]).read_text(encoding="utf-8"))
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(folder / "pki" / "root.pem")

    def _heard(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        assert isinstance(said, dict)
        return said

    def tell(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._heard()

    def plant(self, *defects: str) -> None:
        assert self.tell(json.dumps({"defects": defects})) == {"ok": True}

    def stop(self) -> None:
        self.session.close()
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def url(self, service: str, path: str = "") -> str:
        return f"{self.manifest['services'][service]['url']}{path}"

    def secret(self, reference: str) -> str:
        return (self.folder / reference.removeprefix("file:")).read_text(encoding="utf-8")

    def object(self, name: str) -> dict[str, Any]:
        return dict(self.manifest["objects"][name])

    def mark(self, name: str) -> str:
        return str(self.object(name)["canaries"][0])

    def authentication(self, actor: str) -> dict[str, Any]:
        return dict(self.manifest["actors"][actor]["authentication"])

    def certificate(self, actor: str) -> tuple[str, str] | None:
        told = self.authentication(actor)
        pair = told.get("certificate"), told.get("certificate_key", told.get("key"))
        if pair[0] is None:
            return None
        certificate, key = (str(self.folder / str(one).removeprefix("file:")) for one in pair)
        return certificate, key

    def proof(self, actor: str) -> tuple[dict[str, str], tuple[str, str] | None]:
        """The form fields and the Basic credentials that authenticate an OAuth client."""
        told = self.authentication(actor)
        client = told["client_id"]
        match told["method"]:
            case "client_secret_basic":
                return {}, (client, self.secret(told["secret"]))
            case "client_secret_post":
                return {"client_id": client, "client_secret": self.secret(told["secret"])}, None
            case "tls_client_auth":
                return {"client_id": client}, None
        key = ECKey.import_key(self.secret(told["key"]))
        claims = {
            "iss": client,
            "sub": client,
            "aud": self.url("oauth"),
            "jti": secrets.token_hex(),
        }
        claims["exp"] = int(time.time()) + 60
        assertion = jwt.encode({"alg": "ES256"}, claims, key)
        return {"client_assertion_type": ASSERTION, "client_assertion": assertion}, None

    def ask(self, path: str, actor: str, **fields: str) -> requests.Response:
        """One request to the authorization server."""
        told = self.authentication(actor)
        service = self.manifest["services"][told["service"]]
        address = self.url("oauth", path)
        if path == "/token":
            address = service.get("token_endpoint", address)
        proof, basic = self.proof(actor)
        certificate = self.certificate(actor)
        return self.session.post(
            address, data={**fields, **proof}, auth=basic, cert=certificate, timeout=10
        )

    def tokens(self, actor: str) -> dict[str, Any]:
        told = self.authentication(actor)
        fields = {"grant_type": told.get("grant", "client_credentials")}
        if "scope" in told:
            fields["scope"] = told["scope"]
        if "refresh_token" in told:
            fields["refresh_token"] = self.secret(told["refresh_token"])
        answer = self.ask("/token", actor, **fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def token(self, actor: str) -> str:
        return str(self.tokens(actor)["access_token"])

    def credentials(self, actor: str) -> dict[str, str]:
        told = self.authentication(actor)
        match told["type"]:
            case "oauth2":
                return bearer(self.token(actor))
            case "bearer":
                return bearer(self.secret(told["token"]))
            case "api-key":
                return {told["header"]: self.secret(told["key"])}
            case "basic":
                return basic(told["username"], self.secret(told["password"]))
            case "session":
                return {"Cookie": f"{COOKIE}={staff_portal.in_(self, actor).cookie()}"}
        return {}

    def send(
        self, method: str, address: str, actor: str | None = None, **options: Any
    ) -> requests.Response:
        if actor is not None:
            options["headers"] = {**self.credentials(actor), **options.get("headers", {})}
            options.setdefault("cert", self.certificate(actor))
        return self.session.request(method, address, timeout=10, **options)

    def fhir(self, path: str, actor: str | None = None, **options: Any) -> requests.Response:
        return self.send("GET", self.url("fhir", path), actor, **options)

    def api(self, path: str, actor: str | None = None, **options: Any) -> requests.Response:
        return self.send("GET", self.url("api", path), actor, **options)

    def appointment(self, name: str, actor: str | None = None, **more: Any) -> requests.Response:
        return self.fhir(f"/Appointment/{self.object(name)['locator']}", actor, **more)

    def appointments_of(self, person: str, actor: str) -> dict[str, Any]:
        locator = self.manifest["people"][person]["locator"]
        return dict(self.fhir(f"/Appointment?patient={locator}", actor).json())

    def patch(self, name: str, actor: str | None = None, **content: str) -> requests.Response:
        address = self.url("api", f"/appointments/{self.object(name)['locator']}")
        return self.send("PATCH", address, actor, json=content)


def basic(username: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("reference-si"))
    yield running
    running.stop()


@pytest.fixture
def si(process: Running) -> Running:
    process.plant()
    return process


# --- The manifest and the PKI ---------------------------------------------------------------


def test_the_manifest_is_valid_and_complete(si: Running) -> None:
    TypeAdapter(Target).validate_json(json.dumps(si.manifest, default=str), strict=True)
    assert load_target(Path(si.ready["manifest"]))
    assert (
        si.manifest["scope"]["until"] == (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    )
    assert {host["port"] for host in si.manifest["scope"]["hosts"]} == set(
        si.ready["endpoints"].values()
    )


def test_every_actor_of_an_operation_owns_an_object_of_its_kind(si: Running) -> None:
    for operation in si.manifest["operations"].values():
        owners = [
            o["owners"]
            for o in si.manifest["objects"].values()
            if o["kind"] == operation.get("object")
        ]
        for actor in operation.get("actors", ()):
            assert (
                "object" not in operation or actor == "auditor" or any(actor in o for o in owners)
            )


def test_a_strict_verifier_accepts_every_listener(si: Running) -> None:
    root = x509.load_pem_x509_certificate((si.folder / "pki" / "root.pem").read_bytes())
    verifier = PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName("localhost"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(si.folder / "pki" / "root.pem")
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_cert_chain(*si.certificate("device-certificate") or ())
    for name, port in si.ready["endpoints"].items():
        if name in ("clear", "pki"):
            continue
        with (
            socket.create_connection(("localhost", port), 10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as tls,
        ):
            leaf = x509.load_der_x509_certificate(tls.getpeercert(True) or b"")
            sent = getattr(tls, "_sslobj").get_unverified_chain()  # noqa: B009
            others = [x509.load_pem_x509_certificate(c.public_bytes().encode()) for c in sent[1:]]
            assert verifier.verify(leaf, others)


def test_secrets_are_files_that_only_their_owner_reads(si: Running) -> None:
    files = list((si.folder / "secrets").iterdir())
    assert files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    text = Path(si.ready["manifest"]).read_text(encoding="utf-8")
    assert not [file.name for file in files if file.read_text(encoding="utf-8") in text]


def test_no_health_insurance_number_could_be_real_but_the_one_that_is_written_again(
    si: Running,
) -> None:
    numbers = [person["nam"] for person in si.manifest["people"].values()]
    assert all(number.startswith("ZZT") for number in numbers)
    assert [number for number in numbers if could_be_real(number)] == ["ZZTA85031495"]


def test_without_tls_everybody_is_sent_to_the_secure_address(si: Running) -> None:
    for service, path in (("fhir", "/metadata"), ("api", "/appointments?patient=zzt")):
        answer = in_clear(si, service, path)
        assert (answer.status_code, answer.text) == (308, "")
        assert answer.headers["Location"] == si.url(service, path)
    port = si.ready["endpoints"]["clear"]
    assert si.send("GET", f"http://localhost:{port}/oauth").status_code == 404


# --- Who may do what ------------------------------------------------------------------------


def test_each_permitted_reading_shows_the_marks_of_the_object(si: Running) -> None:
    for name, operation in si.manifest["operations"].items():
        if operation["kind"] not in ("read", "search") or name in ("capabilities", "audit-search"):
            continue
        for actor in operation.get("actors", ()):
            for object_ in si.manifest["objects"].values():
                if object_["kind"] == operation.get("object") and actor in object_["owners"]:
                    answer = si.send("GET", address(si, operation, object_), actor)
                    assert answer.status_code == 200, (name, actor, answer.text)
                    assert object_["canaries"][0] in answer.text, (name, actor)


def address(si: Running, operation: dict[str, Any], object_: dict[str, Any]) -> str:
    person = si.manifest["people"].get(object_.get("person"), {"locator": "", "nam": ""})
    values = {"object": object_["locator"], "person": person["locator"], "nam": person["nam"]}
    path = operation["path"]
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return si.url(operation["service"], path)


def test_a_foreign_object_is_refused_as_an_unknown_one_is(si: Running) -> None:
    for reader in (si.fhir, si.api):
        path = "/Appointment/" if reader == si.fhir else "/appointments/"
        for actor in ("clinic-a", "clinic-a-opaque", "kiosk-key", "patient-a"):
            foreign = reader(path + si.object("appointment-b")["locator"], actor)
            unknown = reader(path + UNKNOWN, actor)
            assert (foreign.status_code, foreign.content) == (404, unknown.content)


def test_searches_batches_and_totals_keep_to_what_the_caller_owns(si: Running) -> None:
    for actor in ("clinic-a", "patient-a"):
        assert si.appointments_of("patient-a", actor)["total"] > 0
        assert si.appointments_of("patient-b", actor)["total"] == 0
        assert batched(si, "appointment-a", actor)
        assert not batched(si, "appointment-b", actor)
    by_day = si.fhir("/Appointment?date=2027-01-15", "clinic-a").text
    assert si.mark("appointment-c") in by_day
    assert si.mark("appointment-d") not in by_day


def test_a_patient_is_found_by_their_number_within_the_clinic_only(si: Running) -> None:
    own, other = (si.manifest["people"][name]["nam"] for name in ("patient-a", "patient-b"))
    assert si.fhir(f"/Patient?identifier={own}", "clinic-a").json()["total"] == 1
    assert si.fhir(f"/Patient?identifier={other}", "clinic-a").json()["total"] == 0
    person = si.manifest["people"]["patient-a"]["locator"]
    assert si.api(f"/patients/{person}", "clinic-a").json()["nam"] == own
    assert si.api(f"/patients/{person}", "clinic-b").status_code == 404


def test_the_auditor_sees_only_the_trail_and_the_administrator_only_administration(
    si: Running,
) -> None:
    person = si.manifest["people"]["patient-a"]["locator"]
    paths = {
        f"/audit?patient={person}": "auditor",
        "/administration/clinics": "admin",
    }
    for path, permitted in paths.items():
        for actor in ("auditor", "admin", "clinic-a", "patient-a"):
            assert si.api(path, actor).status_code == (200 if actor == permitted else 403)
    for actor in ("auditor", "admin"):
        assert si.appointment("appointment-a", actor).status_code == 403
        assert si.api(f"/patients/{person}", actor).status_code == 403


def test_without_credentials_every_protected_operation_is_refused(si: Running) -> None:
    anything = next(iter(si.manifest["objects"].values()))
    open_writings = {"password-forgotten": 202, "password-renewal": 400}
    for name, operation in si.manifest["operations"].items():
        method = operation.get("method", "GET")
        of_a_page = operation["service"] == "portal" and method == "POST"
        if of_a_page or "by-certificate" in operation["service"]:
            continue
        where = address(si, operation, anything)
        answer = si.send(method, where, json=operation.get("body"))
        status = open_writings.get(name, 200) if operation.get("public") else 401
        assert answer.status_code == status, where
        assert operation.get("public") or answer.headers["WWW-Authenticate"]


def test_a_malformed_credential_is_refused_as_none_would_be(si: Running) -> None:
    for value in ("Bearer é", "Basic é", "Bearer", "Basic !!!", "Bearer a.b.c", "Bearer W10.W10.x"):
        header = {"Authorization": value.encode("latin-1")}
        assert si.appointment("appointment-a", headers=header).status_code == 401
    assert si.appointment("appointment-a", headers={"X-API-Key": b"\xe9"}).status_code == 401


def test_whoever_logs_in_to_the_portal_changes_what_is_noted_there_and_nobody_else(
    si: Running,
) -> None:
    assert staff_portal.in_(si).notes("/")
    assert not staff_portal.Browser(si).reads()
    roster = si.object("roster")["locator"]
    nobody = staff_portal.Browser(si)
    answer = nobody.post(f"/rosters/{roster}/note", "/login", note="zzt-personne")
    assert answer.headers["Location"] == "/portal/login"
    assert not nobody.notes("/login")


def test_an_account_opens_again_once_its_lock_has_ended(si: Running) -> None:
    assert staff_portal.opens_after_the_lock(si)


# --- Tokens ---------------------------------------------------------------------------------


def test_tokens_say_who_for_whom_until_when_and_are_verifiable(si: Running) -> None:
    metadata = si.send("GET", si.url("oauth", "/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == si.url("oauth")
    keys = si.send("GET", metadata["jwks_uri"]).json()["keys"]
    token = jwt.decode(si.token("clinic-a"), RSAKey.import_key(keys[0]), algorithms=["RS256"])
    assert token.header["kid"] == keys[0]["kid"]
    assert token.claims["iss"] == metadata["issuer"]
    assert token.claims["client_id"] == "clinic-a"
    assert token.claims["exp"] - token.claims["iat"] == 300
    assert {"aud", "jti", "scope"} <= set(token.claims)
    assert si.token("clinic-a-opaque").count(".") == 0


def test_a_client_is_known_only_by_its_own_method_and_an_assertion_is_good_once(
    si: Running,
) -> None:
    refused = partial(si.session.post, si.url("oauth", "/token"), timeout=10)
    grant = {"grant_type": "client_credentials"}
    secret = si.secret(si.authentication("clinic-b")["secret"])
    by_post = {**grant, "client_id": "clinic-b", "client_secret": secret}
    assert refused(data=by_post).status_code == 401
    assert refused(data=grant, auth=("clinic-b", "é")).status_code == 401
    assert refused(data={**grant, "client_id": "clinic-a-mtls"}).status_code == 401
    fields = {**grant, **si.proof("clinic-a")[0]}
    assert [refused(data=fields).status_code for _ in range(2)] == [200, 401]


def test_a_bound_token_opens_nothing_without_its_certificate(si: Running) -> None:
    token = bearer(si.token("clinic-a-mtls"))
    path = f"/appointments/{si.object('appointment-a')['locator']}"
    by_certificate = partial(si.send, "GET", si.url("api-by-certificate", path), headers=token)
    assert by_certificate(cert=si.certificate("clinic-a-mtls")).status_code == 200
    assert by_certificate(cert=si.certificate("device-certificate")).status_code == 401
    assert si.api(path, headers=token).status_code == 401
    with pytest.raises(requests.ConnectionError):
        by_certificate()


def test_a_client_is_granted_what_it_asks_of_its_roles_scopes_and_no_more(si: Running) -> None:
    grant = {"grant_type": "client_credentials"}
    assert "appointments.write" in si.tokens("clinic-b")["scope"].split()
    assert si.tokens("clinic-a-opaque")["scope"] == "appointments.read patients.read"
    beyond = si.ask("/token", "clinic-b", scope="appointments.read clinics.manage", **grant)
    assert (beyond.status_code, beyond.json()["error"]) == (400, "invalid_scope")
    reader = si.credentials("clinic-a-opaque")
    assert si.appointment("throwaway-a", headers=reader).ok
    address = si.url("api", f"/appointments/{si.object('throwaway-a')['locator']}")
    assert si.send("PATCH", address, headers=reader, json={"comment": "zzt"}).status_code == 403


def test_only_the_holder_of_a_token_revokes_it(si: Running) -> None:
    token = si.token("revocable")
    assert si.ask("/revoke", "clinic-b", token=token).status_code == 200
    assert si.ask("/introspect", "clinic-b", token=token).json() == {"active": False}
    assert opens(si, token)
    assert si.ask("/introspect", "revocable", token=token).json()["active"]
    assert si.ask("/revoke", "revocable", token=token).status_code == 200
    assert not opens(si, token)


# --- Writing, errors, descriptions ----------------------------------------------------------


def test_an_appointment_is_booked_changed_and_cancelled_by_both_services(si: Running) -> None:
    person = si.manifest["people"]["patient-a"]["locator"]
    booking = {"patient": person, "start": "2027-03-01T09:00:00-05:00", "comment": "zzt"}
    booked = si.send("POST", si.url("api", "/appointments"), "clinic-a", json=booking)
    assert booked.status_code == 201
    where = f"/appointments/{booked.json()['id']}"
    assert booked.headers["Location"] == f"/api{where}"
    cancelled = si.send("PATCH", si.url("api", where), "clinic-a", json={"status": "cancelled"})
    assert cancelled.json() == {**booked.json(), "status": "cancelled"}

    content = si.appointment("appointment-a", "clinic-a").json()
    twin = si.send("POST", si.url("fhir", "/Appointment"), "clinic-a", json=content)
    assert twin.status_code == 201
    changed = {**twin.json(), "status": "cancelled", "comment": "autre"}
    again = si.url("fhir", f"/Appointment/{twin.json()['id']}")
    assert si.send("PUT", again, "clinic-a", json=changed).json() == changed
    assert si.send("PUT", again, "clinic-b", json=changed).status_code == 404
    foreign = {**booking, "patient": si.manifest["people"]["patient-b"]["locator"]}
    refused = si.send("POST", si.url("api", "/appointments"), "clinic-a", json=foreign)
    assert refused.status_code == 404


ERRORS: tuple[tuple[str, str, str, dict[str, Any], int], ...] = (
    ("GET", "api", "/appointments", {}, 400),
    ("GET", "api", "/appointments?patient=x&date=zzt", {}, 400),
    ("GET", "api", "/appointments?patient=x&_count=²", {}, 400),
    ("GET", "api", "/audit", {}, 400),
    ("PATCH", "api", "/appointments/x", {"data": "{", "headers": JSON}, 400),
    ("PATCH", "api", "/appointments/x", {"data": "[" * 60_000, "headers": JSON}, 400),
    ("PATCH", "api", "/appointments/x", {"data": "x" * 70_000, "headers": JSON}, 413),
    ("PATCH", "api", "/appointments/x", {"json": {"status": ["booked"]}}, 400),
    ("POST", "api", "/appointments", {"json": {"patient": "x", "start": "demain"}}, 400),
    ("POST", "fhir", "/Appointment", {"json": {"resourceType": "Patient"}}, 400),
    ("POST", "fhir", "", {"json": {"type": "batch", "entry": {}}}, 400),
    ("GET", "fhir", "/Appointment", {}, 400),
    ("GET", "fhir", "/Nothing/x", {}, 404),
    ("GET", "fhir", "/Appointment/zzt'\"--", {}, 404),
    ("GET", "api", "/nothing", {}, 404),
    ("DELETE", "api", "/appointments/x", {}, 405),
    ("PATCH", "api", "/appointments/x", {"data": "comment=zzt"}, 415),
)


@pytest.mark.parametrize(("method", "service", "path", "options", "status"), ERRORS)
def test_errors_are_of_the_right_kind_and_form(
    si: Running, method: str, service: str, path: str, options: dict[str, Any], status: int
) -> None:
    answer = si.send(method, si.url(service, path), "clinic-a", **options)
    kinds = {"api": "application/problem+json", "fhir": "application/fhir+json"}
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, kinds[service])
    assert (status == 405) == ("Allow" in answer.headers)
    if status in (400, 415):
        assert si.send(method, si.url(service, path), **options).status_code == 401


def test_the_openapi_description_tells_the_truth(si: Running) -> None:
    described = si.api("/openapi.json").json()
    base = f"{urlsplit(si.url('api')).scheme}://{urlsplit(si.url('api')).netloc}"
    person = si.manifest["people"]["patient-a"]["locator"]
    for path, item in described["paths"].items():
        administering = path.startswith("/administration")
        actor = "admin" if administering else {"/audit": "auditor"}.get(path, "clinic-a")
        known = person if path.startswith("/patients") else si.object("appointment-a")["locator"]
        known = "z" if administering else known
        named = path.replace("{id}", known).replace("{name}", si.object("instructions")["locator"])
        where = base + described["servers"][0]["url"] + named
        for method, operation in item.items():
            status = 415 if operation.get("security") == [] else 401
            assert si.send(method.upper(), where).status_code == status
            assert str(status) in operation["responses"]
        content = item["get"]["responses"]["200"].get("content", {}) if "get" in item else {}
        if "application/json" not in content or path.startswith("/subscriptions"):
            continue  # of what isn't JSON, or isn't there at the start, the form is shown elsewhere
        answer = si.send("GET", where, actor, params={"patient": person})
        schema = content["application/json"]["schema"]
        if "$ref" in schema:
            schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        assert answer.status_code == 200
        assert set(answer.json()) == set(schema["properties"])


def test_the_audit_trail_tells_each_reading_of_a_persons_data(si: Running) -> None:
    assert trail(si) == {"count": 1, "elsewhere": 0, "who": True, "zone": True, **DONE}


DONE = {"action": "R", "outcome": "0"}


def trail(si: Running) -> dict[str, Any]:
    """What the trail says of one reading of one patient's appointment."""
    si.appointment("appointment-a", "clinic-a")
    people = si.manifest["people"]
    path = "/AuditEvent?patient={}"
    found = si.fhir(path.format(people["patient-a"]["locator"]), "auditor").json()
    elsewhere = si.fhir(path.format(people["patient-d"]["locator"]), "auditor").json()
    told = {"count": found["total"], "elsewhere": elsewhere["total"]}
    for event in (entry["resource"] for entry in found["entry"]):
        told["who"] = "who" in event["agent"][0]
        told["zone"] = datetime.fromisoformat(event["recorded"]).tzinfo is not None
        told["action"], told["outcome"] = event.get("action"), event.get("outcome")
    return told


def refusals(si: Running) -> list[str]:
    """The outcomes that the trail tells of one refused reading of a patient's appointment."""
    assert si.appointment("appointment-a", "patient-b").status_code == 404
    path = "/AuditEvent?agent:identifier=patient-b&_sort=-date"
    events = [entry["resource"] for entry in si.fhir(path, "auditor").json()["entry"]]
    return [event["outcome"] for event in events]


def told_of_accesses(si: Running, actor: str) -> bool:
    """Whether an actor is shown who read another person's data."""
    assert trail(si)["count"]
    person = si.manifest["people"]["patient-a"]["locator"]
    return si.fhir(f"/AuditEvent?patient={person}", actor).status_code == 200


def altered(si: Running, method: str, actor: str, who: str | None) -> bool:
    """Whether an event of the trail names another, or is gone, once an actor tried."""
    assert trail(si)["count"]
    person = si.manifest["people"]["patient-a"]["locator"]
    event = si.fhir(f"/AuditEvent?patient={person}", "auditor").json()["entry"][0]["resource"]
    path = f"/AuditEvent/{event['id']}"
    event["agent"] = [{"requestor": True, "who": {"display": "zzt-autre"}}]
    headers = si.credentials(actor) | {"Content-Type": "application/fhir+json"}
    si.send(method, si.url("fhir", path), json=event, headers=headers)
    left = si.fhir(path, "auditor")
    if left.status_code == 404:
        return who is None
    return bool(left.json()["agent"][0]["who"]["identifier"]["value"] == who)


def looked_up(si: Running) -> tuple[int, int]:
    """The status and the total that a clinic is told of another clinic's patient, by number."""
    number = si.manifest["people"]["patient-b"]["nam"]
    told = si.fhir(f"/Patient?identifier={number}", "clinic-a")
    return told.status_code, told.json().get("total", 0)


class Called(BaseHTTPRequestHandler):
    """Hears who calls, and sends them elsewhere when it was told where."""

    def do_GET(self) -> None:
        heard, elsewhere = getattr(self.server, "told")  # noqa: B009
        heard.append(self.path)
        there = elsewhere if self.path == "/there" else None
        self.send_response(200 if there is None else 302)
        if there is not None:
            self.send_header("Location", there)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def reached(si: Running, address: str, elsewhere: str | None = None) -> bool:
    """Whether an address that is given for reminders, or the one that it leads to, is called."""
    heard: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Called) as server:
        port = server.server_address[1]
        setattr(server, "told", (heard, elsewhere and elsewhere.format(port=port)))  # noqa: B010
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = si.url("api", f"/agendas/{si.object('agenda-a')['locator']}/reminders")
        content = {"url": address.format(port=port)}
        status = si.send("PUT", where, "clinic-a", json=content).status_code
        server.shutdown()
    assert status == (204 if heard else 400)
    return "/" in heard


def test_a_permitted_address_for_reminders_is_called_at_once(si: Running) -> None:
    assert reached(si, "http://localhost:{port}/")
    for other in ("ftp://localhost:{port}/", "http://[", "http://localhost.example.org:{port}/"):
        assert not reached(si, other)


def notified(si: Running, address: str, *, believed: bool = True) -> bool:
    """Whether an address that subscribes is told of a change; the subscription is removed again."""
    chain = si.folder / "pki" / ("bench.pem" if believed else "device-certificate-elsewhere.pem")
    key = chain.parent.parent / "secrets" / f"{chain.stem}.key"
    sink = Sink("localhost", 0, answering_as(chain, key))
    name, where = sink.name(), si.url("api", "/subscriptions")
    content = {"url": address.format(port=sink.port, name=name)}
    added = si.send("POST", where, "clinic-a", json=content)
    si.patch("throwaway-a", "clinic-a", comment="zzt")
    heard = sink.heard(name, 0)
    sink.close()
    if added.ok:
        kept = f"{where}/{added.json()['id']}"
        assert si.send("DELETE", kept, "clinic-b").status_code == 404
        assert si.send("DELETE", kept, "clinic-a").status_code == 204
        assert si.send("GET", kept, "clinic-a").status_code == 404
    else:
        assert added.status_code == 400
    return heard


def test_a_permitted_address_that_can_be_believed_is_told_of_a_change(si: Running) -> None:
    assert notified(si, "https://localhost:{port}/{name}")
    assert not notified(si, "https://localhost:{port}/{name}", believed=False)
    for other in ("https://localhost@127.0.0.1:{port}/{name}", "https://[", "https://2130706433/"):
        assert not notified(si, other)


def in_xml(si: Running, document: str) -> tuple[int, str]:
    """How a change in XML is answered, and the comment that is then read."""
    headers = {**si.credentials("clinic-a"), "Content-Type": "application/xml"}
    address = si.url("api", f"/appointments/{si.object('throwaway-a')['locator']}")
    status = si.send("PATCH", address, data=document, headers=headers).status_code
    return status, si.appointment("throwaway-a", "clinic-a").json()["comment"]


def looked_up_elsewhere(si: Running) -> bool:
    """Whether a change in XML brings what a listener serves, or has it called at least."""
    heard: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Called) as server:
        setattr(server, "told", (heard, None))  # noqa: B010
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        in_xml(si, f'<!DOCTYPE a SYSTEM "{address}"><a><comment>zzt</comment></a>')
        server.shutdown()
    return bool(heard)


def opened(si: Running, file: Path) -> bool:
    """Whether a change in XML stores what a file holds."""
    file.write_text("zzt-file", encoding="utf-8")
    typed = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{file.as_uri()}">]>'
    return in_xml(si, f"{typed}<a><comment>&e;</comment></a>") == (200, "zzt-file")


EXPANDED = '<!DOCTYPE a [<!ENTITY e "zzt-entity">]><a><comment>&e;</comment></a>'


def test_a_change_in_xml_is_made_when_it_is_flat_and_without_a_document_type(si: Running) -> None:
    assert in_xml(si, "<a><comment>zzt &amp; co</comment></a>") == (200, "zzt & co")
    for wrong in ("<a><comment>cut", "<a><b><comment>zzt</comment></b></a>", EXPANDED, ""):
        assert in_xml(si, wrong) == (400, "zzt & co")
    assert in_xml(si, f"<a><comment>{'x' * 70_000}</comment></a>") == (413, "zzt & co")


def numbered(si: Running, number: object) -> tuple[int, str]:
    """How a patient's number is answered when it is written, and in what words."""
    patient = si.manifest["people"]["patient-a"]["locator"]
    said = si.send(
        "PUT", si.url("api", f"/patients/{patient}/number"), "clinic-a", json={"nam": number}
    )
    return said.status_code, said.text


def test_a_number_is_stored_in_capitals_only_when_somebody_could_have_it(si: Running) -> None:
    assert numbered(si, "zzta 8503 1495")[0] == 204
    assert (
        "ZZTA85031495"
        in si.fhir(f"/Patient/{si.manifest['people']['patient-a']['locator']}", "clinic-a").text
    )
    for wrong in ("ZZTA85031492", "ZZTA85023195", "ZZTA85131495", "ZZTA8503149", "", None, 12):
        status, told = numbered(si, wrong)
        assert status == 400
        assert "ZZT" not in told


def statuses(si: Running, sent: bytes) -> list[int]:
    """How the front answers bytes that are sent to it on a connection of their own."""
    parts = urlsplit(si.url("documents-with-status"))
    context = ssl.create_default_context(cafile=str(si.folder / "pki" / "root.pem"))
    address = (parts.hostname or "", parts.port or 443)
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as connection,
    ):
        connection.sendall(sent)
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", received)]


ASKED = b"GET /documents/notice HTTP/1.1\r\nHost: localhost\r\n"
LAST = ASKED + b"Connection: close\r\n\r\n"


def after_a_request_of_two_lengths(si: Running) -> list[int]:
    """How plain requests are answered after one that its length and its chunks end elsewhere."""
    chunked = b"Content-Length: 11\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n(zzt) "
    statuses(si, ASKED.replace(b"GET", b"POST") + b"Connection: close\r\n" + chunked)
    return [status for _ in range(3) for status in statuses(si, LAST)]


def test_the_front_answers_each_request_in_turn_and_refuses_what_it_cannot_delimit(
    si: Running,
) -> None:
    assert statuses(si, ASKED + b"\r\n" + LAST) == [200, 200]
    assert statuses(si, ASKED + b"Content-Length: 3\r\n\r\nzzt" + LAST) == [200, 200]
    chunked = b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert statuses(si, ASKED + chunked) == [411]
    assert statuses(si, ASKED + b"Content-Length: 5\r\n" + chunked) == [400]
    for wrong in (b"Content-Length: x\r\n\r\n", b"Zzt : 1\r\n\r\n", b"Content-Length: -1\r\n\r\n"):
        assert statuses(si, ASKED + wrong) == [400]
    assert statuses(si, b"(zzt) " + LAST) == [400]


def commented(si: Running, comment: str) -> str:
    """The comment that is read once another one was written."""
    assert si.patch("throwaway-a", "clinic-a", comment=comment).ok
    return str(si.appointment("throwaway-a", "clinic-a").json()["comment"])


def runs_a_command(si: Running) -> bool:
    """Whether a command behind a document's name makes a file of ours."""
    file = si.folder / "zzt-command"
    name = quote(f"zzt;echo > {file}", safe="")
    assert si.api(f"/documents/{name}", "clinic-a").status_code == 404
    ran = file.exists()
    file.unlink(missing_ok=True)
    return ran


def slower(si: Running, comment: str, *, than: str) -> float:
    """How many times as long one comment takes as another, the best of three each."""
    best = {
        text: min(
            si.patch("throwaway-a", "clinic-a", comment=text).elapsed.total_seconds()
            for _ in range(3)
        )
        for text in (comment, than)
    }
    return best[comment] / best[than]


ANSWERED = "zzt-answered"


def called_back(
    si: Running, *, unsigned: bool = False, key: str | None = None, first: str | None = None
) -> bool:
    """Whether a callback changes an appointment: signed, unless it is said how it isn't.

    Parameters
    ----------
    first:
        A body that was sent before, under the very signature that this one then has.
    """
    told, now = si.authentication("text-messages"), str(int(time.time()))
    answer = json.dumps({"appointment": si.object("throwaway-a")["locator"], "answer": ANSWERED})
    signed = (answer if first == ANSWERED else first) or answer
    secret = key or si.secret(told["secret"])
    digest = hmac.new(secret.encode(), f"{now}.{signed}".encode(), "sha256").hexdigest()
    headers = JSON if unsigned else {**JSON, told["header"]: f"t={now},v1={digest}"}
    address = si.url("api", "/callbacks/answers")
    if first is not None:
        si.send("POST", address, data=signed, headers=headers)
        si.patch("throwaway-a", "clinic-a", comment="zzt-since")
    said = si.send("POST", address, data=answer, headers=headers).status_code
    taken = ANSWERED in si.appointment("throwaway-a", "clinic-a").text
    assert said == (204 if taken else 401)
    return taken


def test_a_callback_that_is_signed_and_new_changes_what_it_names(si: Running) -> None:
    assert called_back(si)


def given(si: Running, name: str) -> bool:
    """Whether a document's name in an address gives the accounts of the disk."""
    return "root:x:0:0:zzt:" in si.api(f"/documents/{name}", "clinic-a").text


def test_a_document_is_given_by_its_name_only_and_to_staff(si: Running) -> None:
    name = si.object("instructions")["locator"]
    assert si.mark("instructions") in si.api(f"/documents/{name}", "clinic-a").text
    assert si.api(f"/documents/{name}", "patient-a").status_code == 403
    assert si.api(f"/documents/{name}", "clinic-b").status_code == 404
    for other in ("zzt.txt", "..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", f"zzt%2F..%2F{name}", "%00"):
        assert si.api(f"/documents/{other}", "clinic-a").status_code == 404


@pytest.mark.parametrize("climb", ["../" * 12 + "etc/hostname", "/etc/hostname", "/"])
def test_no_planted_defect_opens_anything_of_the_machine_itself(si: Running, climb: str) -> None:
    for defect in ("document-opened-by-its-path", "document-path-decoded-once-verified"):
        si.plant(defect)
        for written in (quote(climb, safe=""), quote(quote(climb, safe=""), safe="")):
            assert si.api(f"/documents/{written}", "clinic-a").status_code == 404


def attached(si: Running, name: str, media_type: str, content: str) -> requests.Response:
    """A file attached to an appointment, and what is then given back of it."""
    where = si.url("api", f"/appointments/{si.object('throwaway-a')['locator']}/attachments")
    sent = si.send("POST", where, "clinic-a", files={"file": (name, content, media_type)})
    if not sent.ok:
        return sent
    kept = f"{where}/{sent.json()['id']}"
    given = si.send("GET", kept, "clinic-a")
    assert si.send("DELETE", kept, "clinic-b").status_code == 404
    assert si.send("DELETE", kept).status_code == 401
    assert si.send("DELETE", kept, "clinic-a").status_code == 204
    assert si.send("GET", kept, "clinic-a").status_code == 404
    return given


def test_a_text_is_attached_renamed_and_given_back_to_be_saved(si: Running) -> None:
    given = attached(si, "../é\\note.txt", "text/plain", "zzt")
    assert given.text == "zzt"
    assert given.headers["Content-Disposition"] == 'attachment; filename="note.txt"'
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    for name, media_type, content in (
        ("a.html", "text/html", "zzt"),
        ("a.txt.html", "text/plain", "zzt"),
        ("a.txt", "text/plain", "<p>zzt"),
        ("a.txt", "image/png", "zzt"),
    ):
        assert attached(si, name, media_type, content).status_code == 415


def exported(si: Running, comment: str) -> str:
    """The file for spreadsheets in which an appointment has a comment."""
    si.patch("throwaway-a", "clinic-a", comment=comment)
    person = si.manifest["people"]["patient-c"]["locator"]
    assert si.object("throwaway-a")["person"] == "patient-c"
    answer = si.api(f"/exports/appointments.csv?patient={person}", "clinic-a")
    assert answer.headers["Content-Type"].startswith("text/csv")
    return answer.text


def test_a_comment_is_exported_as_the_text_that_it_is(si: Running) -> None:
    assert '"zzt, ""zzt"""' in exported(si, 'zzt, "zzt"')
    assert '"\'=1+1"' in exported(si, "=1+1")
    assert si.api("/exports/appointments.csv", "clinic-a").status_code == 400


def started(si: Running, actor: str) -> requests.Response:
    """The answer to a bulk export that is asked for; it is removed again."""
    answer = si.fhir("/$export", actor, headers={"Prefer": "respond-async"})
    if answer.ok:
        assert si.send("DELETE", answer.headers["Content-Location"], actor).status_code == 202
    return answer


def test_the_administrator_exports_every_patient_and_nobody_else_does(si: Running) -> None:
    for actor in ("clinic-a", "patient-a", "auditor"):
        assert started(si, actor).status_code == 403
    assert si.fhir("/$export", "admin").status_code == 400
    asked = si.fhir("/$export", "admin", headers={"Prefer": "respond-async"})
    job = asked.headers["Content-Location"]
    (output,) = si.send("GET", job, "admin").json()["output"]
    patients = si.send("GET", output["url"], "admin").text.splitlines()
    assert {json.loads(line)["id"] for line in patients} == {
        person["locator"] for person in si.manifest["people"].values()
    }
    for address in (job, output["url"]):
        assert si.send("GET", address, "clinic-a").status_code == 403
        assert si.send("GET", address).status_code == 401
    assert si.send("DELETE", job, "admin").status_code == 202
    assert si.send("GET", job, "admin").status_code == 404
    assert si.send("GET", output["url"], "admin").status_code == 404


def listed(si: Running, query: str) -> int:
    """How many patients a search shows to the staff of clinic A."""
    answer = si.fhir(f"/Patient{query}", "clinic-a").json()
    return len(answer.get("entry", ()))


def in_version(si: Running, version: str, actor: str | None) -> int:
    """How another version of the service answers the reading of an appointment of clinic A."""
    locator = si.object("appointment-a")["locator"]
    return si.api(f"/{version}/appointments/{locator}", actor).status_code


def named(si: Running) -> str:
    """By what identifier a patient is found."""
    number = si.manifest["people"]["patient-a"]["nam"]
    (entry,) = si.fhir(f"/Patient?identifier={number}", "clinic-a").json()["entry"]
    return str(entry["resource"]["id"])


def found_by_text(si: Running) -> list[str]:
    """Whose appointments a patient is shown who adds a condition to their own identifier."""
    own = si.manifest["people"]["patient-a"]["locator"]
    answer = si.api("/appointments", "patient-a", params={"patient": f"{own}' OR '1'='1"})
    names = ("appointment-a", "appointment-b")
    return [name for name in names if si.mark(name) in answer.text]


def in_two_pieces(si: Running) -> str:
    """A patient's own identifier, as an expression that only a query works out."""
    own = si.manifest["people"]["patient-a"]["locator"]
    return f"{own[:3]}'||'{own[3:]}"


def named_in_body(si: Running) -> bool:
    """Whether a change of one's own appointment that names another's changes the other's."""
    own, other = (si.object(name)["locator"] for name in ("throwaway-a", "throwaway-b"))
    body = {"comment": "zzt", "id": other}
    url = si.url("api", f"/appointments/{own}")
    si.send("PATCH", url, "clinic-a", json=body)
    return bool(si.fhir(f"/Appointment/{other}", "clinic-b").json()["comment"] == "zzt")


# --- The control protocol -------------------------------------------------------------------


def test_a_switch_resets_everything_to_the_seed(si: Running) -> None:
    token, refresh = (
        si.token("revocable"),
        si.secret(si.authentication("revocable")["refresh_token"]),
    )
    assert si.patch("throwaway-a", "clinic-a", comment="zzt-autre").ok
    si.ask("/revoke", "revocable", token=token)
    si.ask("/revoke", "revocable", token=refresh)
    assert 429 in burst(si, "quota-actor")
    trail(si)

    si.plant("anonymous-read")
    assert si.appointment("throwaway-a").json()["comment"] != "zzt-autre"
    si.plant()

    assert trail(si)["count"] == 1
    assert opens(si, si.token("revocable"))
    assert set(burst(si, "quota-actor", times=3)) == {200}
    assert si.appointment("appointment-a").status_code == 401


@pytest.mark.parametrize(
    "line", ['{"defects": ["no-such-defect"]}', '{"degenerate": "sideways"}', "{", "[]", '{"a": 1}']
)
def test_an_order_that_is_not_understood_is_refused_and_changes_nothing(
    si: Running, line: str
) -> None:
    si.plant("anonymous-read")
    said = si.tell(line)
    assert said["ok"] is False
    assert said["error"]
    assert si.appointment("appointment-a").status_code == 200


def test_everybody_is_locked_out_once_so_many_requests_were_admitted(si: Running) -> None:
    si.tell('{"lock_after": 2}')
    read = [si.appointment("appointment-a", "clinic-a").status_code for _ in range(3)]
    assert read == [200, 200, 401]
    assert si.tell('{"lock_after": null}') == {"ok": True, "admitted": 2}
    assert si.appointment("appointment-a", "clinic-a").status_code == 200


def test_the_switches_asked_about_are_told_once(si: Running) -> None:
    def consulted() -> set[str]:
        return set(si.tell('{"consulted": true}')["consulted"])

    consulted()
    assert consulted() == set()
    assert si.appointment("appointment-a").status_code == 401
    asked = consulted()
    assert "anonymous-read" in asked
    assert "anonymous-search" not in asked
    assert "certificate-expired" not in asked
    si.session.close()
    assert si.session.get(si.url("documents", "/notice"), timeout=10).ok
    assert "certificate-expired" in consulted()


def test_a_degenerate_server_answers_everything_alike(si: Running) -> None:
    everywhere = [si.url("fhir", "/metadata"), si.url("api", "/slots"), si.url("oauth", "/token")]
    for behaviour, status in (("not-found", 404), ("forbidden", 403), ("empty", 200)):
        assert si.tell(json.dumps({"degenerate": behaviour})) == {"ok": True}
        answers = [si.send("POST", one) for one in everywhere]
        assert {(answer.status_code, answer.text) for answer in answers} == {(status, "")}
    assert si.tell('{"degenerate": "page"}') == {"ok": True}
    assert {si.send("GET", one).text[:15] for one in everywhere} == {"<!doctype html>"}
    assert si.tell('{"degenerate": "open"}') == {"ok": True}
    assert si.mark("appointment-b") in si.appointment("appointment-b").text
    assert si.patch("throwaway-a", comment="zzt").ok
    assert si.tell('{"degenerate": null}') == {"ok": True}
    assert si.appointment("appointment-b").status_code == 401


def test_the_process_starts_with_its_defects_and_ends_with_its_input(tmp_path: Path) -> None:
    running = Running(tmp_path, "--defect", "anonymous-read")
    try:
        assert running.appointment("appointment-a").status_code == 200
        assert running.process.stdin is not None
        running.process.stdin.close()
        assert running.process.wait(30) == 0
    finally:
        running.stop()


# --- The planted defects --------------------------------------------------------------------


def opens(si: Running, token: str) -> bool:
    return si.mark("appointment-a") in si.appointment("appointment-a", headers=bearer(token)).text


def burst(si: Running, actor: str, times: int = 25) -> list[int]:
    headers = si.credentials(actor)
    return [si.fhir("/Slot?_count=50", headers=headers).status_code for _ in range(times)]


def batched(si: Running, name: str, actor: str) -> bool:
    """Whether a batch brings an appointment in."""
    entry = {"request": {"method": "GET", "url": f"Appointment/{si.object(name)['locator']}"}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    answer = si.send("POST", si.url("fhir"), actor, json=bundle)
    assert answer.status_code == 200
    return si.mark(name) in answer.text


def shown(si: Running, actor: str, name: str, status: int) -> bool:
    answer = si.appointment(name, actor)
    return answer.status_code == status and si.mark(name) in answer.text


def booked(si: Running, name: str, actor: str) -> dict[str, Any]:
    """An appointment as the REST service shows it."""
    return dict(si.api(f"/appointments/{si.object(name)['locator']}", actor).json())


def by_method(si: Running, method: str, headers: dict[str, str] | None = None) -> str | int | None:
    """What an undeclared method makes of an appointment: its status when it is gone, or its comment."""
    address = si.url("api", f"/appointments/{si.object('throwaway-a')['locator']}")
    content = {"comment": "zzt-autrement"}
    si.send(method, address, "clinic-a-opaque", headers=headers or {}, json=content)
    after = si.appointment("throwaway-a", "clinic-a")
    return str(after.json()["comment"]) if after.ok else after.status_code


def changed_by(si: Running, actor: str, name: str, owner: str) -> bool:
    """Whether an actor's change of somebody's appointment takes effect."""
    si.patch(name, actor, comment="zzt-par-un-autre")
    return "zzt-par-un-autre" in si.appointment(name, owner).text


def written(si: Running, status: int) -> bool:
    """Whether a change by nobody, answered so, takes effect."""
    answer = si.patch("throwaway-a", comment="zzt-par-personne")
    after = si.appointment("throwaway-a", "clinic-a")
    return answer.status_code == status and "zzt-par-personne" in after.text


def resource(si: Running, **content: Any) -> dict[str, Any]:
    """The throwaway appointment as FHIR writes it, with other content."""
    id_ = si.object("throwaway-a")["locator"]
    return {"resourceType": "Appointment", "id": id_, **content}


def malformed(
    si: Running, service: str, text: str, media_type: str | None = "application/json"
) -> requests.Response:
    """A change of the throwaway appointment, whatever its body."""
    id_ = si.object("throwaway-a")["locator"]
    path = f"/appointments/{id_}" if service == "api" else f"/Appointment/{id_}"
    return si.send(
        "PATCH" if service == "api" else "PUT",
        si.url(service, path),
        "kiosk-basic",
        data=text.encode(),
        headers={"Content-Type": media_type},
    )


def commented_at_length(si: Running, length: int) -> requests.Response:
    """A change of the throwaway appointment to a comment of some length."""
    return malformed(si, "api", json.dumps({"comment": "z" * length}))


def found_that_day(si: Running, query: str) -> requests.Response:
    """A search of a person's appointments, with another parameter."""
    person = si.manifest["people"]["patient-a"]["locator"]
    return si.api(f"/appointments?patient={person}&{query}", "clinic-a")


def stored_as(si: Running, service: str, media_type: str | None) -> bool:
    """Whether a change is stored though its JSON is announced as another type, or as none."""
    text = json.dumps(resource(si, comment="zzt-annoncé-autrement"))
    answer = malformed(si, service, text, media_type)
    after = si.appointment("throwaway-a", "clinic-a").json()
    return answer.ok and after["comment"] == "zzt-annoncé-autrement"


def found(si: Running, person: str, actor: str) -> tuple[bool, bool]:
    """Whether a search shows, and counts, a person's appointments."""
    bundle = si.appointments_of(person, actor)
    return bool(bundle["entry"]), bundle["total"] > 0


def searched_by_nobody(si: Running) -> bool:
    person = si.manifest["people"]["patient-a"]["locator"]
    return si.mark("appointment-a") in si.api(f"/appointments?patient={person}").text


def lives_on(si: Running) -> bool:
    token = si.token("revocable")
    si.ask("/revoke", "revocable", token=token)
    return opens(si, token)


def device_reads(si: Running, certificate: str | None) -> bool:
    """Whether a client with no certificate, or another network's, reads in the device's name."""
    name = f"device-certificate{certificate}"
    files = (str(si.folder / "pki" / f"{name}.pem"), str(si.folder / "secrets" / f"{name}.key"))
    path = f"/appointments/{si.object('appointment-a')['locator']}"
    si.session.close()
    try:
        answer = si.send(
            "GET", si.url("api-by-certificate", path), cert=files if certificate else None
        )
    except requests.ConnectionError:
        return False
    return si.mark("appointment-a") in answer.text


def metadata(si: Running) -> dict[str, Any]:
    return dict(si.send("GET", si.url("oauth", "/.well-known/oauth-authorization-server")).json())


def smart(si: Running) -> dict[str, Any]:
    return dict(si.fhir("/.well-known/smart-configuration").json())


def outlives(si: Running) -> bool:
    """Whether a token opens the agenda after its expiry; it did before."""
    token = si.token("short-lived")
    expiry = json.loads(decoded(token.split(".")[1]))["exp"]
    (slot,) = si.object("agenda-a")["canaries"]
    asked = partial(si.fhir, "/Slot?_count=50", headers=bearer(token))
    assert slot in asked().text
    while time.time() <= expiry:
        time.sleep(expiry - time.time() + 0.01)
    return slot in asked().text


def issued(si: Running, actor: str) -> tuple[str, int, int]:
    """An actor's access token, how long it says that it lasts, and how long the answer says."""
    answer = si.tokens(actor)
    claims = json.loads(decoded(answer["access_token"].split(".")[1]))
    return answer["access_token"], claims["exp"] - claims["iat"], answer["expires_in"]


def keyed_with(si: Running, digest: str, secret: bytes) -> bool:
    """Whether the short-lived client's token is keyed with a secret."""
    content, _, signature = issued(si, "short-lived")[0].rpartition(".")
    return hmac.digest(secret, content.encode(), digest) == decoded(signature)


def published_keys(si: Running) -> list[dict[str, str]]:
    return list(si.send("GET", si.url("oauth", "/jwks")).json()["keys"])


def asks(si: Running, **fields: str) -> bool:
    """Whether the token endpoint gives a token for a form alone."""
    return si.session.post(si.url("oauth", "/token"), data=fields, timeout=10).ok


def renews_without_proof(si: Running) -> bool:
    refresh = si.tokens("revocable")["refresh_token"]
    known = {"client_id": "revocable", "refresh_token": refresh}
    return asks(si, grant_type="refresh_token", **known)


def knows_another_secret(si: Running) -> bool:
    pair = {"client_id": "clinic-a-opaque", "client_secret": "zzt"}
    return asks(si, grant_type="client_credentials", **pair)


def believes_another_key(si: Running) -> bool:
    claims = {"iss": "clinic-a", "sub": "clinic-a", "aud": si.url("oauth"), "jti": "zzt"}
    claims["exp"] = int(time.time()) + 60  # type: ignore[assignment]
    forged = jwt.encode({"alg": "ES256"}, claims, ECKey.generate_key("P-256"))
    fields = {"client_assertion_type": ASSERTION, "client_assertion": forged}
    return asks(si, grant_type="client_credentials", **fields)


def takes_an_assertion_again(si: Running) -> bool:
    fields = {"grant_type": "client_credentials", **si.proof("clinic-a")[0]}
    assert asks(si, **fields)
    return asks(si, **fields)


def bound_opens(si: Running, service: str, certificate: str | None) -> bool:
    """Whether a token bound to a certificate opens with another, or with none."""
    token = bearer(si.token("clinic-a-mtls"))
    path = f"/appointments/{si.object('appointment-a')['locator']}"
    files = None if certificate is None else si.certificate(certificate)
    return si.send("GET", si.url(service, path), headers=token, cert=files).ok


def mobile_renews_again(si: Running) -> bool:
    """Whether the public client's refresh token renews a second time."""
    answer, verifier = authorized(si, client="mobile")
    told = {"client_id": "mobile", "redirect_uri": si.authentication("mobile")["redirect_uri"]}
    code = {"code": code_of(answer) or "", "code_verifier": verifier}
    first = si.session.post(
        si.url("oauth", "/token"),
        data={"grant_type": "authorization_code", **told, **code},
        timeout=10,
    ).json()["refresh_token"]
    grant = {"grant_type": "refresh_token", "client_id": "mobile", "refresh_token": first}
    assert asks(si, **grant)
    return asks(si, **grant)


def authorized(si: Running, **changed: str | None) -> tuple[requests.Response, str]:
    """What the portal's authorization request comes to once its person logged in, and the verifier."""
    client = changed.pop("client", None) or "portal"
    told = si.authentication(client)
    verifier = secrets.token_urlsafe(48)
    challenge = encoded(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": told["redirect_uri"],
        "code_challenge": verifier
        if changed.get("code_challenge_method") == "plain"
        else challenge,
        "code_challenge_method": "S256",
        **changed,
    }
    query = {name: value for name, value in asked.items() if value is not None}
    login = {
        "username": told["login"]["username"],
        "password": si.secret(told["login"]["password"]),
    }
    with requests.Session() as browser:
        browser.verify, browser.trust_env = si.session.verify, False
        entered = browser.post(
            si.url("oauth", "/login"), params=query, data=login, allow_redirects=False, timeout=10
        )
        assert entered.status_code == 303, entered.text
        answer = browser.get(
            si.url("oauth", "/authorize"), params=query, allow_redirects=False, timeout=10
        )
    return answer, verifier


def code_of(answer: requests.Response) -> str | None:
    brought = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
    return brought.get("code", [None])[0]


def redeemed(si: Running, times: int = 1, proof: str | None = "", **changed: str | None) -> bool:
    """Whether the portal's code gives a token; with its own verifier unless another is given."""
    answer, verifier = authorized(si, **changed)
    fields = {
        "redirect_uri": changed.get("redirect_uri") or si.authentication("portal")["redirect_uri"]
    }
    if proof is not None:
        fields["code_verifier"] = proof or verifier
    answers = [
        si.ask(
            "/token",
            "portal",
            grant_type="authorization_code",
            code=code_of(answer) or "",
            **fields,
        )
        for _ in range(times)
    ]
    assert times == 1 or answers[0].ok
    return answers[-1].ok


def test_a_person_logs_in_and_their_client_redeems_the_code(si: Running) -> None:
    assert redeemed(si)
    told = si.authentication("portal")
    wrong = {"username": told["login"]["username"], "password": "zzt"}
    refused = si.session.post(
        si.url("oauth", "/login"), params={"client_id": "portal"}, data=wrong, timeout=10
    )
    assert refused.status_code == 401
    assert "password" in refused.text


def redeemed_late(si: Running) -> bool:
    """Whether the counter's code, good for a second, gives a token once that second has passed."""
    answer, verifier = authorized(si, client="counter")
    ended = time.monotonic() + 1.0
    while time.monotonic() <= ended:
        time.sleep(ended - time.monotonic() + 0.01)
    return si.ask(
        "/token",
        "counter",
        grant_type="authorization_code",
        code=code_of(answer) or "",
        redirect_uri=si.authentication("counter")["redirect_uri"],
        code_verifier=verifier,
    ).ok


def sent_to(si: Running, address: str) -> bool:
    answer, _ = authorized(si, redirect_uri=address)
    return answer.headers.get("Location", "").startswith(address)


def by_password(si: Running) -> bool:
    login = si.authentication("portal")["login"]
    pair = {"username": login["username"], "password": si.secret(login["password"])}
    return si.ask("/token", "portal", grant_type="password", **pair).ok


def renews(si: Running) -> bool:
    refresh = si.tokens("revocable")["refresh_token"]
    si.ask("/revoke", "revocable", token=refresh)
    grant = {"grant_type": "refresh_token", "refresh_token": refresh}
    return si.ask("/token", "revocable", **grant).ok


def opaque_opens(si: Running) -> bool:
    token = si.token("clinic-a-opaque")
    middle = len(token) // 2
    other = "b" if token[middle] == "a" else "a"
    return opens(si, token[:middle] + other + token[middle + 1 :])


def error_tells(si: Running, text: str) -> bool:
    return text in si.fhir("/Appointment/zzt'\"--", "clinic-a").text


def spent_for_all(si: Running) -> bool:
    burst(si, "quota-actor")
    return 429 in burst(si, "quota-bystander", times=1)


class Keys:
    """An address that serves a key of ours, and remembers who asked."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(65537, 2048)
        pkcs8, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        self.key = RSAKey.import_key(
            self.private.private_bytes(serialization.Encoding.PEM, pkcs8, none)
        )
        self.kid = secrets.token_hex(8)
        self.public = {**self.key.as_dict(private=False), "kid": self.kid, "alg": "RS256"}
        self.asked: list[str] = []
        self.issuers: dict[str, bytes] = {}
        keys = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                keys.asked.append(self.path[1:])
                self.send_response(200)
                self.end_headers()
                self.wfile.write(keys.document(self.path[1:]))

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("localhost", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def learn(self, si: Running) -> None:
        """The issuer's public key, in the forms in which it may be taken for a secret."""
        (public,) = si.send("GET", si.url("oauth", "/jwks")).json()["keys"]
        key = RSAKey.import_key(public)
        self.issuers = {
            "pem": key.as_pem(private=False),
            "bare pem": key.as_pem(private=False).strip(),
            "der": key.as_der(private=False),
            "jwk": json.dumps(public, separators=(",", ":")).encode(),
        }

    def document(self, name: str) -> bytes:
        if name == "jku":
            return json.dumps({"keys": [self.public]}).encode()
        who, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "zzt")]), datetime.now(UTC)
        builder = x509.CertificateBuilder(who, who, self.private.public_key(), 1, now, now)
        signed = builder.sign(self.private, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)

    def forged(self, token: str, kind: str) -> str:
        """A token that differs from a good one in one property."""
        header, claims = (json.loads(decoded(part)) for part in token.split(".")[:2])
        head, payload, signature = token.split(".")
        if kind.lower() == "none":
            return f"{encoded(json.dumps({**header, 'alg': kind}).encode())}.{payload}."
        if kind in self.issuers:
            signed = f"{encoded(json.dumps({**header, 'alg': 'HS256'}).encode())}.{payload}"
            mac = hmac.new(self.issuers[kind], signed.encode(), hashlib.sha256).digest()
            return f"{signed}.{encoded(mac)}"
        if kind == "signature":
            raw = bytearray(decoded(signature))
            raw[len(raw) // 2] ^= 1
            return f"{head}.{payload}.{encoded(bytes(raw))}"
        if kind == "claims":
            later = json.dumps({**claims, "exp": claims["exp"] + 3600}).encode()
            return f"{head}.{encoded(later)}.{signature}"
        if kind == "embedded":
            header |= {"kid": self.kid, "jwk": self.public}
        elif kind != "foreign":
            port = self.server.server_address[1]
            header |= {"kid": self.kid, kind: f"http://localhost:{port}/{kind}"}
        content = json.dumps({**claims, "jti": secrets.token_hex(8)}).encode()
        registry = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
        return serialize_compact(header, content, self.key, registry=registry)


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def keys() -> Iterator[Keys]:
    served = Keys()
    yield served
    served.server.shutdown()
    served.server.server_close()


def believed(si: Running, keys: Keys) -> set[str]:
    """The forgeries that open a record, and the addresses that were followed."""
    keys.asked.clear()
    token = si.token("clinic-a")
    assert opens(si, token)
    keys.learn(si)
    kinds = ["signature", "claims", "foreign", "embedded", "jku", "x5u"]
    kinds += ["none", "None", "NONE", *keys.issuers]
    accepted = {kind for kind in kinds if opens(si, keys.forged(token, kind))}
    assert opens(si, token)
    return accepted | {f"{name} followed" for name in keys.asked}


BELIEVED = {
    "signature-never-verified": {
        *("signature", "claims", "foreign"),
        *("none", "None", "NONE"),
        *("pem", "bare pem", "der", "jwk"),
    },
    "alg-none-accepted": {"none"},
    "alg-none-refused-in-lower-case-only": {"None", "NONE"},
    "hmac-keyed-with-pem": {"pem"},
    "hmac-keyed-with-pem-without-newline": {"bare pem"},
    "hmac-keyed-with-der": {"der"},
    "hmac-keyed-with-jwk": {"jwk"},
    "signature-cached-by-content": {"signature"},
    "claims-trusted-by-signature": {"claims"},
    "unknown-tokens-not-verified": {"foreign"},
    "trusts-embedded-key": {"embedded"},
    "trusts-jku": {"jku", "jku followed"},
    "trusts-x5u": {"x5u", "x5u followed"},
    "fetches-jku": {"jku followed"},
    "fetches-x5u": {"x5u followed"},
}


@pytest.mark.parametrize("defect", BELIEVED)
def test_each_token_defect_believes_its_own_forgery_and_no_other(
    si: Running, keys: Keys, defect: str
) -> None:
    assert believed(si, keys) == set()
    si.plant(defect)
    assert believed(si, keys) == BELIEVED[defect]


class Handshake:
    """What a client that trusts the test PKI makes of the listener that TLS defects change."""

    def __init__(self, si: Running, **limits: ssl.TLSVersion) -> None:
        self.error: int | None = 0
        self.leaf: x509.Certificate | None = None
        for verified in (True, False):
            self._shake(si, verified, limits)

    def _shake(self, si: Running, verified: bool, limits: dict[str, ssl.TLSVersion]) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.check_hostname = verified
        context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
        context.load_verify_locations(si.folder / "pki" / "root.pem")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = limits.get("version", ssl.TLSVersion.TLSv1_2)
            context.maximum_version = limits.get("version", ssl.TLSVersion.TLSv1_3)
        port = si.ready["endpoints"]["documents"]
        try:
            with (
                socket.create_connection(("localhost", port), 10) as raw,
                context.wrap_socket(raw, server_hostname="localhost") as tls,
            ):
                self.leaf = x509.load_der_x509_certificate(tls.getpeercert(True) or b"")
        except ssl.SSLCertVerificationError as error:
            self.error = error.verify_code
        except ssl.SSLError:
            self.error = None


def speaks(version: ssl.TLSVersion) -> Callable[[Running], bool]:
    return lambda si: Handshake(si, version=version).error == 0


def in_clear(si: Running, service: str, path: str) -> requests.Response:
    address = si.manifest["services"][service]["clear_text_url"]
    return si.send("GET", address + path, allow_redirects=False)


def takes(suite: str, *, level: int = 0) -> Callable[[Running], bool]:
    """Whether a client that offers one suite of TLS 1.2 alone is served, and bears what is sent."""

    def taken(si: Running) -> bool:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suite}:@SECLEVEL={level}")
        try:
            with (
                socket.create_connection(("localhost", si.ready["endpoints"]["documents"])) as raw,
                context.wrap_socket(raw, server_hostname="localhost") as tls,
            ):
                return (tls.cipher() or [None])[0] == suite
        except ssl.SSLError:
            return False

    return taken


def serves_short_diffie_hellman(si: Running) -> bool:
    suite = "DHE-RSA-AES128-GCM-SHA256"
    return takes(suite)(si) and not takes(suite, level=2)(si)


def connecting(host: str, port: int, timeout_s: float) -> socket.socket:
    return socket.create_connection((host, port), timeout_s)


def renegotiates(si: Running) -> bool:
    port = si.ready["endpoints"]["documents"]
    seen = renegotiation("localhost", port, identity=None, connect=connecting, timeout_s=10)
    return seen.outcome is RenegotiationOutcome.ACCEPTED


def compresses(si: Running) -> bool:
    port = si.ready["endpoints"]["documents"]
    seen = hello(
        "localhost",
        port,
        TlsVersion.TLS_1_2,
        connect=connecting,
        timeout_s=10,
        compressions=EVERY_COMPRESSION,
    )
    return seen.accepted and seen.compression == 1


def lists_one(name: str) -> Callable[[Running], bool]:
    """Whether a list of the authority's holds a certificate."""

    def listed(si: Running) -> bool:
        port = si.ready["endpoints"]["pki"]
        answer = si.send("GET", f"http://localhost:{port}/{name}.crl")
        return len(list(x509.load_der_x509_crl(answer.content))) == 1

    return listed


def responder_revokes(si: Running) -> bool:
    leaf = Handshake(si).leaf
    assert leaf is not None
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        bytes(20), bytes(20), leaf.serial_number, hashes.SHA1()
    )
    asked = builder.build().public_bytes(serialization.Encoding.DER)
    url = f"http://localhost:{si.ready['endpoints']['pki']}/ocsp"
    answer = ocsp.load_der_ocsp_response(si.session.post(url, asked).content)
    return answer.certificate_status is ocsp.OCSPCertStatus.REVOKED


def stapled(si: Running) -> Staple:
    """What the listener whose certificate promises it sends of its status."""
    port = si.ready["endpoints"]["stapled"]
    return staple(
        "localhost",
        port,
        identity=None,
        read=lambda blank, response: replace(
            blank, next_update=str(ocsp.load_der_ocsp_response(response).next_update_utc)
        ),
        connect=connecting,
        wait=lambda seconds: None,
        timeout_s=10,
    )


def promises_more_than_it_sends(si: Running) -> bool:
    seen = stapled(si)
    return seen.handshake and seen.status is None


def staples_what_is_past(si: Running) -> bool:
    status = stapled(si).status
    return status is not None and str(status.next_update) < str(datetime.now(UTC))


def refused_for(*codes: int) -> Callable[[Running], bool]:
    """Codes are OpenSSL's X509_V_ERR_*."""
    return lambda si: Handshake(si).error in codes


def leaf_is(condition: Callable[[x509.Certificate], bool]) -> Callable[[Running], bool]:
    """The chain holds, and the leaf is so."""

    def seen(si: Running) -> bool:
        handshake = Handshake(si)
        assert handshake.leaf is not None
        return handshake.error == 0 and condition(handshake.leaf)

    return seen


def is_short(leaf: x509.Certificate) -> bool:
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    return isinstance(key, rsa.RSAPublicKey) and key.key_size == 1024


def security_txt(si: Running) -> requests.Response:
    return si.send("GET", si.url("fhir").replace("/fhir", "/.well-known/security.txt"))


def _expiry(content: str) -> str:
    return content.partition("Expires: ")[2][:10] or "9999"


OWN = "the manifest's"


def holds(si: Running, password: str, username: str = "zzt-carl") -> bool:
    """Whether a name and a password show the person's own appointment."""
    held = si.manifest["accounts"]["held"][username]
    value = si.secret(held["password"]) if password == OWN else password
    return (
        si.mark(held["object"])
        in si.appointment(held["object"], headers=basic(username, value)).text
    )


def asks_reset(si: Running, username: str = "zzt-carl") -> tuple[requests.Response, str]:
    """What the answer to a forgotten password is, and the code that the mail brings, if any."""
    declared = si.manifest["accounts"]
    address = declared["held"]["zzt-carl"]["address"]
    mailbox = Mailbox(**declared["mail"])
    try:
        assert mailbox.listen(address)
        answer = si.send("POST", si.url("api", "/password/forgotten"), json={"username": username})
        mail = mailbox.next(address, 0, 5.0) if username in declared["held"] else None
        found = re.search(declared["reset"]["code"], mail or "")
        return answer, "" if found is None else found[1]
    finally:
        mailbox.close()


def tells_the_code(si: Running) -> bool:
    """Whether the answer to a forgotten password shows the code that the mail brings."""
    answer, code = asks_reset(si)
    assert code
    return code in answer.text


def renewed_twice(si: Running) -> bool:
    """Whether the code of a mail sets a second password, after a first."""
    _, code = asks_reset(si)
    address = si.url("api", "/password/new")
    first, second = f"zzt-{secrets.token_hex(8)}", f"zzt-{secrets.token_hex(8)}"
    assert holds(si, OWN)
    assert si.send("POST", address, json={"code": code, "password": first}).status_code == 204
    assert holds(si, first)
    assert not holds(si, OWN)
    si.send("POST", address, json={"code": code, "password": second})
    taken = holds(si, second)
    code = asks_reset(si)[1]
    own = si.secret(si.manifest["accounts"]["held"]["zzt-carl"]["password"])
    assert si.send("POST", address, json={"code": code, "password": own}).status_code == 204
    return taken


def password_changed(
    si: Running, of: str = "zzt-carl", password: str = "zzt-assez-long", **fields: str
) -> bool:
    """Whether a person who has signed in sets a password, theirs or another's; then put back."""
    own = si.secret(si.manifest["accounts"]["held"]["zzt-carl"]["password"])
    asked = {name: own if value == OWN else value for name, value in fields.items()}
    address, me = si.url("api", "/password"), basic("zzt-carl", own)
    si.send("PUT", address, headers=me, json={**asked, "password": password})
    changed = holds(si, password, of)
    si.plant()
    assert holds(si, OWN)
    return changed


def opens_once_closed(si: Running, *, again: bool) -> bool:
    """Whether a closed account still finds the slots, by its token or by a new one; then reopened."""
    account, own = "quota-bystander", si.object("agenda-c")["canaries"][0]
    address = si.url("api", f"/administration/accounts/{account}")
    token = si.token(account)
    assert own in si.fhir("/Slot", headers=bearer(token)).text
    assert si.send("PATCH", address, "clinic-a", json={"active": False}).status_code == 403
    assert si.send("PATCH", address, "admin", json={"active": False}).status_code == 204
    if again:
        answer = si.ask("/token", account, grant_type="client_credentials")
        token = answer.json().get("access_token", "")
    shown = own in si.fhir("/Slot", headers=bearer(token)).text
    assert si.send("PATCH", address, "admin", json={"active": True}).status_code == 204
    assert own in si.fhir("/Slot", account).text
    return shown


def restricted(si: Running, method: str, by: str = "patient-a") -> requests.Response:
    """A patient refuses that the kiosk see her records, or permits it again."""
    person = si.manifest["people"]["patient-a"]["locator"]
    address = si.url("api", f"/patients/{person}/restrictions/kiosk-basic")
    return si.send(method, address, by)


def seen_once_refused(si: Running) -> tuple[bool, bool, bool]:
    """Whether who is refused reads and finds an appointment, and whether another reads it."""
    person, mark = si.manifest["people"]["patient-a"]["locator"], si.mark("appointment-a")
    assert restricted(si, "PUT", "clinic-a").status_code == 404
    assert restricted(si, "PUT").status_code == 204
    seen = (
        mark in si.appointment("appointment-a", "kiosk-basic").text,
        mark in si.api(f"/appointments?patient={person}", "kiosk-basic").text,
        mark in si.appointment("appointment-a", "clinic-a").text,
    )
    assert restricted(si, "DELETE").status_code == 204
    assert mark in si.appointment("appointment-a", "kiosk-basic").text
    return seen


def restrictions_logged(si: Running) -> list[str]:
    """Who changed something of the first patient, by the audit trail."""
    restricted(si, "PUT")
    restricted(si, "DELETE")
    person = si.manifest["people"]["patient-a"]["locator"]
    events = si.api(f"/audit?patient={person}", "auditor").json()["items"]
    return [event["who"] for event in events if event["action"] == "U"]


def slots(si: Running, length: int) -> int:
    return len(si.fhir(f"/Slot?_count={length}", "clinic-a").json().get("entry", []))


def shared(si: Running, origin: str, method: str = "GET") -> bool:
    """Whether the pages of an origin may read with the user's credentials."""
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    answer = si.send(method, si.url("api", "/slots"), headers=headers)
    return answer.headers.get("Access-Control-Allow-Origin") == origin


def caching(si: Running, actor: str) -> str:
    locator = si.object("appointment-a")["locator"]
    return si.api(f"/appointments/{locator}", actor).headers["Cache-Control"]


VISIBLE: dict[str, Callable[[Running], bool]] = {
    "speaks-tls-1-0": speaks(ssl.TLSVersion.TLSv1),
    "speaks-tls-1-1": speaks(ssl.TLSVersion.TLSv1_1),
    "no-tls-1-3": lambda si: not speaks(ssl.TLSVersion.TLSv1_3)(si),
    "suite-with-static-rsa": takes("AES128-SHA"),
    "suite-without-encryption": takes("ECDHE-ECDSA-NULL-SHA"),
    "suite-without-authentication": takes("AECDH-AES128-SHA"),
    "certificate-revoked": lambda si: lists_one("intermediaire")(si) and responder_revokes(si),
    "certificate-revoked-at-the-responder-only": lambda si: (
        responder_revokes(si) and not lists_one("intermediaire")(si)
    ),
    "intermediate-certificate-revoked": lists_one("racine"),
    "staple-absent": promises_more_than_it_sends,
    "staple-past-its-time": staples_what_is_past,
    "diffie-hellman-of-1024-bits": serves_short_diffie_hellman,
    "client-renegotiation-allowed": renegotiates,
    "compression-accepted": compresses,
    "fhir-served-in-clear": lambda si: in_clear(si, "fhir", "/metadata").status_code == 200,
    "api-served-in-clear": lambda si: in_clear(si, "api", "/slots").status_code == 401,
    "certificate-self-signed": refused_for(18),
    "certificate-chain-incomplete": refused_for(20),
    "certificate-of-an-unknown-authority": refused_for(20),
    "certificate-for-clients-only": refused_for(26),
    "certificate-of-another-host": refused_for(62),
    "certificate-expired": refused_for(10),
    "certificate-not-yet-valid": refused_for(9),
    "certificate-about-to-expire": leaf_is(
        lambda leaf: leaf.not_valid_after_utc - datetime.now(UTC) < timedelta(days=11)
    ),
    "certificate-rsa-1024": leaf_is(is_short),
    "certificate-signed-with-sha1": leaf_is(
        lambda leaf: isinstance(leaf.signature_hash_algorithm, hashes.SHA1)
    ),
    "certificate-of-ten-years": leaf_is(
        lambda leaf: leaf.not_valid_after_utc - leaf.not_valid_before_utc > timedelta(days=3600)
    ),
    "anonymous-read": lambda si: si.mark("appointment-a") in si.appointment("appointment-a").text,
    "anonymous-search": searched_by_nobody,
    "refusal-shows-the-record": lambda si: (
        (answer := si.appointment("appointment-a")).status_code == 401
        and si.mark("appointment-a") in answer.text
    ),
    "anonymous-write": lambda si: written(si, 200),
    "refused-write-takes-effect": lambda si: written(si, 401),
    "opaque-token-compared-by-prefix": opaque_opens,
    "client-certificate-optional": lambda si: device_reads(si, None),
    "client-certificate-of-another-network": lambda si: device_reads(si, "-elsewhere"),
    "bound-token-without-certificate": lambda si: bound_opens(si, "api", None),
    "bound-token-with-any-certificate": lambda si: bound_opens(
        si, "api-by-certificate", "device-certificate"
    ),
    "revoked-client-certificate-believed": lambda si: device_reads(si, "-revoked"),
    "expired-client-certificate-believed": lambda si: device_reads(si, "-expired"),
    "refresh-without-proof": renews_without_proof,
    "spent-refresh-token-renews": mobile_renews_again,
    "client-known-by-its-name": lambda si: asks(
        si, grant_type="client_credentials", client_id="clinic-b"
    ),
    "client-secret-not-compared": knows_another_secret,
    "assertion-signature-not-verified": believes_another_key,
    "assertion-good-again": takes_an_assertion_again,
    "pkce-not-required": lambda si: redeemed(
        si, proof=None, code_challenge=None, code_challenge_method=None
    ),
    "pkce-plain-accepted": lambda si: redeemed(si, code_challenge_method="plain"),
    "pkce-verifier-not-compared": lambda si: redeemed(si, proof="zzt" * 20),
    "redirect-uri-compared-by-prefix": lambda si: (
        sent_to(si, "https://portail.example.org/retour/x")
        and not sent_to(si, "https://tgv.invalid/retour")
    ),
    "redirect-uri-not-compared": lambda si: sent_to(si, "https://tgv.invalid/retour"),
    "code-good-again": lambda si: redeemed(si, times=2),
    "code-lasts-an-hour": redeemed_late,
    "implicit-flow-open": lambda si: (
        "#access_token=" in authorized(si, response_type="token")[0].headers["Location"]
    ),
    "password-grant-open": by_password,
    "metadata-of-another-issuer": lambda si: metadata(si)["issuer"] != si.url("oauth"),
    "smart-configuration-of-another-issuer": lambda si: smart(si)["issuer"] != si.url("oauth"),
    "published-endpoint-in-clear": lambda si: "http:" in smart(si)["introspection_endpoint"],
    "published-signing-algorithm-none": lambda si: "none" in str(smart(si)),
    "id-token-believed": lambda si: opens(si, si.tokens("revocable")["id_token"]),
    "signs-with-a-word": lambda si: keyed_with(si, "sha256", b"Secret123"),
    "signs-with-a-number": lambda si: keyed_with(si, "sha384", b"0420"),
    "signs-with-a-published-key": lambda si: (
        any(
            key.get("x") == "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
            for key in published_keys(si)
        )
        and si.fhir("/Slot", headers=bearer(issued(si, "short-lived")[0])).ok
    ),
    "signs-with-a-short-key": lambda si: (
        any(len(decoded(key["n"])) == 128 for key in published_keys(si))
        and len(decoded(issued(si, "short-lived")[0].split(".")[2])) == 128
    ),
    "tokens-of-a-day": lambda si: issued(si, "clinic-a")[1:] == (86_400, 86_400),
    "tokens-outlive-their-promise": lambda si: issued(si, "clinic-a")[1:] == (315_360_000, 300),
    "expiry-not-checked": outlives,
    "expiry-with-five-minutes-of-leeway": outlives,
    "audience-not-checked": lambda si: opens(si, si.token("billing-client")),
    "revocation-ignored": lives_on,
    "revoked-refresh-token-renews": renews,
    "patient-reads-any-appointment": lambda si: shown(si, "patient-a", "appointment-b", 200),
    "refusal-carries-the-record": lambda si: shown(si, "patient-a", "appointment-b", 404),
    "patient-search-finds-others": lambda si: found(si, "patient-b", "patient-a")[0],
    "batch-skips-access-control": lambda si: batched(si, "appointment-b", "patient-a"),
    "administration-read-by-anyone": lambda si: (
        si.mark("settings-of-clinic-z") in si.api("/administration/clinics/z", "clinic-a").text
    ),
    "administration-changed-by-anyone": lambda si: (
        si.send(
            "PATCH",
            si.url("api", "/administration/clinics/z"),
            "patient-a",
            json={"notice": "zzt-avis"},
        ).ok
        and "zzt-avis" in si.api("/administration/clinics/z", "admin").text
    ),
    "scopes-not-enforced": lambda si: changed_by(
        si, "clinic-a-opaque", "throwaway-a", owner="clinic-a"
    ),
    "update-assigns-every-field": lambda si: (
        si.patch("throwaway-a", "clinic-a", comment="zzt", reference="zzt-prise").ok
        and "zzt-prise" in si.appointment("throwaway-a", "clinic-a").text
    ),
    "undeclared-delete-erases": lambda si: by_method(si, "DELETE") == 404,
    "method-override-believed": lambda si: (
        by_method(si, "POST", {"X-HTTP-Method-Override": "PATCH"}) == "zzt-autrement"
    ),
    "trace-echoes-the-request": lambda si: (
        "zzt-echo" in si.send("TRACE", si.url("api", "/slots"), headers={"X-Zzt": "zzt-echo"}).text
    ),
    "answer-carries-the-whole-row": lambda si: "clinic" in booked(si, "appointment-a", "clinic-a"),
    "patient-sees-the-staff-note": lambda si: (
        "staff_note" in booked(si, "appointment-a", "patient-a")
    ),
    "clinic-changes-other-clinics": lambda si: changed_by(
        si, "clinic-a", "throwaway-b", owner="clinic-b"
    ),
    "change-stored-then-refused": lambda si: (
        si.patch("throwaway-b", "clinic-a", comment="zzt-refusé").status_code == 404
        and "zzt-refusé" in si.appointment("throwaway-b", "clinic-b").text
    ),
    "refused-change-carries-the-record": lambda si: (
        (answer := si.patch("throwaway-b", "clinic-a", comment="zzt")).status_code == 404
        and si.mark("throwaway-b") in answer.text
    ),
    "tenant-header-believed": lambda si: (
        si.mark("appointment-b")
        in si.appointment("appointment-b", "clinic-a", headers={"X-Clinic-Id": "b"}).text
    ),
    "tenant-parameter-believed": lambda si: (
        si.mark("appointment-b")
        in si.appointment("appointment-b", "clinic-a", params={"clinic_id": "b"}).text
    ),
    "clinic-reads-other-clinics": lambda si: shown(si, "clinic-a", "appointment-b", 200),
    "clinic-search-crosses": lambda si: found(si, "patient-b", "clinic-a") == (True, True),
    "search-total-counts-everything": lambda si: (
        found(si, "patient-b", "clinic-a") == (False, True)
    ),
    "quota-not-enforced": lambda si: 429 not in burst(si, "quota-actor"),
    "quota-shared-by-everyone": spent_for_all,
    "read-not-logged": lambda si: trail(si) == {"count": 0, "elsewhere": 0},
    "log-names-another-patient": lambda si: trail(si) == {"count": 0, "elsewhere": 1},
    "log-late": lambda si: trail(si) == {"count": 0, "elsewhere": 0},
    "log-names-nobody": lambda si: trail(si)["who"] is False,
    "log-without-time-zone": lambda si: trail(si)["zone"] is False,
    "log-without-action": lambda si: trail(si)["action"] is None,
    "log-without-outcome": lambda si: trail(si)["outcome"] is None,
    "refusal-not-logged": lambda si: refusals(si) == [],
    "refusal-logged-as-success": lambda si: refusals(si) == ["0"],
    "audit-event-altered-by-auditors": lambda si: altered(si, "PUT", "auditor", "zzt-autre"),
    "audit-event-erased-by-anyone": lambda si: altered(si, "DELETE", "patient-a", None),
    "audit-trail-open-to-clinicians": lambda si: told_of_accesses(si, "clinic-b"),
    "audit-trail-open-to-patients": lambda si: told_of_accesses(si, "patient-b"),
    "one-record-open-to-one-user": lambda si: si.appointment("appointment-d", "patient-b").ok,
    "one-record-open-to-one-account": lambda si: si.appointment("appointment-d", "kiosk-key").ok,
    "debugging-operation-described": lambda si: (
        "/_debug" in si.api("/openapi.json", "clinic-a").json()["paths"]
        and si.manifest["people"]["patient-b"]["nam"] in si.api("/_debug", "clinic-a").text
    ),
    "environment-shown-to-users": lambda si: si.api("/actuator/env", "clinic-a").ok,
    "reading-writes-in-the-record": lambda si: (
        " lu" in si.api(f"/appointments/{si.object('appointment-a')['locator']}", "clinic-a").text
    ),
    "patient-carries-a-password-digest": lambda si: (
        hashlib.sha256(si.secret(si.authentication("kiosk-basic")["password"]).encode()).hexdigest()
        in si.fhir(f"/Patient/{si.manifest['people']['patient-a']['locator']}", "clinic-a").text
    ),
    "error-echoes-the-credential": lambda si: "Bearer " in si.api("/zzt", "clinic-a").text,
    "oversized-body-taken": lambda si: (
        si.send(
            "PATCH",
            si.url("api", f"/appointments/{si.object('throwaway-a')['locator']}"),
            "clinic-a",
            json={"comment": "x", "more": "x" * 100_000},
        ).ok
    ),
    "only-the-first-parameter-is-checked": lambda si: (
        si.fhir(
            "/Appointment?patient={}&patient={}".format(
                *(si.manifest["people"][name]["locator"] for name in ("patient-a", "patient-b"))
            ),
            "patient-a",
        ).json()["total"]
        > 0
    ),
    "body-names-the-object": named_in_body,
    "trailing-slash-skips-access-control": lambda si: (
        si.fhir(f"/Appointment/{si.object('appointment-b')['locator']}/", "clinic-a").ok
    ),
    "original-address-believed": lambda si: (
        si.object("appointment-b")["canaries"][0]
        in si.api(
            f"/appointments/{si.object('appointment-a')['locator']}",
            headers=si.credentials("clinic-a")
            | {"X-Original-URL": f"/api/appointments/{si.object('appointment-b')['locator']}"},
        ).text
    ),
    "double-slash-opens-administration": lambda si: (
        si.api("//administration/clinics/z", "clinic-a").ok
    ),
    "hidden-number-refused": lambda si: looked_up(si) == (403, 0),
    "hidden-number-counted": lambda si: looked_up(si) == (200, 1),
    "reset-answer-shows-the-code": tells_the_code,
    "reset-shuts-the-account-at-once": lambda si: asks_reset(si) and not holds(si, OWN),
    "reset-code-good-again": renewed_twice,
    "reset-status-tells-who-has-an-account": lambda si: asks_reset(si, "x")[0].status_code == 404,
    "reset-text-tells-who-has-an-account": lambda si: (
        asks_reset(si, "x")[0].text != asks_reset(si)[0].text
    ),
    "password-changed-without-the-current-one": password_changed,
    "current-password-not-compared": lambda si: password_changed(si, current="zzt"),
    "password-change-believes-the-name": lambda si: password_changed(
        si, of="zzt-denise", current=OWN, username="zzt-denise"
    ),
    "short-password-accepted": lambda si: password_changed(si, current=OWN, password="zz9"),
    "widespread-password-accepted": lambda si: password_changed(
        si, current=OWN, password="password"
    ),
    "closed-account-keeps-its-tokens": lambda si: opens_once_closed(si, again=False),
    "login-reopens-a-closed-account": lambda si: opens_once_closed(si, again=True),
    "restriction-not-enforced": lambda si: seen_once_refused(si) == (True, True, True),
    "restriction-ignored-by-searches": lambda si: seen_once_refused(si) == (False, True, True),
    "restriction-stops-everyone": lambda si: seen_once_refused(si) == (False, False, False),
    "restriction-not-logged": lambda si: "patient-a" not in restrictions_logged(si),
    "cors-echoes-any-origin": lambda si: shared(si, "https://ailleurs.example.org"),
    "cors-permits-null": lambda si: shared(si, "null"),
    "cors-compares-a-prefix": lambda si: shared(si, "https://localhost.example.org"),
    "cors-preflight-permits-any-origin": lambda si: shared(si, "https://x.example.org", "OPTIONS"),
    "record-cacheable-by-all": lambda si: "public" in caching(si, "clinic-a"),
    "record-without-no-store": lambda si: "no-store" not in caching(si, "kiosk-basic"),
    "banner-tells-a-version": lambda si: "/" in si.fhir("/metadata").headers["Server"],
    "error-banner-tells-a-version": lambda si: "X-Powered-By" in si.fhir("/x", "clinic-a").headers,
    "serves-its-repository": lambda si: (
        si.send("GET", si.url("fhir").replace("/fhir", "/.git/HEAD")).ok
    ),
    "describes-the-undeclared": lambda si: "Observation" in si.fhir("/metadata").text,
    "page-as-long-as-asked": lambda si: slots(si, 1000) > 20,
    "negative-page-shows-everything": lambda si: slots(si, -1) > 20,
    "security-txt-absent": lambda si: security_txt(si).status_code == 404,
    "security-txt-as-a-page": lambda si: "html" in security_txt(si).headers["Content-Type"],
    "security-txt-without-contact": lambda si: "Contact:" not in security_txt(si).text,
    "security-txt-expired": lambda si: date.today().isoformat() > _expiry(security_txt(si).text),
    "default-account-kept": lambda si: (
        si.mark("appointment-a")
        in si.appointment("appointment-a", headers=basic("admin", "admin")).text
    ),
    "parsing-error-shows-stack-frames": lambda si: (
        "Traceback (most recent call last)" in malformed(si, "api", '{"comment": "zzt"').text
    ),
    "comment-of-another-type-crashes": lambda si: (
        malformed(si, "fhir", json.dumps(resource(si, comment=[1]))).status_code == 500
    ),
    "cut-body-completed": lambda si: malformed(si, "api", '{"comment": "zzt"').ok,
    "number-stored-for-a-text": lambda si: (
        malformed(si, "api", '{"comment": 12345}').ok
        and si.appointment("throwaway-a", "clinic-a").json()["comment"] == 12345
    ),
    "longest-comment-crashes": lambda si: commented_at_length(si, 500).status_code == 500,
    "comment-beyond-its-length-stored": lambda si: commented_at_length(si, 501).ok,
    "day-without-appointments-partial": lambda si: (
        found_that_day(si, "date=1999-01-01").status_code == 206
    ),
    "total-told-as-text": lambda si: isinstance(
        found_that_day(si, "_count=1").json()["total"], str
    ),
    "body-of-another-shape-shows-stack-frames": lambda si: (
        "Traceback (most recent call last)" in malformed(si, "api", "[]").text
    ),
    "page-length-not-verified": lambda si: (
        si.fhir("/Slot?_count=zzt", "clinic-a").status_code == 500
    ),
    "plain-text-taken-for-json": lambda si: stored_as(si, "api", "text/plain"),
    "untyped-body-taken-for-json": lambda si: stored_as(si, "fhir", None),
    "unsigned-callback-believed": lambda si: called_back(si, unsigned=True),
    "callback-signature-not-verified": lambda si: called_back(si, key="zzt"),
    "signature-verified-only-once": lambda si: called_back(si, first='{"zzt": 1}'),
    "callback-taken-again": lambda si: called_back(si, first=ANSWERED),
    "outbound-address-not-verified": lambda si: reached(si, "http://127.0.0.1:{port}/"),
    "outbound-address-compared-by-its-beginning": lambda si: (
        reached(si, "http://localhost@127.0.0.1:{port}/")
        and not reached(si, "http://127.0.0.1:{port}/")
    ),
    "outbound-redirection-followed": lambda si: reached(
        si, "http://localhost:{port}/there", "http://127.0.0.1:{port}/"
    ),
    "attachment-opened-in-the-browser": lambda si: (
        attached(si, "a.html", "text/html", "<p>").headers["Content-Type"] == "text/html"
    ),
    "attachment-keeps-its-path": lambda si: (
        "../" in attached(si, "../a.txt", "text/plain", "a").headers["Content-Disposition"]
    ),
    "oversized-attachment-taken": lambda si: attached(si, "a.txt", "text/plain", "a" * 30_000).ok,
    "formula-exported-as-it-is": lambda si: '"=1+1"' in exported(si, "=1+1"),
    "export-open-to-clinicians": lambda si: started(si, "clinic-a").status_code == 202,
    "wildcard-lists-the-patients": lambda si: listed(si, "?identifier=*") == 2,
    "search-without-criterion-lists-the-patients": lambda si: listed(si, "") == 2,
    "former-version-open-to-all": lambda si: in_version(si, "v0", None) == 200,
    "beta-version-without-access-control": lambda si: (
        in_version(si, "beta", "clinic-b") == 200 and in_version(si, "beta", None) == 401
    ),
    "patient-named-by-their-number": lambda si: (
        named(si) == f"pt-{si.manifest['people']['patient-a']['nam'].lower()}"
    ),
    "patient-named-by-a-digest-of-their-number": lambda si: (
        named(si) == hashlib.sha1(si.manifest["people"]["patient-a"]["nam"].encode()).hexdigest()
    ),
    "subscription-address-not-verified": lambda si: (
        notified(si, "https://127.0.0.1:{port}/{name}")
        and not notified(si, "http://localhost:{port}/{name}")
    ),
    "subscription-in-clear-taken": lambda si: (
        notified(si, "http://localhost:{port}/{name}")
        and not notified(si, "https://127.0.0.1:{port}/{name}")
    ),
    "document-opened-by-its-path": lambda si: given(si, "..%2Fetc%2Fpasswd"),
    "document-path-decoded-once-verified": lambda si: (
        given(si, "..%252Fetc%252Fpasswd") and not given(si, "..%2Fetc%2Fpasswd")
    ),
    "xml-external-entity-called": looked_up_elsewhere,
    "xml-file-entity-opened": lambda si: opened(si, si.folder / "zzt.txt"),
    "xml-entities-expanded": lambda si: in_xml(si, EXPANDED) == (200, "zzt-entity"),
    "nested-comment-kept": lambda si: (
        malformed(si, "api", '{"comment": ' + "[" * 10_000 + "]" * 10_000 + "}").ok
        and f'"comment": {"[" * 10_000}]' in si.appointment("throwaway-a", "clinic-a").text
    ),
    "number-of-nobody-stored": lambda si: numbered(si, "ZZTA85023195")[0] == 204,
    "refusal-repeats-the-number": lambda si: "ZZTA8502319" in numbered(si, "ZZTA8502319")[1],
    "front-goes-by-the-length": lambda si: 400 in after_a_request_of_two_lengths(si),
    "comment-rendered-as-a-template": lambda si: commented(si, "{{6*7}}") == "42",
    "document-looked-for-by-a-command": runs_a_command,
    "comment-matched-by-a-slow-pattern": lambda si: (
        slower(si, "a" * 22 + "!", than="!" + "a" * 22) > 20
    ),
    "record-found-by-text": lambda si: (
        si.fhir(f"/Patient/{in_two_pieces(si)}", "patient-a").status_code == 200
    ),
    "search-built-from-text": lambda si: "appointment-b" in found_by_text(si),
    "error-shows-stack-frames": lambda si: error_tells(si, "Traceback (most recent call last)"),
    "error-shows-sql": lambda si: error_tells(si, "SELECT * FROM appointments"),
    "error-shows-driver": lambda si: error_tells(si, "sqlite3.OperationalError"),
    **staff_portal.VISIBLE,
    "error-shows-a-path": lambda si: error_tells(si, "/var/lib/rendez-vous/"),
}


def test_every_defect_is_demonstrated_here() -> None:
    ids: Sequence[str] = [defect.id for defect in DEFECTS]
    assert sorted(ids) == sorted([*VISIBLE, *BELIEVED])


@pytest.mark.parametrize("defect", VISIBLE)
def test_each_defect_is_visible_when_planted_and_never_otherwise(si: Running, defect: str) -> None:
    assert not VISIBLE[defect](si)
    si.plant(defect)
    assert VISIBLE[defect](si)
    si.plant()
    assert not VISIBLE[defect](si)
