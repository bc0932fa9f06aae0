"""Attestations and waivers: what they must hold, whom they need, and what they change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from tgv_suite.errors import InputFaults
from tgv_suite.load.dump import dump
from tgv_suite.load.papers import (
    Asked,
    NoSuchDocument,
    document_of,
    load_attestations,
    load_waivers,
)
from tgv_suite.load.schema import json_schema
from tgv_suite.model.catalogue import Level, Method
from tgv_suite.model.papers import (
    Attestation,
    AttestedDocument,
    DocumentSeen,
    Papers,
    Signatory,
    Waiver,
)
from tgv_suite.model.results import Cause, CheckResult, Conclusion, RequirementResult, Verdict
from tgv_suite.papers import person, settle, unused
from tgv_suite.text import Text
from tgv_suite.verdict import conclude, roll_up

TODAY = date(2026, 11, 25)
DIGEST = "a" * 64
ASKED = Asked(
    methods={
        "DOC-01": Method.ATTESTATION,
        "DOC-02": Method.ATTESTATION,
        "AZN-03": Method.TEST,
        "TLS-05": Method.TEST,
    },
    checks={"AZN-03": ["authorization.one", "authorization.two"], "TLS-05": ["tls.key"]},
)
ATTESTATIONS = f"""\
schema: tgv-attestations/1
attestations:
  - requirement: DOC-01
    signatory:
      name: Camille Exemple
      organisation: Boréal Santé
    documents:
      - name: documents/efvp.pdf
        sha256: {DIGEST}
        size: 12
    date: 2026-11-01
    expiry: 2027-11-01
"""
WAIVERS = """\
schema: tgv-waivers/1
waivers:
  - requirement: AZN-03
    check: authorization.one
    reason: correctif prévu
    author: Camille Exemple
    approver: Alix Autre
    expiry: 2026-12-31
"""


def told(error: InputFaults) -> str:
    return "\n".join(error.lines("en"))


def faults_of_attestations(tmp_path: Path, text: str) -> str:
    path = tmp_path / "attestations.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        load_attestations(path, ASKED)
    return told(caught.value)


def faults_of_waivers(tmp_path: Path, text: str) -> str:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        load_waivers(path, ASKED, TODAY)
    return told(caught.value)


# --- The files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("DOC-01", "DOC-10", "yaml:3:18: the requirement “DOC-10” isn't asked for"),
        ("DOC-01", "DOC-10", "did you mean “DOC-0"),
        ("DOC-01", "AZN-03", "yaml:3:18: the requirement “AZN-03” is settled by a test"),
        ("DOC-01", "DOC-1", "yaml:3:18: a requirement is written as three capitals"),
        ("organisation:", "organization:", "did you mean “organisation”?"),
        ("Camille Exemple", "'  '", "yaml:5:13: this text says nothing"),
        (DIGEST, "'abc'", "yaml:9:17: a SHA-256 digest is written as 64"),
        ("size: 12", "size: 0", "“size” has to be ≥ 1"),
        ("expiry: 2027-11-01", "expiry: 2026-10-31", "the expiry comes before the date"),
        ("date: 2026-11-01", "date: hier", "a date YYYY-MM-DD"),
        ("    date: 2026-11-01\n", "", "the key “date” is missing"),
        ("    expiry: 2027-11-01\n", "", "the key “expiry” is missing"),
        ("documents/efvp.pdf", "../efvp.pdf", "a document is named by its path"),
        ("documents/efvp.pdf", "/etc/passwd", "a document is named by its path"),
        ("tgv-attestations/1", "tgv-waivers/1", "isn't the one expected here"),
    ],
)
def test_a_faulty_attestation_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in ATTESTATIONS
    assert said in faults_of_attestations(tmp_path, ATTESTATIONS.replace(old, new))


def test_a_requirement_attested_twice_is_told_with_the_first_line(tmp_path: Path) -> None:
    again = ATTESTATIONS + ATTESTATIONS.partition("attestations:\n")[2]
    assert "13:18: the same thing “DOC-01” is already on line 3" in faults_of_attestations(
        tmp_path, again
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("AZN-03", "AZN-30", "yaml:3:18: the requirement “AZN-30” isn't asked for"),
        ("AZN-03", "DOC-01", "the requirement “DOC-01” is attested: it never fails"),
        ("authorization.one", "authorization.on", "did you mean “authorization.one”?"),
        ("authorization.one", "tls.key", "the requirement “AZN-03” has no check “tls.key”"),
        ("expiry: 2026-12-31", "expiry: 2026-11-24", "this waiver expired on 2026-11-24"),
        ("correctif prévu", "'…'", "yaml:5:13: this text says nothing"),
        ("    reason: correctif prévu\n", "", "the key “reason” is missing"),
        ("    author: Camille Exemple\n", "", "the key “author” is missing"),
        ("    approver: Alix Autre\n", "", "the key “approver” is missing"),
        ("    expiry: 2026-12-31\n", "", "the key “expiry” is missing"),
        ("Alix Autre", "'-'", "yaml:7:15: this text says nothing"),
    ],
)
def test_a_faulty_waiver_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in WAIVERS
    assert said in faults_of_waivers(tmp_path, WAIVERS.replace(old, new))


@pytest.mark.parametrize(
    "same",
    [
        "Camille Exemple",
        "CAMILLE  exemple",
        "Camillé Exemplè",
        "Camille-Exemple",
        " camilleexemple",
    ],
)
def test_nobody_approves_their_own_waiver(tmp_path: Path, same: str) -> None:
    text = WAIVERS.replace("approver: Alix Autre", f"approver: '{same}'")
    assert "7:15: the same person asks for the waiver and approves it" in faults_of_waivers(
        tmp_path, text
    )


def test_two_people_may_share_part_of_a_name() -> None:
    assert person("Camille Exemple") != person("Camille Exemplet")
    assert person("Éric Œuvrard") == person("eric  ŒUVRARD")


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    second = WAIVERS.partition("waivers:\n")[2].replace("AZN-03", "TLS-99")
    text = WAIVERS.replace("2026-12-31", "2026-01-01") + second.replace("reason", "raison")
    said = faults_of_waivers(tmp_path, text)
    assert "this waiver expired" in said
    assert "the key “raison” is unknown" in said
    assert "3 fault(s)" in said


@pytest.mark.parametrize(
    ("kind", "text"), [("tgv-attestations/1", ATTESTATIONS), ("tgv-waivers/1", WAIVERS)]
)
def test_the_published_schema_accepts_what_the_loader_accepts(kind: str, text: str) -> None:
    data = json.loads(json.dumps(yaml.safe_load(text), default=str))
    validator = jsonschema_rs.validator_for(json_schema(kind))
    assert validator.is_valid(data)
    assert not validator.is_valid({**data, "extra": 1})


def test_a_dumped_file_loads_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "attestations.yaml"
    path.write_text(ATTESTATIONS, encoding="utf-8")
    file = load_attestations(path, ASKED)
    path.write_text(dump(file), encoding="utf-8")
    assert load_attestations(path, ASKED) == file


def test_a_document_is_kept_by_its_name_digest_and_size_alone(tmp_path: Path) -> None:
    path = tmp_path / "pieces" / "efvp.pdf"
    path.parent.mkdir()
    path.write_bytes(b"contenu confidentiel")
    digest = hashlib.sha256(b"contenu confidentiel").hexdigest()
    inside = AttestedDocument(name="pieces/efvp.pdf", sha256=digest, size=20)
    assert document_of(path, tmp_path) == inside
    elsewhere = document_of(path, tmp_path / "other")
    assert elsewhere.name == "efvp.pdf"


@pytest.mark.parametrize("name", ["missing.pdf", "empty.pdf", "folder"])
def test_a_document_that_says_nothing_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(NoSuchDocument):
        document_of(tmp_path / name, tmp_path)


# --- What they change ---------------------------------------------------------------------------

SOME = Text(fr="…", en="...")
IN_FORCE = Attestation(
    requirement="DOC-01",
    signatory=Signatory(name="Camille Exemple", organisation="Boréal Santé"),
    documents=(AttestedDocument(name="efvp.pdf", sha256=DIGEST, size=12),),
    date=date(2026, 11, 1),
    expiry=date(2027, 11, 1),
)
SEEN = (DocumentSeen(name="efvp.pdf", sha256=DIGEST),)


def waiver(requirement: str = "AZN-03", check: str | None = None) -> Waiver:
    return Waiver(
        requirement=requirement,
        check=check,
        reason="correctif prévu",
        author="Camille Exemple",
        approver="Alix Autre",
        expiry=TODAY,
    )


def result(
    name: str, checks: Mapping[str, Verdict], level: Level = Level.MUST
) -> RequirementResult:
    each = tuple(
        CheckResult(
            id=check,
            subject="",
            verdict=verdict,
            cause=Cause.TIMEOUT if verdict is Verdict.INCONCLUSIVE else None,
            reason=SOME,
        )
        for check, verdict in checks.items()
    )
    rolled = roll_up(each)
    return RequirementResult(
        id=name,
        level=level,
        verdict=rolled.verdict,
        cause=rolled.cause,
        reason=rolled.reason,
        checks=each,
    )


PASSED = result("TLS-01", {"tls.one": Verdict.PASS})
FAILED = result("AZN-03", {"authorization.one": Verdict.FAIL, "authorization.two": Verdict.PASS})
BOTH_FAILED = result(
    "AZN-03", {"authorization.one": Verdict.FAIL, "authorization.two": Verdict.FAIL}
)
UNSEEN = result(
    "AZN-03", {"authorization.one": Verdict.FAIL, "authorization.two": Verdict.INCONCLUSIVE}
)
ON_PAPER = result("DOC-01", {"plan": Verdict.ATTESTATION})


def concluded(
    papers: Papers, *requirements: RequirementResult, on: date = TODAY
) -> tuple[Conclusion, tuple[RequirementResult, ...]]:
    settled = settle(requirements, papers, on)
    assert [r.verdict for r in settled] == [r.verdict for r in requirements]
    return conclude(settled, unused=unused(settled, papers)), settled


@pytest.mark.parametrize(
    ("papers", "on", "conclusion"),
    [
        (Papers(), TODAY, Conclusion.UNDETERMINED),
        (Papers(attestations=(IN_FORCE,), documents=SEEN), TODAY, Conclusion.CONFORMANT),
        (
            Papers(attestations=(IN_FORCE,), documents=SEEN),
            IN_FORCE.expiry,
            Conclusion.CONFORMANT,
        ),
        (
            Papers(attestations=(IN_FORCE,), documents=SEEN),
            date(2027, 11, 2),
            Conclusion.UNDETERMINED,
        ),
        (
            Papers(attestations=(IN_FORCE,), documents=SEEN),
            date(2026, 10, 31),
            Conclusion.UNDETERMINED,
        ),
        (
            Papers(
                attestations=(IN_FORCE,),
                documents=(DocumentSeen(name="efvp.pdf", sha256="b" * 64),),
            ),
            TODAY,
            Conclusion.UNDETERMINED,
        ),
        (
            Papers(
                attestations=(IN_FORCE,), documents=(DocumentSeen(name="efvp.pdf", sha256=None),)
            ),
            TODAY,
            Conclusion.CONFORMANT,
        ),
    ],
    ids=["none", "in-force", "last-day", "expired", "too-early", "other-document", "absent"],
)
def test_only_an_attestation_in_force_of_the_same_document_stops_blocking(
    papers: Papers, on: date, conclusion: Conclusion
) -> None:
    found, settled = concluded(papers, PASSED, ON_PAPER, on=on)
    assert found is conclusion
    assert (settled[1].attestation is not None) is (conclusion is Conclusion.CONFORMANT)
    assert settled[1].verdict is Verdict.ATTESTATION


def test_a_document_that_was_not_at_hand_is_told() -> None:
    papers = Papers(
        attestations=(IN_FORCE,), documents=(DocumentSeen(name="efvp.pdf", sha256=None),)
    )
    _, settled = concluded(papers, ON_PAPER)
    assert "its digest wasn't compared (efvp.pdf)" in settled[0].checks[0].notes[0].en


def test_an_attested_requirement_tells_who_when_what_and_until_when() -> None:
    _, settled = concluded(Papers(attestations=(IN_FORCE,), documents=SEEN), ON_PAPER)
    for word in ("Camille Exemple", "Boréal Santé", "2026-11-01", "2027-11-01", "efvp.pdf"):
        assert word in settled[0].reason.fr
        assert word in settled[0].reason.en


def test_what_a_person_says_of_an_observation_stands_beside_it() -> None:
    looked_at = result("DOC-01", {"web.looks_like_an_advertisement": Verdict.ATTESTATION})
    seen = replace(looked_at.checks[0], observations=("observations/DOC-01/1.txt",))
    looked_at = replace(looked_at, checks=(seen,))
    assert concluded(Papers(), PASSED, looked_at)[0] is Conclusion.UNDETERMINED
    papers = Papers(attestations=(IN_FORCE,), documents=SEEN)
    found, settled = concluded(papers, PASSED, looked_at)
    assert found is Conclusion.CONFORMANT
    assert settled[1].checks[0].reason == SOME
    assert settled[1].checks[0].observations == seen.observations
    assert "Camille Exemple" in settled[1].checks[0].notes[0].en


def test_a_waiver_leaves_what_a_person_still_has_to_tell() -> None:
    both = result("DOC-01", {"one": Verdict.FAIL, "two": Verdict.ATTESTATION})
    waived = Papers(waivers=(waiver("DOC-01"),))
    assert concluded(waived, PASSED, both)[0] is Conclusion.UNDETERMINED
    signed = replace(waived, attestations=(IN_FORCE,), documents=SEEN)
    assert concluded(signed, PASSED, both)[0] is Conclusion.CONFORMANT_WITH_WAIVERS


def test_an_attestation_never_covers_a_requirement_that_was_not_run() -> None:
    not_run = result("DOC-01", {"plan": Verdict.INCONCLUSIVE})
    papers = Papers(attestations=(IN_FORCE,), documents=SEEN)
    found, settled = concluded(papers, PASSED, not_run)
    assert found is Conclusion.UNDETERMINED
    assert settled[1].attestation is None


@pytest.mark.parametrize(
    ("requirement", "waivers", "conclusion"),
    [
        (FAILED, (), Conclusion.NON_CONFORMANT),
        (FAILED, (waiver(),), Conclusion.CONFORMANT_WITH_WAIVERS),
        (FAILED, (waiver(check="authorization.one"),), Conclusion.CONFORMANT_WITH_WAIVERS),
        (BOTH_FAILED, (waiver(check="authorization.one"),), Conclusion.NON_CONFORMANT),
        (BOTH_FAILED, (waiver(),), Conclusion.CONFORMANT_WITH_WAIVERS),
        (UNSEEN, (waiver(),), Conclusion.UNDETERMINED),
        (FAILED, (waiver(), waiver("TLS-01")), Conclusion.UNDETERMINED),
        (FAILED, (waiver(check="authorization.two"),), Conclusion.NON_CONFORMANT),
    ],
    ids=[
        "none",
        "requirement",
        "check",
        "one-of-two",
        "two-of-two",
        "unknown-remains",
        "unused",
        "another-check",
    ],
)
def test_a_waiver_covers_the_failures_that_it_names_and_nothing_else(
    requirement: RequirementResult, waivers: tuple[Waiver, ...], conclusion: Conclusion
) -> None:
    assert concluded(Papers(waivers=waivers), PASSED, requirement)[0] is conclusion


def test_a_waiver_that_covers_nothing_is_named_and_concludes_nothing_conformant() -> None:
    papers = Papers(waivers=(waiver(),))
    found, settled = concluded(papers, PASSED)
    assert found is Conclusion.UNDETERMINED
    assert unused(settled, papers) == papers.waivers


def test_a_waiver_never_covers_what_nobody_could_tell() -> None:
    papers = Papers(waivers=(waiver(),))
    unknown = result("AZN-03", {"authorization.one": Verdict.INCONCLUSIVE})
    assert concluded(papers, PASSED, unknown)[0] is Conclusion.UNDETERMINED
    assert unused(settle((unknown,), papers, TODAY), papers) == papers.waivers


def test_an_expired_waiver_covers_nothing() -> None:
    papers = Papers(waivers=(waiver(),))
    found, _ = concluded(papers, PASSED, FAILED, on=date(2026, 11, 26))
    assert found is Conclusion.NON_CONFORMANT


def test_a_waived_failure_tells_who_asked_who_approved_why_and_until_when() -> None:
    _, settled = concluded(Papers(waivers=(waiver(),)), FAILED)
    (note,) = settled[0].checks[0].notes
    for word in ("Camille Exemple", "Alix Autre", "2026-11-25", "correctif prévu"):
        assert word in note.fr
        assert word in note.en
    assert settled[0].checks[1].notes == ()


def test_a_waiver_of_a_recommended_requirement_is_used_and_decides_nothing() -> None:
    papers = Papers(waivers=(waiver(),))
    recommended = result("AZN-03", {"authorization.one": Verdict.FAIL}, Level.SHOULD)
    assert concluded(papers, PASSED, recommended)[0] is Conclusion.CONFORMANT
