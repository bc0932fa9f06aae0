"""What a finding shows: the exchange at fault, the command that sends it again, the matrix."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest

from tgv_suite.model.catalogue import Level
from tgv_suite.model.credential import Credential
from tgv_suite.model.facts import Answer, AuditFact, AuditRecord, Failure, Request
from tgv_suite.model.results import (
    CheckResult,
    Conclusion,
    HarnessIdentity,
    Mode,
    ProfileIdentity,
    RequirementResult,
    Results,
    RunIdentity,
    SystemUnderTest,
    Verdict,
)
from tgv_suite.model.target import (
    Actor,
    Authoriser,
    BearerAuthentication,
    Category,
    CertificateAuthentication,
    Environment,
    OAuth2Authentication,
    OpenApiService,
    Operation,
    OperationKind,
    Scope,
    ScopeHost,
    SyntheticObject,
    SystemIdentity,
    Target,
)
from tgv_suite.model.tls import HelloAnswer, HelloOutcome, TlsVersion, WeakSuites
from tgv_suite.report import words
from tgv_suite.report.exchange import (
    LINES_UNFOLDED,
    at_fault,
    condensed,
    laid_out,
    marks,
    shown,
    title,
)
from tgv_suite.report.exhibit import Exhibit
from tgv_suite.report.matrix import State, matrix
from tgv_suite.report.reproduce import command
from tgv_suite.text import Text
from tgv_suite.witness import FACTS

URL = "https://si.example.org/api/appointments/b-7"
TOKEN = "[secret:0123456789ab]"
A, B = "zzt-marque-aaaa", "zzt-marque-bbbb"


def actor(clinic: str) -> Actor:
    return Actor(
        role="clinician",
        clinic=clinic,
        authentication=BearerAuthentication(type="bearer", token="env:TOKEN"),
    )


TARGET = Target(
    schema="tgv-target/1",
    system=SystemIdentity(
        name="Exemple",
        vendor="Exemple inc.",
        version="1",
        category=Category.APPOINTMENT_BOOKING,
        environment=Environment.TEST,
    ),
    scope=Scope(
        authorised_by=Authoriser(name="A", organisation="E", on=date(2026, 11, 1)),
        until=date(2026, 12, 31),
        hosts=(ScopeHost(host="si.example.org", port=443),),
    ),
    services={"api": OpenApiService(type="openapi", url="https://si.example.org/api")},
    actors={"clinic-a": actor("a"), "clinic-b": actor("b"), "nobody": actor("c")},
    objects={
        "appointment-a": SyntheticObject(
            kind="appointment", locator="a-1", owners=("clinic-a",), canaries=(A,)
        ),
        "appointment-b": SyntheticObject(
            kind="appointment", locator="b-7", owners=("clinic-b",), canaries=(B,)
        ),
    },
    operations={
        "read": Operation(
            service="api",
            kind=OperationKind.READ,
            path="/appointments/{object}",
            object="appointment",
            actors=("clinic-a", "clinic-b"),
        ),
        "search": Operation(
            service="api",
            kind=OperationKind.SEARCH,
            path="/appointments",
            object="appointment",
            actors=("clinic-a", "clinic-b"),
        ),
        "notice": Operation(
            service="api",
            kind=OperationKind.READ,
            path="/notice",
            object="appointment",
            public=True,
        ),
    },
)


def answer(
    body: str = "",
    *,
    status: int | None = 200,
    actor: str = "clinic-a",
    request: Request | None = None,
    truncated: bool = False,
) -> Answer:
    return Answer(
        actor=actor,
        credential="own",
        request=request
        or Request(method="GET", url=URL, headers=(("Authorization", f"Bearer {TOKEN}"),), body=""),
        unique="u",
        status=status,
        headers=(("content-type", "application/json"),),
        body=body,
        truncated=truncated,
        failure=None if status is not None else Failure.TIMEOUT,
        detail="",
        sent_at="2026-11-25T00:00:00+00:00",
        elapsed_s=0.1,
    )


def exhibit(label: str, fact: Answer | AuditFact | HelloAnswer, text: str = "x") -> Exhibit:
    return Exhibit(path=f"observations/{label}.txt", title=label, text=text, fact=fact)


OWN = exhibit("read.clinic-a.appointment-a.own", answer(f'{{"id": "{A}"}}'))
FOREIGN = exhibit("read.clinic-a.appointment-b.own", answer(f'{{"id": "{B}"}}'))
REFUSED = exhibit("read.clinic-a.appointment-b.own", answer("{}", status=404))


def checked(verdict: Verdict, *held: Exhibit, reason: str = "raison") -> CheckResult:
    return CheckResult(
        id="authorization.read",
        subject="read.clinic-a",
        verdict=verdict,
        cause=None,
        reason=Text(fr=reason, en=reason),
        observations=tuple(each.path for each in held),
    )


def drawn(verdict: Verdict, *held: Exhibit) -> Mapping[tuple[str, str, str], State]:
    """The cells that were tested."""
    found = matrix(
        target=TARGET,
        results=results(checked(verdict, *held)),
        exhibits={each.path: each for each in held},
    )
    return {
        (column.operation, row.actor, object_id): cell.state
        for grid in found.grids
        for row in grid.rows
        for (column, object_id), cell in zip(
            [(column, each) for column in grid.columns for each in column.objects],
            row.cells,
            strict=True,
        )
        if not cell.state.startswith("untested")
    }


def results(check: CheckResult) -> Results:
    return Results(
        run=RunIdentity(
            id="r",
            mode=Mode.VENDOR,
            seed=0,
            jobs=1,
            started="2026-11-25T00:00:00Z",
            ended="2026-11-25T00:00:01Z",
            interrupted=False,
            exchanges=1,
        ),
        si=SystemUnderTest(
            name="E",
            vendor="E",
            version="1",
            category="appointment-booking",
            environment="test",
            manifest_sha256="ab" * 32,
        ),
        profile=ProfileIdentity(id="p", version="1", title=Text(fr="p", en="p")),
        harness=HarnessIdentity(version="0", python="3", checks=()),
        conclusion=Conclusion.UNDETERMINED,
        requirements=(
            RequirementResult(
                id="AZN-03",
                level=Level.MUST,
                verdict=check.verdict,
                cause=None,
                reason=Text(fr="r", en="r"),
                checks=(check,),
            ),
        ),
    )


def test_every_cell_is_counted_once_and_what_was_not_seen_is_untested() -> None:
    found = matrix(target=TARGET, results=results(checked(Verdict.PASS)), exhibits={})
    assert found.total == 2 * 3 * 2
    assert found.untested == found.total
    assert found.counts[State.UNTESTED_ALLOWANCE] == 4
    assert found.undrawn == 0
    assert [grid.idle for grid in found.grids] == [("nobody",)]


def test_a_row_says_in_whose_standing_and_with_which_scopes_its_cells_were_seen() -> None:
    client = OAuth2Authentication(
        type="oauth2", service="oauth", client_id="a", method="none", scope="appointments.read"
    )
    narrow = replace(TARGET.actors["clinic-a"], authentication=client)
    told = replace(TARGET, actors={**TARGET.actors, "clinic-a": narrow})
    found = matrix(
        target=told, results=results(checked(Verdict.PASS, OWN)), exhibits={OWN.path: OWN}
    )
    standings = {row.actor: row.standing for grid in found.grids for row in grid.rows}
    assert standings["clinic-a"] == "clinician a appointments.read"
    assert standings["clinic-b"] == "clinician b"


def test_what_changes_the_policy_is_no_part_of_it() -> None:
    managing = replace(TARGET.operations["read"], kind=OperationKind.MANAGE, method="PUT")
    operations = {**TARGET.operations, "manage": managing}
    told = replace(TARGET, operations=operations)
    found = matrix(target=told, results=results(checked(Verdict.PASS)), exhibits={})
    assert found == matrix(target=TARGET, results=results(checked(Verdict.PASS)), exhibits={})


def test_a_served_owner_and_a_refused_stranger_are_verified() -> None:
    assert drawn(Verdict.PASS, OWN, REFUSED) == {
        ("read", "clinic-a", "appointment-a"): State.ALLOWED,
        ("read", "clinic-a", "appointment-b"): State.DENIED,
    }


def test_a_strangers_record_that_was_shown_is_a_violation_that_names_its_requirement() -> None:
    found = matrix(
        target=TARGET,
        results=results(checked(Verdict.FAIL, FOREIGN)),
        exhibits={FOREIGN.path: FOREIGN},
    )
    (cell,) = [
        cell for row in found.grids[0].rows for cell in row.cells if cell.state is State.VIOLATED
    ]
    assert cell.requirement == "AZN-03"
    assert found.counts[State.VIOLATED] == 1


def test_a_search_that_brings_in_a_strangers_record_violates_that_records_cell() -> None:
    leaking = exhibit("search.clinic-a.appointment-a.own", answer(f"[{A}, {B}]"))
    assert drawn(Verdict.FAIL, leaking) == {
        ("search", "clinic-a", "appointment-a"): State.ALLOWED,
        ("search", "clinic-a", "appointment-b"): State.VIOLATED,
    }


def test_an_empty_search_is_a_refusal_only_where_the_check_passed() -> None:
    empty = exhibit("search.clinic-a.appointment-b.own", answer("[]"))
    place = ("search", "clinic-a", "appointment-b")
    assert drawn(Verdict.PASS, empty) == {place: State.DENIED}
    assert drawn(Verdict.INCONCLUSIVE, empty) == {}
    assert drawn(Verdict.FAIL, empty) == {place: State.VIOLATED}


@pytest.mark.parametrize(
    "seen",
    [
        answer("{}", status=500),
        answer("{}", status=None),
        answer("{}", status=200),
        answer("{}", status=404, truncated=True),
    ],
)
def test_an_answer_that_shows_no_refusal_verifies_none(seen: Answer) -> None:
    assert drawn(Verdict.PASS, exhibit("read.clinic-a.appointment-b.own", seen)) == {}


def test_a_spoilt_credential_says_nothing_of_the_access_policy() -> None:
    for credential in set(Credential) - {Credential.OWN}:
        spoilt = exhibit(f"read.clinic-a.appointment-b.{credential}", answer("{}", status=404))
        assert drawn(Verdict.PASS, spoilt) == {}


def test_a_public_operation_has_no_cell() -> None:
    assert "notice" not in [
        column.operation
        for grid in matrix(target=TARGET, results=results(checked(Verdict.PASS)), exhibits={}).grids
        for column in grid.columns
    ]


def test_what_the_actor_may_not_see_is_marked_and_said_whose_it_is() -> None:
    failed = checked(Verdict.FAIL, OWN, FOREIGN, reason="montré (statut 200)")
    assert list(at_fault([OWN, FOREIGN], failed, TARGET)) == [FOREIGN]
    found = marks(FOREIGN, [OWN, FOREIGN], failed, TARGET)
    assert [mark.text for mark in found] == ["HTTP 200", B]
    view = shown(FOREIGN, marks=found, at_fault=True)
    assert [each.text for each in view.answer.head if each.marked] == ["HTTP 200", B]
    assert view.meanings == (words.belongs("appointment-b", ("clinic-b",)),)
    assert view.request is not None


def test_what_a_spoilt_credential_opened_is_marked_even_when_it_is_the_actors_own() -> None:
    opened = exhibit("read.clinic-a.appointment-a.altered-claims", answer(A))
    assert [
        mark.text for mark in marks(opened, [opened], checked(Verdict.FAIL, opened), TARGET)
    ] == [A]


def test_what_the_reason_quotes_is_marked() -> None:
    leaking = exhibit("read.clinic-a.quote-in-identifier", answer("SELECT * FROM x", status=500))
    failed = checked(Verdict.FAIL, leaking, reason="requête SQL « SELECT * FROM »")
    assert [mark.text for mark in marks(leaking, [leaking], failed, TARGET)] == ["SELECT * FROM"]


def test_an_old_version_that_was_accepted_is_marked_and_one_that_was_refused_is_not() -> None:
    failed = checked(Verdict.FAIL, reason="parle TLSv1.0")
    for outcome, marked in ((HelloOutcome.ACCEPTED, 2), (HelloOutcome.REFUSED, 0)):
        hello = HelloAnswer(address="h:443", offered=TlsVersion.TLS_1_0, outcome=outcome)
        assert len(marks(exhibit("hello.TLSv1.0", hello), [], failed, TARGET)) == marked


def test_what_an_audit_record_leaves_unsaid_is_marked() -> None:
    record = AuditRecord(who=None, patient="p", when="w", action="R", outcome="0")
    fact = AuditFact(
        performed=200,
        performed_failure=None,
        status=200,
        failure=None,
        known_before=0,
        new=(record,),
        waited_s=0.0,
    )
    silent = exhibit("audit.read.clinic-a", fact, text='{"who": null, "failure": null}')
    found = marks(silent, [silent], checked(Verdict.FAIL, silent), TARGET)
    assert [mark.text for mark in found] == ['"who": null']


def writing(object_id: str, unique: str) -> Exhibit:
    request = Request(method="PUT", url=URL, headers=(), body=f'{{"comment": "{unique}"}}')
    sent = replace(answer("{}", status=404, request=request), unique=unique)
    return exhibit(f"change.clinic-a.{object_id}.own", sent)


def test_a_forbidden_write_that_took_effect_is_at_fault_with_the_reading_that_shows_it() -> None:
    own = writing("appointment-a", "unique-1")
    own_read = exhibit("read.clinic-a.appointment-a.own.again", answer("unique-1"))
    write = writing("appointment-b", "unique-2")
    read = exhibit("read.clinic-b.appointment-b.own", answer(f"{B} unique-2", actor="clinic-b"))
    held = [own, own_read, write, read]
    failed = checked(Verdict.FAIL, *held)
    assert list(at_fault(held, failed, TARGET)) == [write, read]
    assert [mark.text for mark in marks(read, held, failed, TARGET)] == ["unique-2"]
    change = replace(TARGET.operations["read"], kind=OperationKind.UPDATE, method="PUT")
    target = replace(TARGET, operations={**TARGET.operations, "change": change})
    found = matrix(
        target=target, results=results(failed), exhibits={each.path: each for each in held}
    )
    assert found.counts[State.VIOLATED] == 1


def test_what_the_reason_expected_is_not_marked_as_what_was_seen() -> None:
    body = '{"issuer": "https://elsewhere.example.org", "home": "https://si.example.org"}'
    document = exhibit("fetch.GET.well-known", answer(body, actor="—"))
    reason = "configuration (https://elsewhere.example.org) ; attendu : https://si.example.org"
    found = marks(document, [document], checked(Verdict.FAIL, document, reason=reason), TARGET)
    assert [mark.text for mark in found] == ['"https://elsewhere.example.org"']


def test_only_the_exchanges_that_show_most_are_at_fault() -> None:
    one = exhibit("read.clinic-a.appointment-b.own", answer(f"{B}"))
    both = exhibit("read.clinic-a.appointment-b.own.both", answer(f"{B} SELECT * FROM"))
    failed = checked(Verdict.FAIL, one, both, reason="« SELECT * FROM »")
    assert list(at_fault([one, both], failed, TARGET)) == [both]


def test_the_last_exchange_is_at_fault_when_nothing_tells_which() -> None:
    other = exhibit("read.clinic-a.appointment-b.own.other", answer("{}"))
    assert list(at_fault([OWN, other], checked(Verdict.FAIL, OWN, other), TARGET)) == [other]


def test_a_long_answer_is_folded_and_opens_when_what_is_at_fault_is_below() -> None:
    lines = "\n".join(f"line {n}" for n in range(LINES_UNFOLDED * 2))
    long = exhibit("read.clinic-a.appointment-b.own", answer(f"{lines}\n{B}"))
    view = shown(
        long, marks=marks(long, [long], checked(Verdict.FAIL, long), TARGET), at_fault=True
    )
    assert view.answer.rest
    assert view.answer.marked_below


def test_what_the_reason_names_of_a_fact_is_marked() -> None:
    text = '{"not_before": "2026-01-01T00:00:00+00:00", "not_after": "2026-11-25T04:16:12+00:00"}'
    chain = Exhibit(path="observations/chain.txt", title="certificates", text=text)
    failed = checked(Verdict.FAIL, chain, reason="expiré depuis le 2026-11-25T04:16:12+00:00")
    assert [mark.text for mark in marks(chain, [chain], failed, TARGET)] == [
        '"2026-11-25T04:16:12+00:00"'
    ]


def test_a_path_that_the_reason_names_is_marked() -> None:
    text = '{"path": "/.git/HEAD", "status": 200}, {"path": "/.env", "status": 404}'
    exposed = Exhibit(path="observations/exposure.txt", title="exposure", text=text)
    failed = checked(Verdict.FAIL, exposed, reason="/.git/HEAD est servi")
    assert [mark.text for mark in marks(exposed, [exposed], failed, TARGET)] == ['"/.git/HEAD"']


def test_a_fact_shows_its_numbers_on_one_line_and_no_endless_line() -> None:
    assert condensed('{\n "statuses": [\n  200,\n  429\n ]\n}') == '{\n "statuses": [200, 429]\n}'
    assert condensed("x" * 1_000) == "x" * 160 + " ⟦+840⟧"


def test_a_request_that_was_changed_says_how_in_its_title() -> None:
    changed = exhibit("read.clinic-a.appointment-b.own.another-clinic", answer("{}"))
    assert "another-clinic" in title(changed).en
    assert "status 200" in title(changed).en
    assert "wrong-type" in title(exhibit("read.clinic-a.wrong-type", answer("{}"))).fr


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"a": [1]}', '{\n  "a": [\n    1\n  ]\n}'),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ('{"a": 1e400}', '{"a": 1e400}'),
        ('{"a": "\\u202e"}', '{"a": "\\u202e"}'),
        ("[" * 100_000, "[" * 100_000),
        ("not json", "not json"),
    ],
)
def test_json_is_laid_out_only_when_nothing_else_changes(body: str, expected: str) -> None:
    assert laid_out(body) == expected


def run_by_a_shell(text: str, folder: Path) -> list[str]:
    """The arguments that a shell hands to curl, and nothing else run on the way."""
    curl = folder / "curl"
    curl.write_text('#!/bin/sh\nprintf \'%s\\0\' "$@" >"$TGV_OUT"\n')
    curl.chmod(0o755)
    out = folder / "arguments"
    environment = {
        "PATH": f"{folder}:{os.defpath}",
        "TGV_OUT": str(out),
        "TGV_TOKEN": "the token",
        "TGV_SECRET": "the secret",
        "TGV_CERTIFICATE": "c.pem",
        "TGV_KEY": "k.pem",
        "TGV_AUTHORITIES": "ca.pem",
    }
    subprocess.run(["sh", "-euc", text], check=True, cwd=folder, env=environment, timeout=30)
    assert {path.name for path in folder.iterdir()} == {"curl", "arguments"}
    return out.read_bytes().decode().split("\0")[:-1]


HOSTILE_URLS = [
    "https://si.example.org/$(touch owned)/`touch owned`",
    "https://si.example.org/a'; touch owned; echo '",
    'https://si.example.org/a"; touch owned; echo "',
    "https://si.example.org/a\ntouch owned\n",
    "https://si.example.org/a\r\u202etouch owned",
    "https://si.example.org/{a,b}[1-3]!!\\",
    "https://si.example.org/a'\"'$(touch owned)[secret:0123456789ab]'",
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_no_address_makes_a_shell_run_anything_but_curl(url: str, tmp_path: Path) -> None:
    request = Request(
        method="POST",
        url=url,
        headers=(("Authorization", f"Bearer {TOKEN}"), ("X-Trace", "'$(touch owned)`x`\"")),
        body="@/etc/passwd'$(touch owned)",
    )
    made = command(exhibit("read.clinic-a.appointment-b.own", answer(request=request)), TARGET)
    assert made is not None
    assert TOKEN not in made.text
    arguments = run_by_a_shell(made.text, tmp_path)
    assert arguments[:5] == ["--include", "--globoff", "--path-as-is", "--request", "POST"]
    assert "Authorization: Bearer the token" in arguments
    assert "X-Trace: '$(touch owned)`x`\"" in arguments
    assert arguments[arguments.index("--data-raw") + 1] == request.body
    assert arguments[-2] == "--url"
    assert arguments[-1].isascii()
    assert arguments[-1].startswith("https://si.example.org/")


def test_a_secret_is_a_variable_and_the_reader_is_told_which(tmp_path: Path) -> None:
    request = Request(
        method="GET", url=f"{URL}?key=%5Bsecret%3A0123456789ab%5D", headers=(), body=""
    )
    made = command(exhibit("read.clinic-a.appointment-b.own", answer(request=request)), TARGET)
    assert made is not None
    assert run_by_a_shell(made.text, tmp_path)[-1] == f"{URL}?key=the secret"
    assert "TGV_SECRET: the credential of “clinic-a”" in made.notes[0].en


def test_a_client_certificate_and_declared_authorities_are_part_of_the_command(
    tmp_path: Path,
) -> None:
    certificate = CertificateAuthentication(
        type="client-certificate", certificate="file:c.pem", key="env:KEY"
    )
    target = replace(
        TARGET,
        trust_anchors=("file:ca.pem",),
        actors={"clinic-a": replace(actor("a"), authentication=certificate)},
    )
    made = command(FOREIGN, target)
    assert made is not None
    arguments = run_by_a_shell(made.text, tmp_path)
    for option, value in (("--cacert", "ca.pem"), ("--cert", "c.pem"), ("--key", "k.pem")):
        assert arguments[arguments.index(option) + 1] == value
    assert {name for name in words.PLACEHOLDERS if any(name in n.fr for n in made.notes)} == {
        "TGV_AUTHORITIES",
        "TGV_CERTIFICATE",
    }


def test_a_request_sent_without_its_certificate_is_sent_again_without_it() -> None:
    certificate = CertificateAuthentication(
        type="client-certificate", certificate="file:c.pem", key="env:KEY"
    )
    actors = {"clinic-a": replace(actor("a"), authentication=certificate)}
    opened = exhibit("read.clinic-a.appointment-a.no-certificate", answer(A))
    made = command(opened, replace(TARGET, actors=actors))
    assert made is not None
    assert "--cert" not in made.text


@pytest.mark.parametrize("body", ["x" * 5_000, "a\u202eb", "two\nlines"])
def test_a_body_that_a_reader_cannot_copy_comes_from_a_file(body: str) -> None:
    request = Request(method="POST", url=URL, headers=(), body=body)
    made = command(exhibit("read.clinic-a.appointment-b.own", answer(request=request)), TARGET)
    assert made is not None
    assert body not in made.text
    assert words.WRITES in made.notes
    assert words.PLACEHOLDERS["@tgv-request-body"] in made.notes


def test_a_handshake_is_seen_again_with_openssl() -> None:
    hello = HelloAnswer(
        address="[::1]:8443", offered=TlsVersion.TLS_1_1, outcome=HelloOutcome.ACCEPTED
    )
    made = command(exhibit("hello.TLSv1.1", hello), TARGET)
    assert made is not None
    assert "s_client -connect '[::1]:8443' -servername ::1 -tls1_1" in made.text


def test_weak_suites_are_seen_again_with_nmap() -> None:
    weak = WeakSuites(
        address="si.example.org:443",
        offered=TlsVersion.TLS_1_2,
        accepted=("TLS_RSA_WITH_NULL_SHA",),
        ended=HelloOutcome.REFUSED,
    )
    made = command(Exhibit(path="p", title="weak-suites.TLSv1.2", text="", fact=weak), TARGET)
    assert made is not None
    assert made.text == "nmap --script ssl-enum-ciphers -p 443 si.example.org"


def test_every_kind_of_fact_has_its_words() -> None:
    assert set(FACTS) - {"Answer"} <= set(words.FACTS)


def test_every_credential_and_every_cell_has_its_words() -> None:
    assert set(words.CREDENTIALS) == set(Credential)
    assert list(words.CELLS) == list(State)
    assert len({sign for sign, _ in words.CELLS.values()}) == len(State)


def test_the_audit_marks_are_those_of_the_facts_own_spelling() -> None:
    """A mark is looked for in the readable file, which is the fact as JSON."""
    record = AuditRecord(who=None, patient=None, when=None, action=None, outcome=None)
    readable = json.dumps(asdict(record), indent=2)
    fact = AuditFact(
        performed=200,
        performed_failure=None,
        status=200,
        failure=None,
        known_before=0,
        new=(record,),
        waited_s=0.0,
    )
    silent = exhibit("audit.read.clinic-a", fact, text=readable)
    assert len(marks(silent, [silent], checked(Verdict.FAIL, silent), TARGET)) == 5
