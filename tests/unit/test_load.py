"""The loaders: strict, every fault at once and at its place, and silent about secrets."""

from __future__ import annotations

import contextlib
import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tgv_suite.errors import InputFaults, SecretUnavailable
from tgv_suite.load.document import LARGEST, load_document, read_source
from tgv_suite.load.dump import dump
from tgv_suite.load.schema import json_schema
from tgv_suite.load.secrets import resolve, resolve_file
from tgv_suite.load.target import LoadedTarget, load_recorded_target, load_target
from tgv_suite.model.catalogue import Profile
from tgv_suite.model.target import OAuth2Authentication, Target

TODAY = date(2026, 11, 23)

MANIFEST = """\
schema: tgv-target/1
system:
  name: Rendez-vous Boréal
  vendor: Boréal Santé
  version: "1.20"
  category: appointment-booking
  environment: test
condition_1:
  basis: msss-approval
  reference: MSSS-2019-03
  document: file:approval.pdf
scope:
  authorised_by:
    name: Camille Exemple
    organisation: Boréal Santé
    on: 2026-11-01
  until: 2026-12-31
  hosts:
    - host: si.example.org
      port: 443
    - host: auth.example.org
      port: 8443
  safety: [passive, active]
trust_anchors: [file:root.pem]
services:
  fhir:
    type: fhir-r4
    url: https://si.example.org/fhir
  login:
    type: oauth2
    url: https://auth.example.org:8443
  trail:
    type: audit
    operation: read-trail
    actor: auditor
actors:
  clinic-a:
    role: clinician
    clinic: a
    authentication:
      type: oauth2
      service: login
      client_id: clinic-a
      method: private_key_jwt
      key: file:key.pem
  clinic-b:
    role: clinician
    clinic: b
    sacrificial: true
    authentication:
      type: bearer
      token: env:TGV_TEST_TOKEN
  auditor:
    role: auditor
    authentication:
      type: basic
      username: auditor
      password: env:TGV_TEST_PASSWORD
people:
  alix:
    locator: p-1
    nam: ZZTA85031492
    values: [Alix]
objects:
  visit:
    kind: appointment
    locator: a-1
    owners: [clinic-a, clinic-b]
    person: alix
    canaries: [zzt-canary-1]
    values:
      reason: zzt-reason
operations:
  read-visit:
    service: fhir
    kind: read
    path: /Appointment/{object}?patient={person}&why={reason}
    object: appointment
    actors: [clinic-a, clinic-b]
  change-visit:
    service: fhir
    kind: update
    method: PUT
    path: /Appointment/{object}
    body:
      comment: "{unique}"
      minutes: 30
    object: appointment
    actors: [clinic-a]
    read_back: read-visit
  read-trail:
    service: fhir
    kind: search
    path: /AuditEvent?patient={patient}
    actors: [auditor]
quotas:
  - operation: read-visit
    actor: clinic-b
    bystander: clinic-a
    requests: 20
    window_s: 2
"""


def write(folder: Path, text: str) -> Path:
    for name in ("approval.pdf", "root.pem", "key.pem"):
        (folder / name).write_text("x", encoding="utf-8")
    path = folder / "si.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str = MANIFEST) -> LoadedTarget:
    return load_target(write(folder, text), today=TODAY)


def refused(folder: Path, text: str) -> list[str]:
    """The faults, one string each: ``line:column message → remedy``, in English."""
    path = write(folder, text)
    with pytest.raises(InputFaults) as caught:
        load_target(path, today=TODAY)
    lines = []
    for fault in caught.value.faults:
        assert fault.place is not None
        assert fault.place.startswith(str(path))
        assert fault.message.fr != fault.message.en
        where = fault.place.removeprefix(f"{path}:")
        lines.append(f"{where} {fault.message.en} → {fault.remedy.en}")
    return lines


def with_(old: str, new: str) -> str:
    assert MANIFEST.count(old) >= 1, old
    return MANIFEST.replace(old, new, 1)


def at(text: str, needle: str) -> str:
    """``line:column`` of the first place where ``needle`` stands."""
    before = text[: text.index(needle)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


SESSION = """\
      type: session
      service: fhir
      login_path: /login
      username: auditor
      password: env:TGV_TEST_PASSWORD
"""


def in_a_session(more: str = "") -> str:
    """The manifest, with an auditor who logs in by a form."""
    authentication = MANIFEST[MANIFEST.index("      type: basic\n") : MANIFEST.index("people:\n")]
    return with_(authentication, SESSION + more)


def test_a_session_names_a_service_and_a_logout_that_exist(tmp_path: Path) -> None:
    assert load(tmp_path, in_a_session("      logout: read-trail\n"))
    (fault,) = refused(tmp_path, in_a_session("      logout: read-trial\n"))
    assert "read-trial” doesn't exist" in fault
    (fault,) = refused(
        tmp_path, in_a_session().replace("service: fhir\n      login", "service: fir\n      login")
    )
    assert "fir” doesn't exist" in fault


def test_an_anti_forgery_token_fills_the_templates_of_who_has_one(tmp_path: Path) -> None:
    token = "      anti_forgery: {name: csrf, page: /}\n"
    template = ("/AuditEvent?", "/AuditEvent?csrf={csrf}&")
    assert load(tmp_path, in_a_session(token).replace(*template))
    (fault,) = refused(tmp_path, in_a_session().replace(*template))
    assert "nothing fills the template “{csrf}”" in fault


def test_a_sound_manifest_loads_with_its_folder_and_digest(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.target.system.version == "1.20"
    assert loaded.target.scope.until == date(2026, 12, 31)
    assert isinstance(loaded.target.actors["clinic-a"].authentication, OAuth2Authentication)
    assert loaded.folder == tmp_path
    assert len(loaded.text_sha256) == 64


def test_ten_faults_give_ten_messages_each_at_its_place(tmp_path: Path) -> None:
    text = MANIFEST
    for old, new in (
        ("  vendor: Boréal Santé\n", "  vendor: 12\n"),
        ("category: appointment-booking", "category: appointment-bookin"),
        (
            "    - host: si.example.org\n      port: 443",
            "    - host: si.example.org\n      port: 0",
        ),
        ("[passive, active]", "[passive, actif]"),
        ("    type: fhir-r4\n", "    type: fhir-r5\n"),
        ("      key: file:key.pem", "      key: file:other.pem"),
        ("    role: auditor\n", ""),
        ("owners: [clinic-a, clinic-b]", "owners: [clinic-a, clinic-z]"),
        ("    read_back: read-visit\n", "    read_back: read-visits\n"),
        ("    requests: 20\n", "    requests: 20\n    burst: 3\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    places = [line.split(" ", 1)[0] for line in refused(tmp_path, text)]
    auditor = text.index("  auditor:\n") + len("  auditor:\n    ")
    expected = [
        at(text, "12\n"),
        at(text, "appointment-bookin\n"),
        at(text, "0\n    - host: auth"),
        at(text, "actif"),
        at(text, "type: fhir-r5"),
        at(text, "file:other.pem"),
        at(text, text[auditor:]),
        at(text, "clinic-z"),
        at(text, "read-visits"),
        at(text, "burst: 3"),
    ]
    assert places == expected


@pytest.mark.parametrize(
    ("old", "new", "needle", "said"),
    [
        (
            "  vendor:",
            "  vendeur: x\n  vendor:",
            "vendeur",
            "the key “vendeur” is unknown → did you mean “vendor”?",
        ),
        (
            "      client_id:",
            "      clientid: a\n      client_id:",
            "clientid",
            "did you mean “client_id”?",
        ),
        ("  environment: test", "  environment: tset", "tset", "did you mean “test”?"),
        ("type: bearer", "type: bearrer", "type: bearrer", "did you mean “bearer”?"),
        ("type: bearer", "kind: bearer", "kind: bearer", "the key “type” is missing"),
        ('version: "1.20"', "version: 1.20", "1.20", 'put it in quotes: version: "1.20"'),
        ('version: "1.20"', "version: 012", "012", "isn't read alike by every YAML reader"),
        ("reason: zzt-reason", "reason: no", "no\n", "isn't read alike by every YAML reader"),
        ("until: 2026-12-31", "until: 2026-13-31", "2026-13-31", "has to be a date YYYY-MM-DD"),
        ("until: 2026-12-31", "until: 2026-11-22", "2026-11-22", "ended on 2026-11-22"),
        ("name: Rendez-vous Boréal", "name:", "\n  vendor", "“name” is empty"),
        ("port: 8443", "port: 8443.5", "8443.5", "a whole number"),
        ("canaries: [zzt-canary-1]", "canaries: [zzt]", "zzt]", "at least 6 characters"),
        ("trust_anchors: [file:root.pem]", "trust_anchors: [root.pem]", "root.pem", "file:PATH"),
        (
            "trust_anchors: [file:root.pem]",
            "trust_anchors: [file:no.pem]",
            "file:no.pem",
            "the file “no.pem” doesn't exist",
        ),
        (
            "document: file:approval.pdf",
            "document: file:none.pdf",
            "file:none.pdf",
            "doesn't exist",
        ),
        (
            "safety: [passive, active]",
            "safety: [passive, active]\n  intrusive_on: [read-trial]",
            "read-trial",
            "did you mean “read-trail”?",
        ),
        (
            "url: https://si.example.org/fhir",
            "url: https://u:p@si.example.org",
            "https://u:p",
            "without “?”, “#” or credentials",
        ),
        (
            "url: https://si.example.org/fhir",
            "url: https://si.example.org:8443/fhir",
            "https://si.example.org:8443",
            "outside the authorised scope",
        ),
        (
            "url: https://si.example.org/fhir",
            "url: http://si.example.org/fhir",
            "http://si.example.org",
            "(port 80, http)",
        ),
        (
            "    url: https://auth.example.org:8443",
            "    url: https://auth.example.org:8443\n    token_endpoint: https://other.test/token",
            "https://other",
            "outside the authorised scope",
        ),
        ("- host: si.example.org", "- host: '*.example.org'", "'*.example", "a host is a name"),
        (
            "      service: login",
            "      service: fhir",
            "fhir\n      client_id",
            "isn't of type “oauth2”",
        ),
        ("      service: login", "      service: logon", "logon", "did you mean “login”?"),
        (
            "    service: fhir\n    kind: read",
            "    service: login\n    kind: read",
            "login\n    kind",
            "can't call a service of type “oauth2”",
        ),
        ("    person: alix", "    person: alex", "alex", "did you mean “alix”?"),
        (
            "    object: appointment\n",
            "    object: apointment\n",
            "apointment\n",
            "did you mean “appointment”?",
        ),
        (
            "    operation: read-trail",
            "    operation: read-trial",
            "read-trial",
            "did you mean “read-trail”?",
        ),
        ("    actor: auditor", "    actor: auditeur", "auditeur", "did you mean “auditor”?"),
        (
            "    operation: read-trail",
            "    operation: change-visit",
            "change-visit",
            "neither a read nor a search",
        ),
        (
            "read_back: read-visit",
            "read_back: change-visit",
            "change-visit\n  read-trail",
            "neither a read nor a search",
        ),
        (
            "read_back: read-visit",
            "read_back: read-trail",
            "read-trail\n  read-trail",
            "another kind of object",
        ),
        ("&why={reason}", "&why={raison}", "/Appointment/{object}?", "did you mean “reason”?"),
        (
            'comment: "{unique}"',
            'comment: "{uniq}"',
            '"{uniq}"',
            "nothing fills the template “{uniq}”",
        ),
        (
            'comment: "{unique}"',
            'comment: "{url}"',
            '"{url}"',
            "nothing fills the template “{url}”",
        ),
        ("{patient}", "{person}", "/AuditEvent", "nothing fills the template “{person}”"),
        ("    actors: [auditor]\n", "", "read-trail:\n", "nobody may call this operation"),
        (
            "    bystander: clinic-a",
            "    bystander: clinic-b",
            "clinic-b\n    requests",
            "bystander is the actor",
        ),
        ("    sacrificial: true\n", "", "clinic-b\n    bystander", "quota may not be spent"),
        (
            "quotas:\n",
            "tenancy:\n  identifiers: {zzt: z}\nquotas:\n",
            "zzt",
            "no actor acts for the clinic",
        ),
        (
            "  - operation: read-visit\n",
            "  - operation: change-visit\n",
            "clinic-b\n    bystander",
            "may not call",
        ),
        (
            "    actor: auditor\n",
            "    actor: auditor\n    format: json\n",
            "json\n",
            "needs the key “fields”",
        ),
        ("  clinic-b:\n", "  Clinic B:\n", "Clinic B", "lower-case letters"),
        ("people:\n", "people: [1]\nxpeople:\n", "[1]", "a group of keys"),
        ("    window_s: 2\n", "    window_s: 0\n", "0\n", "> 0"),
    ],
)
def test_each_fault_is_told_at_its_place_with_its_remedy(
    tmp_path: Path, old: str, new: str, needle: str, said: str
) -> None:
    text = with_(old, new)
    lines = refused(tmp_path, text)
    changed = text.index(new)
    start = text.find(needle, changed) if needle in text[changed:] else text.index(needle)
    expected = at(text[:start] + "\x00" + text[start:], "\x00")
    assert any(one.startswith(f"{expected} ") and said in one for one in lines), (expected, lines)


@pytest.mark.parametrize(
    ("method", "needed"),
    [
        ("private_key_jwt", "key"),
        ("client_secret_basic", "secret"),
        ("client_secret_post", "secret"),
        ("tls_client_auth", "certificate_key"),
    ],
)
def test_a_client_needs_the_credential_of_its_method(
    tmp_path: Path, method: str, needed: str
) -> None:
    text = with_(
        "      method: private_key_jwt\n      key: file:key.pem\n", f"      method: {method}\n"
    )
    assert f"“{method}” needs the key “{needed}”" in "\n".join(refused(tmp_path, text))


def test_a_refresh_grant_needs_a_refresh_token(tmp_path: Path) -> None:
    text = with_(
        "      key: file:key.pem\n", "      key: file:key.pem\n      grant: refresh_token\n"
    )
    assert "“refresh_token” needs the key “refresh_token”" in "\n".join(refused(tmp_path, text))


def test_an_intrusive_class_is_refused_in_production(tmp_path: Path) -> None:
    text = with_("environment: test", "environment: production")
    text = text.replace("[passive, active]", "[passive, intrusive]")
    assert any("never run in production" in line for line in refused(tmp_path, text))


def test_an_authorisation_holds_through_its_last_day(tmp_path: Path) -> None:
    load(tmp_path, with_("until: 2026-12-31", "until: 2026-11-23"))


@pytest.mark.parametrize(
    "secret", ["hunter2", "s3cr3t-value-of-the-vendor-0001", "12345678", "1e9"]
)
@pytest.mark.parametrize("field", ["token: env:TGV_TEST_TOKEN", "password: env:TGV_TEST_PASSWORD"])
def test_a_secret_written_as_a_value_is_never_repeated(
    tmp_path: Path, field: str, secret: str
) -> None:
    path = write(tmp_path, with_(field, f"{field.split(':', maxsplit=1)[0]}: {secret}"))
    with pytest.raises(InputFaults) as caught:
        load_target(path, today=TODAY)
    error = caught.value
    told = "\n".join([*error.lines("fr"), *error.lines("en"), repr(error), str(error)])
    assert secret not in told.replace(str(tmp_path), "")
    assert error.faults


@pytest.mark.parametrize(
    "value",
    ["eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "ZZTA85031492", "a" * 41, '"\\e[31mred"', "514-555-0100-99"],
)
def test_a_value_that_is_long_controls_a_terminal_or_looks_personal_is_not_repeated(
    tmp_path: Path, value: str
) -> None:
    path = write(tmp_path, with_("environment: test", f"environment: {value}"))
    with pytest.raises(InputFaults) as caught:
        load_target(path, today=TODAY)
    told = "\n".join(caught.value.lines("fr")).replace(str(tmp_path), "")
    assert value.strip('"') not in told
    assert "\x1b" not in told


def test_a_fault_in_a_piece_does_not_make_references_to_it_dangle(tmp_path: Path) -> None:
    lines = refused(tmp_path, with_("    role: auditor\n", ""))
    assert len(lines) == 1, lines


def test_a_mistyped_credential_is_told_once(tmp_path: Path) -> None:
    lines = refused(tmp_path, with_("      key: file:key.pem", "      kye: file:key.pem"))
    assert len(lines) == 1, lines
    assert "did you mean “key”?" in lines[0]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "1:1", "empty"),
        ("# rien\n", "1:1", "empty"),
        ("- a\n", "1:1", "isn't a group of keys"),
        (
            "schema: tgv-profile/1\n",
            "1:9",
            "“tgv-profile/1” isn't the one expected here, “tgv-target/1”",
        ),
        ("shema: tgv-target/1\n", "1:1", "the first key has to be “schema”, not “shema”"),
        ("schema: tgv-target/1\nsystem: [1\n", "3:1", "YAML syntax is wrong"),
        ("schema: tgv-target/1\n\tsystem: 1\n", "2:1", "YAML syntax is wrong"),
        ("schema: tgv-target/1\na: \x07\n", "2:4", "control characters"),
        ("schema: tgv-target/1\n? {a: b}\n: 1\n", "2:3", "a key has to be a word"),
        ("schema: tgv-target/1\na: &x [1]\nb: *x\n", "3:4", "aliases"),
        ("schema: tgv-target/1\na: !!python/object:os.system 1\n", "2:4", "tags"),
        ("schema: tgv-target/1\n---\nb: 1\n", "2:1", "more than one document"),
        ("schema: tgv-target/1\nactors: {}\nactors: {}\n", "3:1", "already given on line 2"),
        ("schema: tgv-target/1\na: " + "[" * 60 + "]" * 60, "2:43", "nested levels"),
    ],
)
def test_what_is_not_a_manifest_is_told_with_its_place(
    tmp_path: Path, text: str, place: str, said: str
) -> None:
    lines = refused(tmp_path, text)
    assert any(line.startswith(f"{place} ") and said in line for line in lines), lines


def test_schema_must_be_the_first_key(tmp_path: Path) -> None:
    head, rest = MANIFEST.split("\n", 1)
    text = f"{rest}{head}\n"
    assert refused(tmp_path, text)[0].startswith(f"{at(text, head)} “schema” isn't the first key")


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(InputFaults, match="faute"):
            load_target(path)


def test_a_file_that_is_not_utf8_is_a_fault_at_the_first_bad_byte(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("schema: tgv-target/1\nsystem: é".encode("latin-1"))
    with pytest.raises(InputFaults) as caught:
        load_target(path)
    assert caught.value.faults[0].place == f"{path}:2:9"


def test_a_file_larger_than_the_cap_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(InputFaults) as caught:
        load_target(path)
    assert "2 MiB" in caught.value.faults[0].message.en


def test_a_bomb_of_aliases_is_refused_without_being_expanded(tmp_path: Path) -> None:
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 20)]
    text = "schema: tgv-target/1\nl0: &l0 [x]\n" + "\n".join(levels)
    assert len(refused(tmp_path, text)) <= 101


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    load(tmp_path, "\ufeff" + MANIFEST)


@pytest.mark.parametrize("seed", range(300))
def test_garbage_gives_faults_and_nothing_else(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(MANIFEST.encode() if seed % 3 else b"")
    for _ in range(chance.randint(1, 40)):
        piece = chance.choice(
            [
                chance.randbytes(chance.randint(1, 9)),
                b"{",
                b"[",
                b"- ",
                b": ",
                b"\n",
                b"null",
                b"1.5",
            ]
        )
        start = chance.randint(0, len(raw))
        raw[start : start + chance.randint(0, 12)] = piece
    path = write(tmp_path, "")
    path.write_bytes(bytes(raw))
    with pytest.raises(InputFaults) as caught:
        load_target(path, today=TODAY)
    assert caught.value.faults
    assert all(line.isprintable() for line in caught.value.lines("fr"))


@pytest.mark.parametrize("seed", range(150))
def test_a_value_of_another_sort_anywhere_gives_faults_and_nothing_else(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    lines = MANIFEST.split("\n")
    index = chance.randrange(1, len(lines) - 1)
    head = lines[index].partition(":")[0]
    lines[index] = (
        head + ": " + chance.choice(["", "[]", "{}", "{a: [b]}", "true", "-7", ".inf", "'\\'"])
    )
    path = write(tmp_path, "\n".join(lines))
    with contextlib.suppress(InputFaults):
        load_target(path, today=TODAY)


def test_a_dumped_target_loads_back_equal(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    text = dump(loaded.target)
    assert load(tmp_path, text).target == loaded.target
    assert text == dump(load(tmp_path, text).target)
    assert "null" not in text
    assert text.startswith("schema: tgv-target/1\n")


@pytest.mark.parametrize(
    "value",
    ["no", "012", "1.20", "1e3", "2026-01-01", "null", "~", "a: b", "# x", " x ", "é\nb", "*a", ""],
)
def test_text_of_any_form_survives_a_dump(tmp_path: Path, value: str) -> None:
    loaded = load(tmp_path, with_("reason: zzt-reason", f"reason: {json.dumps(value)}"))
    assert loaded.target.objects["visit"].values["reason"] == value
    text = dump(loaded.target)
    assert load(tmp_path, text).target == loaded.target
    if value[:1].isdigit():
        assert f'reason: "{value}"' in text, "a reader of YAML 1.2 would see a number or a date"


def test_an_actor_without_credentials_survives_a_dump(tmp_path: Path) -> None:
    bearer = "      type: bearer\n      token: env:TGV_TEST_TOKEN\n"
    loaded = load(tmp_path, with_(bearer, "      type: none\n"))
    assert load(tmp_path, dump(loaded.target)).target == loaded.target


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "operations:\n",
            "  other: {kind: appointment, locator: a-2, owners: [clinic-b], person: alix}\n"
            "operations:\n",
        ),
        ("reason: zzt-reason", "Reason: zzt-reason"),
        ("    person: alix\n", ""),
    ],
)
def test_a_template_has_to_be_filled_by_every_object_of_its_kind(
    tmp_path: Path, old: str, new: str
) -> None:
    assert any("nothing fills the template" in line for line in refused(tmp_path, with_(old, new)))


RIGHTS = """access_removals:
  - actor: clinic-b
    hook: {operation: close, undo: reopen, actor: auditor, object: visit}
restrictions:
  - provider: clinic-b
    bystander: clinic-a
    hook: {operation: close, undo: reopen, actor: auditor, object: visit}
"""
MANAGED = """operations:
  close: {service: fhir, kind: manage, method: PUT, path: "/x/{object}", object: appointment,
    actors: [auditor]}
  reopen: {service: fhir, kind: manage, method: PUT, path: "/y/{object}", object: appointment,
    actors: [auditor]}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", None),
        ("- actor: clinic-b", "- actor: clinic-z", "the actor “clinic-z” doesn't exist"),
        ("provider: clinic-b", "provider: clinic-z", "the actor “clinic-z” doesn't exist"),
        ("bystander: clinic-a", "bystander: clinic-z", "the actor “clinic-z” doesn't exist"),
        ("operation: close", "operation: closed", "the operation “closed” doesn't exist"),
        ("undo: reopen", "undo: opened", "the operation “opened” doesn't exist"),
        ("object: visit", "object: visits", "the object “visits” doesn't exist"),
        ("undo: reopen", "undo: change-visit", "say “kind: manage” of it"),
    ],
)
def test_a_right_that_is_withdrawn_names_what_exists_and_what_no_other_check_calls(
    tmp_path: Path, old: str, new: str, said: str | None
) -> None:
    text = MANIFEST.replace("operations:\n", MANAGED, 1) + RIGHTS.replace(old, new)
    if said is None:
        assert load(tmp_path, text).target.restrictions
    else:
        assert any(said in line for line in refused(tmp_path, text))


ACCOUNTS = """accounts:
  mail: {host: 127.0.0.1, port: 2525}
  held:
    a: {username: zzt, password: env:ZZT, address: zzt@example.org, reading: read-visit, object: visit}
  reset: {account: a, ask: ask, complete: renew, code: "code=([a-z]+)"}
  change: {account: a, other: a, operation: renew}
"""
ASKED = """operations:
  ask: {service: fhir, kind: manage, method: POST, path: /ask, body: {name: "{address}"}}
  renew: {service: fhir, kind: manage, method: POST, path: /new, body: ["{code}", "{new_password}"]}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", None),
        (
            "reading: read-visit",
            "reading: read-visits",
            "the operation “read-visits” doesn't exist",
        ),
        ("object: visit", "object: visits", "the object “visits” doesn't exist"),
        ("ask: ask", "ask: asks", "the operation “asks” doesn't exist"),
        ("complete: renew", "complete: renews", "the operation “renews” doesn't exist"),
        ("operation: renew", "operation: renews", "the operation “renews” doesn't exist"),
        ("other: a", "other: b", "the account “b” doesn't exist"),
        ("{account: a, ask", "{account: b, ask", "the account “b” doesn't exist"),
        ("code=([a-z]+)", "code=[a-z]+", "isn't a regular expression with one group"),
        ("code=([a-z]+)", "code=([a-z]+", "isn't a regular expression with one group"),
        ("password: env:ZZT", "password: file:no.txt", "the file “no.txt” doesn't exist"),
        ("address: zzt@example.org", "address: zzt", "address"),
    ],
)
def test_an_account_that_is_given_up_names_what_exists(
    tmp_path: Path, old: str, new: str, said: str | None
) -> None:
    text = MANIFEST.replace("operations:\n", ASKED, 1) + ACCOUNTS.replace(old, new)
    if said is None:
        assert load(tmp_path, text).target.accounts is not None
    else:
        assert any(said in line for line in refused(tmp_path, text))


def test_a_recorded_manifest_loads_when_its_files_and_its_authorisation_are_gone(
    tmp_path: Path,
) -> None:
    loaded = load(tmp_path)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    copy = bundle / "target.yaml"
    copy.write_text(dump(loaded.target), encoding="utf-8")
    assert load_recorded_target(copy) == loaded.target
    with pytest.raises(InputFaults):
        load_target(copy, today=date(2027, 1, 1))


def test_the_published_schema_accepts_a_sound_manifest_and_refuses_a_faulty_one(
    tmp_path: Path,
) -> None:
    validator = jsonschema_rs.validator_for(json_schema("tgv-target/1"))
    sound: Any = read_source(write(tmp_path, MANIFEST), schema="tgv-target/1").tree.data
    assert validator.is_valid(sound)
    assert not validator.is_valid({**sound, "extra": 1})
    sound["actors"]["clinic-b"]["authentication"]["token"] = "hunter2"
    assert not validator.is_valid(sound)


def test_a_document_tells_where_its_values_stand(tmp_path: Path) -> None:
    path = write(tmp_path, MANIFEST)
    document = load_document(path, Target, schema="tgv-target/1")
    mark = document.source.tree.mark(("system", "version"))
    assert f"{mark.line}:{mark.column}" == at(MANIFEST, '"1.20"')
    with pytest.raises(InputFaults, match="faute"):
        load_document(path, Profile, schema="tgv-profile/1")


def test_a_secret_is_read_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TGV_TEST_TOKEN", "zzt-token")
    (tmp_path / "token").write_bytes(b"zzt-file-token\r\n")
    assert resolve("env:TGV_TEST_TOKEN", tmp_path) == "zzt-token"
    assert resolve("file:token", tmp_path) == "zzt-file-token"
    assert resolve_file("file:token", tmp_path) == b"zzt-file-token\r\n"


@pytest.mark.parametrize(
    "reference",
    ["env:TGV_TEST_ABSENT", "file:absent", "file:binary", "file:empty", "hunter2-secret"],
)
def test_a_secret_that_cannot_be_read_is_told_without_any_value(
    tmp_path: Path, reference: str
) -> None:
    (tmp_path / "binary").write_bytes(b"zzt-\xff\xfe")
    (tmp_path / "empty").write_bytes(b"\n")
    with pytest.raises(SecretUnavailable) as caught:
        resolve(reference, tmp_path)
    told = "\n".join(caught.value.lines("fr"))
    assert "hunter2" not in told
    assert "zzt" not in told


CREATING = """operations:
  add: {service: fhir, kind: create, method: POST, path: "/x/{object}", object: appointment,
    actors: [clinic-b], read_back: see, creates: {removed_by: remove}, upload: {field: null},
    body: {name: "{file_name}", data: "{file_base64}"}}
  see: {service: fhir, kind: read, path: "/x/{object}/{created}", actors: [clinic-b]}
  remove: {service: fhir, kind: delete, method: DELETE, path: "/x/{created}", actors: [clinic-b]}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", None),
        ("removed_by: remove", "removed_by: removal", "the operation “removal” doesn't exist"),
        ("read_back: see, ", "", "“read_back” is missing"),
        ("creates: {removed_by: remove}, ", "", "“creates” is missing"),
        ("/x/{object}/{created}", "/x/{object}", "“{created}” is missing"),
        ("upload: {field: null}", "upload: {field: f}", "nothing fills the template “{file_name}”"),
    ],
)
def test_what_an_operation_creates_can_be_seen_and_removed(
    tmp_path: Path, old: str, new: str, said: str | None
) -> None:
    assert old in CREATING
    text = with_("operations:\n", CREATING.replace(old, new, 1) if old else CREATING)
    if said is None:
        assert load(tmp_path, text).target.operations["add"].creates is not None
    else:
        assert any(said in line for line in refused(tmp_path, text))
