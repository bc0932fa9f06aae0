"""Redaction: no secret and no stranger's data is kept, and what a check needs stays."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from pydantic import JsonValue

from tgv_suite.probes.redaction import Redactor

SECRET = "clé/+ secrète&\"x'=1"
FAMILY, GIVEN, BIRTH = "Essai-Tgv", "Zoé", "1985-03-14"
EMAIL, PHONE, NAM = "zoe.essai@example.org", "418-555-0100", "ZZTA85031492"
REAL_NAM, FALSE_NAM = "TEST54122816", "TEST54122813"
MARK = re.compile(r"\[(secret|personal|nam|nas|email|phone):[0-9a-f]{12}\]")
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtb2kifQ.c2lnbmF0dXJl"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor([FAMILY, GIVEN, BIRTH, EMAIL, PHONE, NAM])


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WRITINGS = {
    "plain": SECRET,
    "percent": quote(SECRET, safe=""),
    "percent in lower case": re.sub("%..", lambda m: m[0].lower(), quote(SECRET, safe="")),
    "form": quote_plus(SECRET),
    "base64": b64(SECRET).rstrip("="),
    "base64url": base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    "JSON in ASCII": json.dumps(SECRET)[1:-1],
    "JSON": json.dumps(SECRET, ensure_ascii=False)[1:-1],
    "JSON with escaped slashes": json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    "HTML": html.escape(SECRET),
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_secret_is_replaced_by_its_one_mark_however_it_is_written(
    writing: str, redactor: Redactor
) -> None:
    redactor.learn(SECRET)

    kept = redactor.text(f"<<{WRITINGS[writing]}>>")

    assert kept == f"<<{redactor.mark('secret', SECRET)}>>"
    assert "secret" in redactor.leaks(WRITINGS[writing])


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
def test_a_passwords_digest_is_replaced_by_the_passwords_mark(
    name: str, redactor: Redactor
) -> None:
    digest = hashlib.new(name, SECRET.encode()).hexdigest()
    redactor.learn(SECRET, digests=True)

    for written in (digest, digest.upper()):
        assert redactor.text(f"etag {written}") == f"etag {redactor.mark('secret', SECRET)}"
    assert redactor.marks() == (redactor.mark("secret", SECRET),)


@pytest.mark.parametrize("word", ["demo", "rendezvous", "12345678"])
def test_a_secret_that_may_be_a_mere_word_is_replaced_but_proves_nothing(
    word: str, redactor: Redactor
) -> None:
    redactor.learn(word)

    assert word not in redactor.text(f"le {word} de test")
    assert redactor.marks() == ()


def test_a_tokens_digest_is_nobodys_secret(redactor: Redactor) -> None:
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    redactor.learn(SECRET)

    assert redactor.text(digest) == digest


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("client_secret=abc%20def&scope=x", "abc%20def"),
        ("?ACCESS_TOKEN=abcdef", "abcdef"),
        (f"token {JWT}", "c2lnbmF0dXJl"),
        (f"token%3D{JWT}", "c2lnbmF0dXJl"),
        ("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "eyJhIjoxfQ"),
        ("eyJhbGciOiJub25lIn0.aaaa.bbbb.cccc.dddd", "dddd"),
        ("-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----", "MIIabc"),
        ("-----BEGIN EC PRIVATE KEY-----\nMIIabc", "MIIabc"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_replaced_though_nobody_knows_it(
    text: str, gone: str, redactor: Redactor
) -> None:
    kept = redactor.text(text)

    assert gone not in kept
    assert MARK.search(kept)
    assert not redactor.leaks(kept)


def test_a_pair_of_basic_credentials_is_replaced_in_a_header_and_in_a_body(
    redactor: Redactor,
) -> None:
    pair = b64("user:password")
    redactor.learn(pair)

    assert redactor.header("Authorization", f"Basic {pair}").startswith("Basic [secret:")
    assert pair not in redactor.body(f'{{"you sent": "Basic {pair}"}}')


@pytest.mark.parametrize(
    "name", ["Authorization", "COOKIE", "set-cookie", "X-Api-Key", "DPoP", "X-Declared"]
)
def test_a_header_that_carries_a_secret_keeps_nothing_of_it(name: str, redactor: Redactor) -> None:
    redactor.learn_header("x-declared")

    kept = redactor.header(name, "Value0123")

    assert "Value0123" not in kept
    assert redactor.header(name, kept) == kept


@pytest.mark.parametrize("key", ["access_token", "client_secret", "Password", "session_id"])
@pytest.mark.parametrize("value", ["abcdef", 123456, ["abcdef"], {"deep": ["abcdef"]}])
def test_a_key_that_says_secret_hides_whatever_it_holds(
    key: str, value: JsonValue, redactor: Redactor
) -> None:
    kept = redactor.body(json.dumps({key: value, "other": 1}))

    assert "abcdef" not in kept
    assert "123456" not in kept
    assert json.loads(kept)["other"] == 1


STRANGER = {
    "resourceType": "Patient",
    "id": "42",
    "name": [{"use": "official", "text": "Jean Untel", "family": "Untel", "given": ["Jean"]}],
    "birthDate": "1970-02-01",
    "telecom": [{"system": "phone", "value": "5145550199", "rank": 1}],
    "address": [{"line": ["12 rue X"], "city": "Y-ville", "postalCode": "G1A 1A1"}],
    "generalPractitioner": [{"reference": "Practitioner/9", "display": "Dre Une Telle"}],
    "nas": 46454286,
}


@pytest.mark.parametrize("key", ["name", "birthDate", "telecom", "address", "nas"])
def test_nothing_of_a_strangers_fhir_record_is_kept(key: str, redactor: Redactor) -> None:
    kept = json.loads(redactor.body(json.dumps(STRANGER)))

    text = json.dumps(kept[key])
    gone = ["Untel", "Jean", "1970", "5145550199", "12 rue", "Y-ville", "G1A", "46454286"]
    assert not any(piece in text for piece in gone)
    assert kept["resourceType"] == "Patient"
    assert kept["id"] == "42"


def test_the_display_of_a_reference_is_hidden_and_that_of_a_code_is_not(
    redactor: Redactor,
) -> None:
    content = {"actor": STRANGER["generalPractitioner"], "code": {"display": "Consultation"}}

    kept = json.loads(redactor.body(json.dumps(content)))

    assert MARK.fullmatch(kept["actor"][0]["display"])
    assert kept["actor"][0]["reference"] == "Practitioner/9"
    assert kept["code"] == {"display": "Consultation"}


def test_the_runs_own_people_stay_in_clear(redactor: Redactor) -> None:
    ours = {
        "name": [{"family": FAMILY, "given": [GIVEN], "text": f"{GIVEN} {FAMILY}"}],
        "nom": FAMILY.upper(),
        "birthDate": BIRTH,
        "telecom": [{"value": PHONE}, {"value": EMAIL}],
        "identifier": [{"value": "ZZTA 8503 1492"}],
        "note": f"Écrire à {EMAIL}.Ensuite, appeler le +1 {PHONE}",
    }

    assert json.loads(redactor.body(json.dumps(ours))) == ours
    assert not redactor.real_nam_seen


def test_a_synthetic_name_is_still_seen_beside_a_strangers(redactor: Redactor) -> None:
    kept = json.loads(redactor.body(json.dumps({"nom": f"Untel, Jean (pour {GIVEN} {FAMILY})"})))

    assert FAMILY in kept["nom"]
    assert GIVEN in kept["nom"]
    assert "Untel" not in kept["nom"]


@pytest.mark.parametrize("field", ["secret", "courriel", "adresse", "comment"])
def test_what_a_request_made_up_stays_in_clear_whatever_the_field_is_called(
    redactor: Redactor, field: str
) -> None:
    made = "zz71c0ffee@exemple.test"
    before = redactor.body(json.dumps({field: f"pour {made}"}))
    redactor.admit([made])

    assert json.loads(redactor.body(json.dumps({field: made}))) == {field: made}
    assert made not in before


def test_a_secret_of_the_run_is_hidden_even_where_a_request_made_it_up(redactor: Redactor) -> None:
    redactor.learn("zz71c0ffee4242")
    redactor.admit(["zz71c0ffee4242"])

    assert "zz71c0ffee4242" not in redactor.body(json.dumps({"secret": "zz71c0ffee4242"}))


def test_a_word_that_only_contains_a_synthetic_name_is_hidden(redactor: Redactor) -> None:
    assert FAMILY not in redactor.body(json.dumps({"nom": f"X{FAMILY}x"}))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "jean.untel@exemple.com"),
        ("email", "jean.untel%40exemple.com"),
        ("phone", "514-555-0199"),
        ("phone", "+1 (514) 555-0199"),
        ("nas", "046 454 286"),
        ("nas", "046-454-286"),
        ("nam", FALSE_NAM),
        ("nam", "test 5412 2813"),
        ("nam", "test%205412%202813"),
    ],
)
def test_a_strangers_value_is_found_in_any_text(kind: str, value: str, redactor: Redactor) -> None:
    kept = redactor.text(f"<p>{value}</p>")

    assert re.fullmatch(rf"<p>\[{kind}:[0-9a-f]{{12}}\]</p>", kept)
    assert redactor.leaks(value) == {kind}
    assert redactor.body(json.dumps({"a": value})) == json.dumps({"a": kept[3:-4]})


@pytest.mark.parametrize("text", ["046 454 287", "1.046 454 286", "2026-01-02", "a@b", "12-34"])
def test_what_only_looks_like_a_strangers_value_is_kept(text: str, redactor: Redactor) -> None:
    assert redactor.text(text) == text


def test_equal_values_have_equal_marks_in_a_run_and_others_in_another(redactor: Redactor) -> None:
    other = Redactor([])

    assert redactor.text("TEST 5412 2813") == redactor.text("test54122813")
    assert redactor.text("A@b.ca a@b.ca").split()[0] == redactor.text("a@b.ca")
    assert redactor.text("a@b.ca") != redactor.text("a@b.com")
    assert redactor.text("a@b.ca") != other.text("a@b.ca")
    assert redactor.mark("secret", "abcdE") != redactor.mark("secret", "abcde")


def test_a_number_that_may_be_real_is_noticed_wherever_it_stands() -> None:
    places = (REAL_NAM, f'{{"nom": "{REAL_NAM}"}}', f'{{"a": "x {REAL_NAM.lower()}"}}')
    for text in places:
        redactor = Redactor([NAM])
        assert REAL_NAM not in redactor.body(text).upper()
        assert redactor.real_nam_seen, text


def test_a_look_alike_with_a_wrong_digit_is_hidden_and_halts_nothing(redactor: Redactor) -> None:
    assert FALSE_NAM not in redactor.body(FALSE_NAM)
    assert not redactor.real_nam_seen


def test_digits_of_another_alphabet_are_no_number_and_no_error(redactor: Redactor) -> None:
    text = "ABCD\u0660\u0661\u0660\u0661\u0660\u0661\u0661\u0662"

    assert redactor.text(text) == text


EVERYTHING = [
    *(f"x {value} y" for value in WRITINGS.values()),
    json.dumps(STRANGER),
    f"client_secret=abc&x=1 {JWT} jean@exemple.com 514-555-0199 046 454 286 {FALSE_NAM}",
    "family=[personal:0123456789ab] secret=[secret:abcd99123199]",
    '{"family": "Untel", "given": ["Jean"',
    "a secret, an email and a phone",
]


@pytest.mark.parametrize("text", EVERYTHING, ids=range(len(EVERYTHING)))
@pytest.mark.parametrize("learnt", [SECRET, "secret", "email", "abcd"])
def test_redacting_twice_changes_nothing_even_when_a_secret_is_a_word_of_the_marks(
    text: str, learnt: str, redactor: Redactor
) -> None:
    redactor.learn(learnt)

    once = redactor.body(text)

    assert redactor.body(once) == once
    assert redactor.text(once) == once
    assert not redactor.leaks(once)


def test_the_digits_of_a_mark_are_nobodys_number(redactor: Redactor) -> None:
    mark = "[secret:abcd99123199]"

    assert redactor.text(f"{mark} {mark}") == f"{mark} {mark}"
    assert not redactor.real_nam_seen


@pytest.mark.parametrize(
    "body",
    [
        '{"name": [{"family": "Untel", "given": ["Jean", "Guy"]}], "address": [{"line": ["12 ru',
        '{"a": {"family": "Untel"}, "given": "Jean"} trailing',
        "\ufeff" + '{"family": "Untel", "given": ["Jean"]}',
        '<Patient><family value="Untel"/><given value="Jean"/></Patient>',
        "<nom>Untel</nom><prenom>Jean</prenom>",
        '{"family": "Untel", "family": "Essai-Tgv"}',
        "[" * 700 + '{"family": "Untel", "nas": 46454286}' + "]" * 700,
        "[" * 100_000 + '{"family": "Untel"}' + "]" * 100_000,
    ],
)
def test_a_name_is_hidden_in_a_body_that_is_cut_broken_too_deep_or_not_json(
    body: str, redactor: Redactor
) -> None:
    kept = redactor.body(body)

    assert not any(gone in kept for gone in ("Untel", "Jean", "Guy", "12 ru", "46454286"))


@pytest.mark.parametrize(
    "content",
    [
        STRANGER,
        {"a": "-----BEGIN PRIVATE KEY-----", "b": 'x"y\\z', "c": [None, True, 1.5, -3]},
        {"jean@exemple.com": "jean@exemple.com"},
        [JWT, {"access_token": None, "nam": False}],
        {"family": "\ud800", "x": "\udfff"},
    ],
)
def test_redacted_json_is_json_that_a_file_can_hold(content: JsonValue, redactor: Redactor) -> None:
    kept = redactor.body(json.dumps(content))

    assert type(json.loads(kept)) is type(content)
    assert kept.encode()


def test_half_a_character_never_reaches_a_file(redactor: Redactor) -> None:
    assert redactor.strings({"a": ["x\ud800"]}) == {"a": ["x?"]}
    redactor.learn("half \ud800 secret")


def test_a_value_written_with_escapes_is_found_as_it_was_declared(redactor: Redactor) -> None:
    body = json.dumps({"note": "12, rue des Érables"}).replace("rue", "\\u0072ue")

    assert "12, rue des Érables" in redactor.body(body)


HOSTILE = {
    "at signs": "a@" * 500_000,
    "local parts": ("a" * 64 + "@" + "a" * 63) * 8_000,
    "token starts": "eyJ" * 330_000,
    "token starts with dots": "eyJaaaaa.x." * 90_000,
    "digits": "1" * 1_000_000,
    "triples": "514 555 " * 125_000,
    "letters and digits": "ABCD8503" * 125_000,
    "key openings": "-----BEGIN " * 90_000,
    "key of one kind": "-----BEGIN " + "A " * 500_000,
    "key ends": "-----BEGIN PRIVATE KEY-----" + "-----END A" * 90_000,
    "pairs": "secret=" * 140_000,
    "open strings": '"family":"' * 100_000,
    "open lists": '"given":[' * 100_000,
    "spaces": '"family"' + " " * 1_000_000,
    "backslashes": '"family":"' + "\\" * 1_000_000,
    "elements": "<family value=" * 70_000,
    "element of spaces": "<family" + " " * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_made_to_be_slow_is_read_to_its_end(name: str, redactor: Redactor) -> None:
    redactor.learn(SECRET)

    assert redactor.body(HOSTILE[name])
    assert redactor.body(json.dumps({"family": HOSTILE[name]}))


@pytest.mark.parametrize(
    "after", ['"', "\n", "\r\n", "\t", "'", "é", "\u2028", "\\", "&x=1", "<b>"]
)
@pytest.mark.parametrize("value", ["a1b2c3d4", ""])
def test_what_was_redacted_still_is_once_written_as_json(
    redactor: Redactor, value: str, after: str
) -> None:
    page = f'<a href="/login?password={value}{after}>in</a>'

    assert not redactor.leaks(json.dumps(redactor.body(page)))
    assert not redactor.leaks(json.dumps(redactor.body(page), ensure_ascii=False))
