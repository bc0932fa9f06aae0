"""The report: what it says of each verdict, and what a hostile system can't do to it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from tgv_suite import locations
from tgv_suite.model.catalogue import (
    Catalogue,
    Criteria,
    Level,
    Method,
    Requirement,
    Role,
    SafetyClass,
    Severity,
    Source,
)
from tgv_suite.model.facts import Answer, Request
from tgv_suite.model.papers import Attestation, AttestedDocument, Signatory, Waiver
from tgv_suite.model.results import (
    Cause,
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
    Authoriser,
    Category,
    Environment,
    FirstCondition,
    OpenApiService,
    Scope,
    ScopeHost,
    SystemIdentity,
    Target,
)
from tgv_suite.report import words
from tgv_suite.report.build import View, build
from tgv_suite.report.exhibit import Exhibit
from tgv_suite.report.render import render
from tgv_suite.report.visible import visible
from tgv_suite.text import LANGUAGES, Language, Text

HOSTILE = (
    '</pre></details><script>alert(1)</script><img src="https://evil.invalid/x" onerror=alert(1)>'
    "\x1b[2J\x1b]0;owned\x07 \u202ecod.exe\u202c \u2066x\u2069 pass\u200bword \x00 \x9b31m "
    "\ud800 \u2028 " + "e" + "\u0301" * 40
)
READ = "observations/AZN-03/authorization.read/appointment-read/02-foreign.txt"
OWN = "observations/AZN-03/authorization.read/appointment-read/01-own.txt"


def text(fr: str, en: str | None = None) -> Text:
    return Text(fr=fr, en=en if en is not None else f"{fr} (en)")


def requirement(
    id: str, severity: Severity = Severity.HIGH, method: Method = Method.TEST
) -> Requirement:
    return Requirement(
        id=id,
        role=Role.CLIENT,
        safety=SafetyClass.ACTIVE,
        severity=severity,
        method=method,
        title=text(f"Titre de {id}", f"Title of {id}"),
        statement=text(f"Le système doit tenir {id}.", f"The system must hold {id}."),
        why=text(f"Sans {id}, un dossier s'ouvre.", f"Without {id}, a record opens."),
        remedy=text(f"Corrigez {id} ainsi : filtrez.", f"Mend {id} thus: filter."),
        limits=text(f"Limites de {id}.", f"Limits of {id}."),
        sources=(
            Source(
                name="R-22.1",
                section="art. 5",
                state=text("état au 2024-11-18", "as of 2024-11-18"),
                seen=date(2024, 11, 18),
            ),
        ),
        criteria=(Criteria(edition="tgv-2026-382", ids=("P09.03", "P13.01")),),
    )


REQUIREMENTS = {
    each.id: each
    for each in (
        requirement("AZN-03", Severity.CRITICAL),
        requirement("AZN-04", Severity.HIGH),
        requirement("TLS-06", Severity.LOW),
        requirement("TLS-01", Severity.CRITICAL),
        requirement("JRN-01", Severity.HIGH),
        requirement("AUT-20", Severity.CRITICAL),
        requirement("COU-01", Severity.CRITICAL),
        requirement("DOC-01", Severity.HIGH, Method.ATTESTATION),
    )
}
CATALOGUE = Catalogue(
    requirements=REQUIREMENTS,
    families={
        "COU": text("Coupure", "Severance"),
        "DOC": text("Documents", "Documents"),
    },
)
TARGET = Target(
    schema="tgv-target/1",
    system=SystemIdentity(
        name="Rendez-vous Exemple",
        vendor="Exemple inc.",
        version="4.2.1",
        category=Category.APPOINTMENT_BOOKING,
        environment=Environment.TEST,
    ),
    condition_1=FirstCondition(basis="msss-approval", reference="MSSS-2019-03"),
    scope=Scope(
        authorised_by=Authoriser(
            name="A. Nonyme", organisation="Exemple inc.", on=date(2026, 11, 1)
        ),
        until=date(2026, 12, 31),
        hosts=(ScopeHost(host="si.example.org", port=443),),
        safety=(SafetyClass.PASSIVE, SafetyClass.ACTIVE),
    ),
    services={"api": OpenApiService(type="openapi", url="https://si.example.org/api")},
)


def check(
    verdict: Verdict,
    *,
    reason: str = "raison",
    subject: str = "appointment-read",
    observations: tuple[str, ...] = (),
    cause: Cause | None = None,
) -> CheckResult:
    return CheckResult(
        id="authorization.read",
        subject=subject,
        verdict=verdict,
        cause=cause,
        reason=Text(fr=reason, en=reason),
        observations=observations,
        notes=(text("Une note.", "A note."),),
    )


def result(
    id: str,
    verdict: Verdict,
    *checks: CheckResult,
    level: Level = Level.MUST,
    cause: Cause | None = None,
) -> RequirementResult:
    return RequirementResult(
        id=id,
        level=level,
        verdict=verdict,
        cause=cause,
        reason=text(f"Raison de {id}.", f"Reason of {id}."),
        checks=checks,
    )


def every_verdict() -> tuple[RequirementResult, ...]:
    return (
        result("TLS-01", Verdict.PASS, check(Verdict.PASS, observations=(OWN,))),
        result("TLS-06", Verdict.FAIL, check(Verdict.FAIL), level=Level.SHOULD),
        result("AZN-04", Verdict.INCONCLUSIVE, cause=Cause.CONTROL_FAILED),
        result(
            "AZN-03",
            Verdict.FAIL,
            check(
                Verdict.FAIL,
                reason="le rendez-vous de l'autre clinique a été servi avec le statut 200",
                observations=(OWN, READ),
            ),
            check(Verdict.PASS, subject="appointment-search", observations=(OWN,)),
        ),
        result("JRN-01", Verdict.NOT_APPLICABLE),
        result("AUT-20", Verdict.ATTESTATION),
    )


def results(
    *requirements: RequirementResult,
    conclusion: Conclusion = Conclusion.NON_CONFORMANT,
    interrupted: bool = False,
    halted: Text | None = None,
    violations: tuple[str, ...] = (),
    mode: Mode = Mode.VENDOR,
) -> Results:
    return Results(
        run=RunIdentity(
            id="2026-11-23T034200Z-7f3a",
            mode=mode,
            seed=42,
            jobs=4,
            started="2026-07-01T03:42:00Z",
            ended="2026-07-01T03:47:31.5+00:00",
            interrupted=interrupted,
            exchanges=1234,
            halted=halted,
            scope_violations=violations,
        ),
        si=SystemUnderTest(
            name="Rendez-vous Exemple",
            vendor="Exemple inc.",
            version="4.2.1",
            category="appointment-booking",
            environment="test",
            manifest_sha256="ab" * 32,
        ),
        profile=ProfileIdentity(
            id="appointment-booking",
            version="1.0.0",
            title=text("Prise de rendez-vous", "Appointment booking"),
        ),
        harness=HarnessIdentity(
            version="0.1.0", python="3.11.7", checks=(("test_authorization", "cd" * 32),)
        ),
        conclusion=conclusion,
        requirements=requirements,
    )


EXHIBITS = {
    OWN: Exhibit(
        path=OWN,
        title="témoin, la clinique A lit son rendez-vous",
        text="> GET /api/appointments/a-1 HTTP/1.1\r\n> Authorization: Bearer ‹jeton-1›\r\n\r\n"
        '< HTTP/1.1 200 OK\r\n< Content-Type: application/json\r\n\r\n{\n  "id": "a-1"\n}',
    ),
    READ: Exhibit(
        path=READ,
        title="la clinique A lit le rendez-vous de la clinique B",
        text='> GET /api/appointments/b-7 HTTP/1.1\n\n< HTTP/1.1 200 OK\n\n{"id": "b-7"}',
    ),
}


def viewed(
    run: Results, exhibits: Mapping[str, Exhibit] = EXHIBITS, key_id: str | None = "SHA256:abc"
) -> View:
    return build(results=run, catalogue=CATALOGUE, target=TARGET, exhibits=exhibits, key_id=key_id)


def pages(run: Results, exhibits: Mapping[str, Exhibit] = EXHIBITS) -> dict[Language, str]:
    return {language: render(viewed(run, exhibits), language) for language in LANGUAGES}


class Page(HTMLParser):
    """A page as a reader or a browser takes it."""

    void = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.stack: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in self.void:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.stack:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def section(html: str, id: str) -> str:
    start = html.index(f'<section id="{id}"')
    return html[start : html.index("</section>", start)]


def article(html: str, id: str) -> str:
    start = html.index(f'<article id="{id}"')
    return html[start : html.index("</article>", start)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_requirement_of_the_catalogue_appears_exactly_once(language: Language) -> None:
    ids = Page(pages(results(*every_verdict()))[language]).ids
    assert sorted(id for id in ids if id in REQUIREMENTS) == sorted(REQUIREMENTS)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("verdict", "ids"),
    [
        (Verdict.FAIL, ["AZN-03", "TLS-06"]),
        (Verdict.INCONCLUSIVE, ["AZN-04"]),
        (Verdict.ATTESTATION, ["AUT-20"]),
        (Verdict.PASS, ["TLS-01"]),
        (Verdict.NOT_APPLICABLE, ["JRN-01"]),
    ],
)
def test_each_verdict_has_its_section_with_the_worst_severity_first(
    verdict: Verdict, ids: list[str]
) -> None:
    html = pages(results(*every_verdict()))["fr"]
    assert re.findall(r'<article id="([^"]+)"', section(html, verdict)) == ids
    assert words.VERDICTS[verdict].word.fr in article(html, ids[0])


def test_what_is_not_tested_is_listed_on_paper_apart_from_out_of_the_profile() -> None:
    html = section(pages(results(*every_verdict()))["fr"], "untested")
    documentary, outside = html.split('id="outside"')
    assert 'id="DOC-01"' in documentary
    assert 'id="COU-01"' in outside
    assert "TLS-01" not in html


def test_a_failure_tells_reason_exchanges_expectation_remedy_and_sources_in_that_order() -> None:
    told = article(pages(results(*every_verdict()))["en"], "AZN-03")
    order = [
        "Reason of AZN-03.",
        "servi avec le statut 200",
        "GET /api/appointments/b-7",
        "The system must hold AZN-03.",
        "Without AZN-03, a record opens.",
        "Mend AZN-03 thus: filter.",
        "R-22.1",
        "tgv-2026-382",
        "P09.03, P13.01",
    ]
    places = [told.index(sentence) for sentence in order]
    assert places == sorted(places)
    assert "appointment-read" in told
    assert "critical" in told


def test_an_inconclusive_requirement_tells_its_cause_and_what_to_do() -> None:
    told = article(pages(results(*every_verdict()))["en"], "AZN-04")
    assert words.CAUSES[Cause.CONTROL_FAILED].meaning.en in told
    assert words.CAUSES[Cause.CONTROL_FAILED].remedy.en in told


def test_a_pass_tells_how_much_was_observed_and_what_it_does_not_say() -> None:
    told = article(pages(results(*every_verdict()))["en"], "TLS-01")
    assert "1\u00a0check, 1\u00a0exchange kept as evidence" in told
    assert OWN.rpartition("/")[0] in told
    assert "Limits of TLS-01." in told


def test_what_does_not_apply_carries_its_justification() -> None:
    assert "Reason of JRN-01." in article(pages(results(*every_verdict()))["en"], "JRN-01")


def test_the_totals_add_up_to_what_was_planned() -> None:
    view = viewed(results(*every_verdict()))
    counts = [(row.verdict, row.must, row.should) for row in view.totals.rows]
    assert counts == [
        (Verdict.FAIL, 1, 1),
        (Verdict.INCONCLUSIVE, 1, 0),
        (Verdict.ATTESTATION, 1, 0),
        (Verdict.PASS, 1, 0),
        (Verdict.NOT_APPLICABLE, 1, 0),
    ]
    assert (view.totals.must, view.totals.should) == (5, 1)
    assert view.totals.sentence.en.replace("\u00a0", " ") == (
        "6 requirements planned = 2 fail + 1 inconclusive + 1 attestation + 1 pass "
        "+ 1 not applicable."
    )


def test_a_requirement_that_appears_twice_is_refused() -> None:
    twice = result("TLS-01", Verdict.PASS)
    with pytest.raises(ValueError, match="twice in the results: TLS-01"):
        viewed(results(*every_verdict(), twice))


def test_a_requirement_that_the_catalogue_does_not_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="does not hold: ZZZ-99"):
        viewed(results(*every_verdict(), result("ZZZ-99", Verdict.PASS)))


@pytest.mark.parametrize(
    ("conclusion", "verdict"),
    [
        (Conclusion.CONFORMANT, Verdict.FAIL),
        (Conclusion.CONFORMANT, Verdict.INCONCLUSIVE),
        (Conclusion.CONFORMANT_WITH_WAIVERS, Verdict.INCONCLUSIVE),
        (Conclusion.NON_CONFORMANT, Verdict.PASS),
    ],
)
def test_a_conclusion_that_the_verdicts_contradict_is_refused(
    conclusion: Conclusion, verdict: Verdict
) -> None:
    with pytest.raises(ValueError, match="contradict"):
        viewed(results(result("TLS-01", verdict), conclusion=conclusion))


@pytest.mark.parametrize(
    ("conclusion", "verdict", "fr", "en"),
    [
        (Conclusion.CONFORMANT, Verdict.PASS, "Conforme", "Conformant"),
        (
            Conclusion.CONFORMANT_WITH_WAIVERS,
            Verdict.FAIL,
            "Conforme avec dérogations",
            "Conformant with waivers",
        ),
        (Conclusion.NON_CONFORMANT, Verdict.FAIL, "Non conforme", "Non-conformant"),
        (Conclusion.UNDETERMINED, Verdict.INCONCLUSIVE, "Indéterminé", "Undetermined"),
    ],
)
def test_the_conclusion_is_told_in_words_and_in_the_title(
    conclusion: Conclusion, verdict: Verdict, fr: str, en: str
) -> None:
    run = results(result("TLS-01", verdict), conclusion=conclusion)
    for language, word in (("fr", fr), ("en", en)):
        html = pages(run)[language]  # type: ignore[index]
        assert f"<strong>{word}</strong>" in section(html, "conclusion")
        assert f"<title>{word} – Rendez-vous Exemple 4.2.1" in html


@pytest.mark.parametrize("mode", list(Mode))
def test_no_page_says_that_anything_is_certified(mode: Mode) -> None:
    run = results(result("TLS-01", Verdict.PASS), conclusion=Conclusion.CONFORMANT, mode=mode)
    both = pages(run)
    assert not re.search(r"certifiée?s?\b", both["fr"], re.IGNORECASE)
    assert not re.search(r"\bcertified\b", both["en"], re.IGNORECASE)
    assert words.MODES[mode].remedy.en in both["en"]


def test_a_run_that_did_not_end_well_says_so_before_its_conclusion() -> None:
    run = results(
        *every_verdict(),
        interrupted=True,
        halted=text("le système montre des signes de détresse", "the system shows distress"),
        violations=("connect evil.invalid:443",),
    )
    told = section(pages(run)["en"], "conclusion")
    outcome = told.index('class="outcome')
    for sentence in ("Run interrupted.", "the system shows distress", "connect evil.invalid:443"):
        assert told.index(sentence) < outcome


def test_a_rehearsal_says_so_before_its_conclusion() -> None:
    run = results(*every_verdict())
    told = section(pages(replace(run, run=replace(run.run, rehearsal=True)))["en"], "conclusion")
    assert told.index(words.WORDS["rehearsal_meaning"].en) < told.index('class="outcome')
    assert words.WORDS["rehearsal_meaning"].en not in pages(run)["en"]


def attested(note: str | None = None) -> RequirementResult:
    attestation = Attestation(
        requirement="AUT-20",
        signatory=Signatory(name="Zoé Témoin", role="directrice", organisation="Exemple inc."),
        documents=(AttestedDocument(name="efvp.pdf", sha256="ef" * 32, size=12),),
        date=date(2026, 11, 1),
        expiry=date(2027, 11, 1),
        note=note,
    )
    return replace(result("AUT-20", Verdict.ATTESTATION), attestation=attestation)


def test_an_attested_requirement_is_told_as_somebodys_word_and_not_as_a_pass() -> None:
    run = results(attested(note="lue en entier"), conclusion=Conclusion.CONFORMANT)
    html = pages(run)["en"]
    told = article(html, "AUT-20")
    for said in ("attested", "Zoé Témoin", "directrice", "efvp.pdf", "ef" * 32, "2027-11-01"):
        assert said in told
    assert "lue en entier" in told
    assert words.WORDS["attest_do"].en not in told
    assert "1\u00a0attested." in html
    assert 'id="AUT-20"' in section(html, "attestation")
    assert f"{words.WORDS['attested_of'].en} 1" in section(html, "totals")


def test_a_requirement_to_attest_says_what_to_do() -> None:
    html = pages(results(*every_verdict()))["en"]
    assert words.WORDS["attest_do"].en in article(html, "AUT-20")
    assert words.WORDS["attested_of"].en not in html


def test_a_waiver_stands_beside_the_failure_that_it_covers_and_changes_no_verdict() -> None:
    waiver = Waiver(
        requirement="AZN-03",
        reason="correctif prévu",
        author="A. Demande",
        approver="B. Approuve",
        expiry=date(2026, 12, 1),
    )
    failed = replace(result("AZN-03", Verdict.FAIL, check(Verdict.FAIL)), waivers=(waiver,))
    run = results(failed, conclusion=Conclusion.CONFORMANT_WITH_WAIVERS)
    told = article(pages(run)["fr"], "AZN-03")
    for said in ("correctif prévu", "A. Demande", "B. Approuve", "2026-12-01", "non conforme"):
        assert said in told


def test_what_people_signed_is_shown_as_inert_text_too() -> None:
    page = Page(pages(results(attested(note=HOSTILE), conclusion=Conclusion.CONFORMANT))["fr"])
    assert not {"script", "img"} & set(page.tags)
    assert "<script>alert(1)</script>" in page.text


def test_the_dates_stand_in_utc_and_in_quebec_time() -> None:
    html = pages(results(*every_verdict()))["fr"]
    assert "2026-07-01T03:42:00Z" in html
    assert "2026-06-30T23:42:00-04:00" in html


def test_the_first_condition_is_told_as_declared_or_as_absent() -> None:
    run = results(*every_verdict())
    without = replace(TARGET, condition_1=None)
    view = build(results=run, catalogue=CATALOGUE, target=without, exhibits={}, key_id=None)
    assert "MSSS-2019-03" in section(pages(run)["fr"], "conclusion")
    assert "none in the manifest" in section(render(view, "en"), "conclusion")


def test_an_unsigned_bundle_says_that_it_is_unsigned() -> None:
    run = results(*every_verdict())
    assert "not signed" in section(render(viewed(run, key_id=None), "en"), "provenance")
    assert "SHA256:abc" in section(render(viewed(run), "en"), "provenance")


def test_an_exchange_that_the_bundle_does_not_hold_is_told() -> None:
    html = pages(results(*every_verdict()), exhibits={})["en"]
    assert f"withheld at sealing: <code>{READ}</code>" in article(html, "AZN-03")


def hostile_run() -> Results:
    failing = check(Verdict.FAIL, reason=HOSTILE, subject=HOSTILE, observations=(READ, HOSTILE))
    run = results(
        result("AZN-03", Verdict.FAIL, failing),
        halted=Text(fr=HOSTILE, en=HOSTILE),
        violations=(HOSTILE,),
    )
    return replace(
        run,
        si=replace(run.si, name=HOSTILE, vendor=HOSTILE, version=HOSTILE, category=HOSTILE),
        run=replace(run.run, id=HOSTILE),
    )


def hostile_answer() -> Answer:
    return Answer(
        actor=HOSTILE,
        credential=HOSTILE,
        request=Request(method=HOSTILE, url=HOSTILE, headers=((HOSTILE, HOSTILE),), body=HOSTILE),
        unique=HOSTILE,
        status=200,
        headers=((HOSTILE, HOSTILE),),
        body=HOSTILE,
        truncated=False,
        failure=None,
        detail=HOSTILE,
        sent_at=HOSTILE,
        elapsed_s=0.0,
    )


@pytest.mark.parametrize("fact", [None, hostile_answer()])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_string_stays_text_wherever_it_stands(
    language: Language, fact: Answer | None
) -> None:
    exhibits = {READ: Exhibit(path=READ, title=HOSTILE, text=HOSTILE, fact=fact)}
    html = pages(hostile_run(), exhibits)[language]
    page = Page(html)
    assert not {"script", "img"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    hidden = {visible(character) for character in html} - set(html)
    assert not hidden, "characters that are not spelled out"
    assert "⟦U+202E⟧cod.exe" in page.text
    assert "⟦ESC⟧[2J" in page.text
    assert html.encode("utf-8")


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31m", "⟦ESC⟧[31m"),
        ("a\x00b", "a⟦NUL⟧b"),
        ("\x7f\x01", "⟦DEL⟧⟦U+0001⟧"),
        ("\x9b", "⟦U+009B⟧"),
        ("\u202e", "⟦U+202E⟧"),
        ("\u2066\u2069", "⟦U+2066⟧⟦U+2069⟧"),
        ("\u200b\ufeff", "⟦U+200B⟧⟦U+FEFF⟧"),
        ("\u2028", "⟦U+2028⟧"),
        ("\ud800", "⟦U+D800⟧"),
        ("\U000e0041", "⟦U+E0041⟧"),
        ("\u3164", "⟦U+3164⟧"),
        ("e\u0301\u0301\u0301", "e\u0301\u0301⟦+1⟧"),
        ("a\r\nb\rc", "a\nb⟦CR⟧c"),
        ("Montréal :\tété", "Montréal :\tété"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


def test_a_huge_answer_is_cut_and_the_cut_is_told() -> None:
    line = Exhibit(path=READ, title="t", text="x" * 9_000_000)
    html = pages(results(*every_verdict()), {READ: line})["en"]
    assert len(html) < 100_000
    assert "8,998,000\u00a0characters are not shown here" in html


def test_an_answer_of_many_lines_is_cut_and_the_cut_is_told() -> None:
    lines = Exhibit(path=READ, title="t", text="abc\n" * 1_000)
    html = pages(results(*every_verdict()), {READ: lines})["fr"]
    assert html.count("abc\n") + html.count("abc</pre>") == 200
    assert "3\u00a0201\u00a0caractères ne sont pas montrés" in html


def test_an_endless_reason_is_cut_and_the_cut_is_told() -> None:
    endless = check(Verdict.FAIL, reason="y" * 5_000_000)
    html = pages(results(result("AZN-03", Verdict.FAIL, endless)))["en"]
    assert len(html) < 100_000
    assert "⟦+4996000⟧" in html


def test_a_check_with_too_many_exchanges_shows_the_first_and_counts_the_others() -> None:
    paths = tuple(f"observations/AZN-03/x/{n:02}.txt" for n in range(20))
    exhibits = {path: Exhibit(path=path, title="t", text="x") for path in paths}
    flooded = check(Verdict.FAIL, observations=paths)
    html = pages(results(result("AZN-03", Verdict.FAIL, flooded)), exhibits)["en"]
    assert html.count('<details class="exhibit"') == 12
    assert "8\u00a0other exchanges are in the evidence bundle" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_loads_nothing_and_runs_nothing(language: Language) -> None:
    page = Page(pages(results(*every_verdict()))[language])
    loading = {"src", "href", "srcset", "action", "formaction", "data", "poster", "background"}
    links = {value for _, name, value in page.attributes if name in loading}
    assert links
    assert all(link.startswith("#") and link[1:] in page.ids for link in links)
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    style = (locations.reports() / "templates" / "report.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_a_policy_forbids_every_load_and_every_style_but_the_pages_own() -> None:
    html = pages(results(*every_verdict()))["fr"]
    style = html[html.index("<style>") + len("<style>") : html.index("</style>")]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'"
    assert html.index(f'http-equiv="Content-Security-Policy" content="{policy}') < html.index(
        "<style>"
    )


def test_the_same_view_gives_the_same_bytes() -> None:
    run = results(*every_verdict())
    assert pages(run) == pages(run)
    reordered = replace(run, requirements=tuple(reversed(run.requirements)))
    assert pages(reordered) == pages(run)


def test_both_languages_have_the_same_structure_and_other_words() -> None:
    french, english = (Page(page) for page in pages(results(*every_verdict())).values())
    assert french.tags == english.tags
    assert french.ids == english.ids
    assert ("html", "lang", "fr-CA") in french.attributes
    assert ("html", "lang", "en-CA") in english.attributes


def told(value: object) -> Iterator[Text]:
    """Every text that ``value`` holds."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from told(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from told(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from told(getattr(value, field.name))


def test_no_word_is_missing_in_either_language() -> None:
    every = [each for name in dir(words) if name.isupper() for each in told(getattr(words, name))]
    assert len(every) > 150
    assert all(each.fr.strip() and each.en.strip() for each in every)


def test_every_value_of_the_model_has_its_word() -> None:
    assert set(words.VERDICTS) == set(Verdict)
    assert set(words.CONCLUSIONS) == set(words.MEANINGS) == set(Conclusion)
    assert set(words.CONCLUSION_SIGNS) == set(Conclusion)
    assert set(words.CAUSES) == set(Cause)
    assert set(words.MODES) == set(Mode)
    assert set(words.SEVERITIES) == set(Severity)
    assert set(words.LEVELS) == set(Level)
    assert set(words.SAFETY) == set(SafetyClass)
    assert set(words.CATEGORIES) == set(Category)
    assert set(words.ENVIRONMENTS) == set(Environment)


def test_every_word_is_used_and_every_word_used_exists() -> None:
    folder = locations.reports() / "templates"
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.j2")))
    assert set(re.findall(r"\bsay\.(\w+)", source)) == set(words.WORDS)


def test_french_signs_never_start_a_line() -> None:
    html = pages(results(*every_verdict()))["fr"]
    prose = re.sub(r"<(style|pre|code|title)\b.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"(?<=\w) [:;?!»]", prose)
    assert "ainsi\u00a0: filtrez" in prose


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_screen_reader_finds_its_way(language: Language) -> None:
    page = Page(pages(results(*every_verdict()))[language])
    for landmark in ("h1", "main", "nav", "header", "footer"):
        assert page.tags.count(landmark) == 1
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.tags.count("caption") == page.tags.count("table") == 2
    scoped = [value for tag, name, value in page.attributes if tag == "th" and name == "scope"]
    assert len(scoped) == page.tags.count("th")
    named = {value for _, name, value in page.attributes if name == "aria-labelledby"}
    assert named <= set(page.ids)


def contrast(first: str, second: str) -> float:
    """The contrast of two colours (WCAG 2.1, relative luminance)."""

    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
            for each in channels
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_text_colour_contrasts_with_every_background() -> None:
    style = Path(locations.reports() / "templates" / "report.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", style))
    grounds = [name for name in colours if name == "paper" or name.endswith("wash")]
    inks = [name for name in colours if name not in {*grounds, "line"}]
    weak = [
        (ink, ground)
        for ink in inks
        for ground in grounds
        if contrast(colours[ink], colours[ground]) < 4.5
    ]
    assert len(inks) >= 8
    assert not weak
