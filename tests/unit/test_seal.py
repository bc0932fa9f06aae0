"""Sealing and verification: no byte changes unseen, and a signer is believed only when known."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pickle
import shutil
import socket
import stat
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from pydantic import JsonValue
from securesystemslib.dsse import Envelope

from tgv_suite.evidence.archive import DamagedBundle, write_archive
from tgv_suite.evidence.keys import (
    KeyProblem,
    SigningKey,
    default_folder,
    ephemeral,
    load_signer,
    load_trust,
    new_key,
)
from tgv_suite.evidence.manifest import (
    ENVELOPE,
    MANIFEST,
    FileEntry,
    Manifest,
    NotPlain,
    build_manifest,
    encode,
)
from tgv_suite.evidence.seal import (
    PAYLOAD_TYPE,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Claim,
    envelope_bytes,
    seal,
    statement,
)
from tgv_suite.evidence.verify import FindingKind, Verification, verify
from tgv_suite.verification import Checked, check

RESULTS: dict[str, object] = {
    "run": {"id": "run-1", "mode": "vendor"},
    "conclusion": "non_conformant",
    "harness": {"version": "0.1.0"},
}
CLAIM = Claim(
    run_id="run-1",
    nonce="nonce-1",
    role="vendor",
    conclusion="non_conformant",
    harness="0.1.0",
    system="DMÉ d'essai",
    version="4.2",
)
OBSERVATION = "observations/AZN-03/01-réponse.txt"


def manifest_of(folder: Path) -> Manifest:
    return build_manifest(
        folder,
        run_id=CLAIM.run_id,
        nonce=CLAIM.nonce,
        started="2026-01-01T00:00:00+00:00",
        ended="2026-01-01T00:01:00+00:00",
        fingerprints={"start": {"si.test:443": "aa"}, "end": {"si.test:443": "aa"}},
    )


def make_bundle(folder: Path, key: SigningKey) -> Path:
    (folder / OBSERVATION).parent.mkdir(parents=True)
    (folder / OBSERVATION).write_bytes("HTTP/1.1 403 Refusé\r\n".encode())
    (folder / "results.json").write_text(json.dumps(RESULTS), encoding="utf-8")
    seal(folder, manifest_of(folder), key, CLAIM)
    return folder


@pytest.fixture
def key() -> SigningKey:
    return ephemeral()


@pytest.fixture
def bundle(tmp_path: Path, key: SigningKey) -> Path:
    return make_bundle(tmp_path / "bundle", key)


def told(verification: Verification) -> set[tuple[str, str]]:
    """What is wrong, after checking that it is said in both languages."""
    assert verification.sound == (not verification.findings)
    assert all(f.message.fr and f.message.en for f in verification.findings)
    return {(f.kind.value, f.path) for f in verification.findings}


def seal_by_hand(
    folder: Path,
    key: SigningKey,
    *,
    manifest: bytes | None = None,
    payload: bytes | None = None,
    payload_type: str = PAYLOAD_TYPE,
) -> None:
    """Seal as someone would who has a key and another program."""
    if manifest is not None:
        (folder / MANIFEST).write_bytes(manifest)
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    payload = payload or statement(digest, CLAIM, key.public.pem)
    envelope = Envelope(payload, payload_type, {})
    written = json.loads(envelope_bytes(payload, key.key_id, key.sign(envelope.pae())))
    (folder / ENVELOPE).write_bytes(rfc8785.dumps({**written, "payloadType": payload_type}) + b"\n")


# --- A whole bundle ------------------------------------------------------------------------------


def test_a_sealed_bundle_is_sound_and_says_what_was_claimed(bundle: Path, key: SigningKey) -> None:
    verification = verify(bundle, trust=None)

    assert told(verification) == set()
    assert verification.claim == replace(CLAIM, signer=key.public.pem)
    assert verification.signer is not None
    assert verification.signer.key_id == key.key_id
    assert verification.signer.name == ""
    assert verification.trusted is None


def test_the_same_bundle_sealed_by_the_same_key_is_the_same_bytes(
    tmp_path: Path, key: SigningKey
) -> None:
    one, two = make_bundle(tmp_path / "one", key), make_bundle(tmp_path / "two", key)

    for name in (MANIFEST, ENVELOPE):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_the_envelope_is_dsse_over_an_in_toto_statement_of_the_manifest(
    bundle: Path, key: SigningKey
) -> None:
    written = json.loads((bundle / ENVELOPE).read_bytes())
    payload = base64.b64decode(written["payload"])
    content = json.loads(payload)

    assert written["payloadType"] == "application/vnd.in-toto+json"
    assert content["_type"] == "https://in-toto.io/Statement/v1"
    digest = hashlib.sha256((bundle / MANIFEST).read_bytes()).hexdigest()
    assert content["subject"] == [{"name": "manifest.json", "digest": {"sha256": digest}}]
    (signature,) = written["signatures"]
    prefix = b"DSSEv1 28 application/vnd.in-toto+json %d " % len(payload)
    public = load_pem_public_key(key.public.pem.encode())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(base64.b64decode(signature["sig"]), prefix + payload)


def test_a_moved_bundle_is_still_sound(bundle: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "renamed"
    shutil.copytree(bundle, moved)

    assert verify(moved, trust=None).sound


def test_verification_needs_no_network(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert verify(bundle, trust=None).sound


# --- Tampering -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
@pytest.mark.parametrize("name", [MANIFEST, ENVELOPE, OBSERVATION, "results.json"])
def test_no_byte_of_a_folder_changes_unseen(name: str, mask: int, bundle: Path) -> None:
    path = bundle / name
    content = path.read_bytes()

    for offset in range(len(content)):
        altered = bytearray(content)
        altered[offset] ^= mask
        path.write_bytes(altered)
        verification = verify(bundle, trust=None)
        assert not verification.sound, f"{name} may change at byte {offset}"
        assert {f.path for f in verification.findings} == {name}, f"at byte {offset}"

    path.write_bytes(content)
    assert verify(bundle, trust=None).sound


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
def test_no_byte_of_an_archive_changes_unseen(mask: int, bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "bundle.tgv.zip"
    write_archive(bundle, path)
    content = path.read_bytes()
    assert check(path, None, again=False).sound

    for offset in range(len(content)):
        altered = bytearray(content)
        altered[offset] ^= mask
        path.write_bytes(altered)
        assert found_in_archive(path), f"byte {offset} may change"


def found_in_archive(path: Path) -> bool:
    """Whether a verification finds something, and names the archive or a file in it."""
    try:
        checked: Checked = check(path, None, again=False)
    except DamagedBundle as damage:
        return damage.place == str(path)
    return not checked.sound and all(finding.path for finding in checked.verification.findings)


@pytest.mark.parametrize("junk", [b"\0", b"PK\x05\x06", b"words"])
def test_no_byte_is_added_around_an_archive_unseen(
    junk: bytes, bundle: Path, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.tgv.zip"
    write_archive(bundle, path)
    content = path.read_bytes()

    for forged in (junk + content, content + junk):
        path.write_bytes(forged)
        assert found_in_archive(path)


@pytest.mark.parametrize("name", ["new.txt", ".hidden", "observations/.x/deep", "Results.json"])
def test_an_added_file_is_named(name: str, bundle: Path) -> None:
    (bundle / name).parent.mkdir(parents=True, exist_ok=True)
    (bundle / name).write_bytes(b"")

    verification = verify(bundle, trust=None)

    assert told(verification) == {("added", name)}
    assert verification.added == (name,)


@pytest.mark.parametrize("name", [MANIFEST, ENVELOPE, OBSERVATION, "results.json"])
def test_a_removed_file_is_named(name: str, bundle: Path) -> None:
    (bundle / name).unlink()

    verification = verify(bundle, trust=None)

    assert told(verification) == {("removed", name)}
    assert verification.removed == (name,)


def test_a_renamed_file_is_removed_and_added(bundle: Path) -> None:
    (bundle / "results.json").rename(bundle / "RESULTS.json")

    assert told(verify(bundle, trust=None)) == {
        ("removed", "results.json"),
        ("added", "RESULTS.json"),
    }


def test_files_are_still_compared_when_the_seal_is_lost(bundle: Path) -> None:
    (bundle / ENVELOPE).unlink()
    (bundle / OBSERVATION).write_bytes(b"HTTP/1.1 200 OK\r\n")

    verification = verify(bundle, trust=None)

    assert told(verification) == {("removed", ENVELOPE), ("altered", OBSERVATION)}
    assert verification.altered == (OBSERVATION,)
    assert verification.claim is None


@pytest.mark.parametrize("name", [MANIFEST, ENVELOPE, "results.json"])
def test_a_link_in_a_files_place_is_found_though_its_content_is_right(
    name: str, bundle: Path, tmp_path: Path
) -> None:
    (bundle / name).rename(tmp_path / "outside")
    (bundle / name).symlink_to(tmp_path / "outside")

    assert ("not_plain", name) in told(verify(bundle, trust=None))


def test_a_link_to_a_folder_is_found_and_not_followed(bundle: Path) -> None:
    (bundle / "loop").symlink_to(bundle, target_is_directory=True)

    assert told(verify(bundle, trust=None)) == {("not_plain", "loop")}


@pytest.mark.parametrize("name", [MANIFEST, ENVELOPE, "results.json", "pipe"])
def test_a_pipe_is_found_without_waiting_for_it(name: str, bundle: Path) -> None:
    (bundle / name).unlink(missing_ok=True)
    os.mkfifo(bundle / name)

    assert ("not_plain", name) in told(verify(bundle, trust=None))


@pytest.mark.parametrize("name", [b"bad\xff", b"a\x1b[2Jb", "a\u202eb".encode()])
def test_a_name_that_cannot_be_shown_is_told_escaped(name: bytes, bundle: Path) -> None:
    (bundle / os.fsdecode(name)).write_bytes(b"")

    ((kind, path),) = told(verify(bundle, trust=None))

    assert kind == "not_plain"
    assert "\\u" in path
    assert path.isprintable()


def test_what_is_no_bundle_is_told_as_findings(tmp_path: Path) -> None:
    assert told(verify(tmp_path, trust=None)) == {("removed", ENVELOPE), ("removed", MANIFEST)}
    assert ("not_plain", ".") in told(verify(tmp_path / "absent", trust=()))


# --- The envelope --------------------------------------------------------------------------------


def with_note(envelope: dict[str, list[dict[str, object]]]) -> None:
    envelope["signatures"][0]["note"] = "conforme"


def with_field(envelope: dict[str, object]) -> None:
    envelope["note"] = "conforme"


def twice_signed(envelope: dict[str, list[object]]) -> None:
    envelope["signatures"] *= 2


def unsigned(envelope: dict[str, object]) -> None:
    envelope["signatures"] = []


def with_bad_base64(envelope: dict[str, object]) -> None:
    envelope["payload"] = "?"


def without_payload(envelope: dict[str, object]) -> None:
    del envelope["payload"]


def with_number(envelope: dict[str, object]) -> None:
    envelope["payload"] = 7


def with_deep_payload(envelope: dict[str, object]) -> None:
    envelope["payload"] = base64.b64encode(b"[" * 100_000).decode()


def with_words_as_signatures(envelope: dict[str, object]) -> None:
    envelope["signatures"] = "signed"


@pytest.mark.parametrize(
    "change",
    [
        with_note,
        with_field,
        twice_signed,
        unsigned,
        with_bad_base64,
        without_payload,
        with_number,
        with_deep_payload,
        with_words_as_signatures,
    ],
)
def test_an_envelope_of_another_shape_is_malformed(
    change: Callable[[dict[str, object]], None], bundle: Path
) -> None:
    envelope = json.loads((bundle / ENVELOPE).read_bytes())
    change(envelope)
    (bundle / ENVELOPE).write_bytes(rfc8785.dumps(envelope) + b"\n")

    verification = verify(bundle, trust=None)

    assert told(verification) == {("malformed", ENVELOPE)}
    assert verification.claim is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"null", b"[]", b"7", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b"9" * 10_000],
)
def test_an_envelope_that_is_no_envelope_is_malformed(content: bytes, bundle: Path) -> None:
    (bundle / ENVELOPE).write_bytes(content)

    assert told(verify(bundle, trust=None)) == {("malformed", ENVELOPE)}


def spaced(content: bytes) -> bytes:
    return json.dumps(json.loads(content), indent=1).encode() + b"\n"


def with_doubled_key(content: bytes) -> bytes:
    return content.replace(b"{", b'{"payloadType":"x",', 1)


def without_newline(content: bytes) -> bytes:
    return content.rstrip(b"\n")


def without_padding(content: bytes) -> bytes:
    """A signature of 64 bytes ends with ``==``, before which four bits mean nothing."""
    end = content.index(b'==","payload') if b'==","payload' in content else content.rindex(b"==")
    last = content[end - 1 : end]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(last) ^ 1 : (alphabet.index(last) ^ 1) + 1]
    return content[: end - 1] + other + content[end:]


@pytest.mark.parametrize("rewrite", [spaced, with_doubled_key, without_newline, without_padding])
def test_another_writing_of_the_same_envelope_is_refused(
    rewrite: Callable[[bytes], bytes], bundle: Path
) -> None:
    content = (bundle / ENVELOPE).read_bytes()
    rewritten = rewrite(content)
    assert rewritten != content
    (bundle / ENVELOPE).write_bytes(rewritten)

    assert told(verify(bundle, trust=None)) == {("malformed", ENVELOPE)}


def test_an_unsigned_claim_is_not_shown(bundle: Path, key: SigningKey) -> None:
    payload = base64.b64decode(json.loads((bundle / ENVELOPE).read_bytes())["payload"])
    forged = payload.replace(b"non_conformant", b"conformant")
    (bundle / ENVELOPE).write_bytes(envelope_bytes(forged, key.key_id, bytes(64)))

    verification = verify(bundle, trust=None)

    assert told(verification) == {("signature", ENVELOPE)}
    assert verification.claim is None
    assert verification.signer is None


def test_a_signature_by_another_key_than_the_claimed_one_is_refused(
    bundle: Path, key: SigningKey
) -> None:
    digest = hashlib.sha256((bundle / MANIFEST).read_bytes()).hexdigest()
    seal_by_hand(bundle, ephemeral(), payload=statement(digest, CLAIM, key.public.pem))

    assert told(verify(bundle, trust=(key.public,))) == {("signature", ENVELOPE)}


def test_another_payload_type_is_another_statement(bundle: Path, key: SigningKey) -> None:
    seal_by_hand(bundle, key, payload_type="text/plain")

    assert told(verify(bundle, trust=None)) == {("another_statement", ENVELOPE)}


@pytest.mark.parametrize(
    ("field", "value"),
    [("predicateType", "urn:other:1"), ("_type", "https://in-toto.io/Statement/v0.1")],
)
def test_another_predicate_is_another_statement(
    field: str, value: str, bundle: Path, key: SigningKey
) -> None:
    seal_by_hand(bundle, key, payload=changed_statement(bundle, **{field: value}))

    assert told(verify(bundle, trust=None)) == {("another_statement", ENVELOPE)}


def changed_statement(bundle: Path, **changes: JsonValue) -> bytes:
    payload = json.loads(base64.b64decode(json.loads((bundle / ENVELOPE).read_bytes())["payload"]))
    return rfc8785.dumps({**payload, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": []},
        {"subject": "manifest.json"},
        {"subject": [{"name": "other.json", "digest": {"sha256": "00"}}]},
        {"subject": [{"name": MANIFEST, "digest": {"sha256": "00"}}] * 2},
        {"subject": [{"name": MANIFEST, "digest": {"sha256": "00", "md5": "00"}}]},
        {"note": "conforme"},
        {"predicate": None},
        {"predicate": {}},
        {"_type": STATEMENT_TYPE, "predicate": {"signer": "x"}},
    ],
)
def test_a_signed_statement_of_another_shape_is_malformed(
    changes: dict[str, JsonValue], bundle: Path, key: SigningKey
) -> None:
    seal_by_hand(bundle, key, payload=changed_statement(bundle, **changes))

    assert told(verify(bundle, trust=None)) == {("malformed", ENVELOPE)}


def test_a_doubled_key_in_the_signed_statement_is_malformed(bundle: Path, key: SigningKey) -> None:
    payload = changed_statement(bundle)
    doubled = payload.replace(b"{", b'{"predicateType":"%b",' % PREDICATE_TYPE.encode(), 1)
    seal_by_hand(bundle, key, payload=doubled)

    assert told(verify(bundle, trust=None)) == {("malformed", ENVELOPE)}


def test_another_kind_of_key_in_the_claim_is_malformed(bundle: Path, key: SigningKey) -> None:
    digest = hashlib.sha256((bundle / MANIFEST).read_bytes()).hexdigest()
    seal_by_hand(bundle, key, payload=statement(digest, CLAIM, rsa_public_pem()))

    assert told(verify(bundle, trust=None)) == {("malformed", ENVELOPE)}


def rsa_public_pem() -> str:
    public = generate_private_key(65537, 2048).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_seal_of_another_manifest_names_the_manifest(bundle: Path, key: SigningKey) -> None:
    seal_by_hand(bundle, key, payload=statement("00" * 32, CLAIM, key.public.pem))

    assert told(verify(bundle, trust=None)) == {("altered", MANIFEST)}


# --- The manifest, by a signer who cheats --------------------------------------------------------


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "a/../../outside", "a\\b", "C:x"])
def test_a_name_that_leaves_the_folder_is_found_and_not_opened(
    name: str, bundle: Path, key: SigningKey, tmp_path: Path
) -> None:
    (tmp_path / "outside").write_bytes(b"x")
    manifest = manifest_of(bundle)
    digest = hashlib.sha256(b"x").hexdigest()
    extra = FileEntry(path=name, sha256=digest, size=1)
    files = tuple(sorted((*manifest.files, extra), key=lambda file: file.path))
    seal_by_hand(bundle, key, manifest=encode(replace(manifest, files=files)))

    assert told(verify(bundle, trust=None)) == {("unsafe_name", name)}


@pytest.mark.parametrize("name", ["Results.json", "Manifest.json", MANIFEST, "results.json/x"])
def test_a_name_that_can_be_taken_for_another_is_found(
    name: str, bundle: Path, key: SigningKey
) -> None:
    manifest = manifest_of(bundle)
    extra = FileEntry(path=name, sha256="00", size=1)
    files = tuple(sorted((*manifest.files, extra), key=lambda file: file.path))
    seal_by_hand(bundle, key, manifest=encode(replace(manifest, files=files)))

    assert "unsafe_name" in {kind for kind, _ in told(verify(bundle, trust=None))}


def test_a_file_listed_twice_is_malformed(bundle: Path, key: SigningKey) -> None:
    manifest = manifest_of(bundle)
    doubled = replace(manifest, files=(manifest.files[0], *manifest.files))
    seal_by_hand(bundle, key, manifest=encode(doubled))

    assert told(verify(bundle, trust=None)) == {("malformed", MANIFEST)}


@pytest.mark.parametrize(
    "rewrite", [spaced, lambda _: b"", lambda _: b"[" * 100_000, lambda m: m[:-1] + b',"x":1}']
)
def test_a_manifest_of_another_form_is_malformed_even_when_sealed(
    rewrite: Callable[[bytes], bytes], bundle: Path, key: SigningKey
) -> None:
    seal_by_hand(bundle, key, manifest=rewrite((bundle / MANIFEST).read_bytes()))

    assert told(verify(bundle, trust=None)) == {("malformed", MANIFEST)}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({**RESULTS, "conclusion": "conformant"}),
        json.dumps({**RESULTS, "run": {"id": "run-1", "mode": "certifier"}}),
        json.dumps({**RESULTS, "run": {"id": "run-2", "mode": "vendor"}}),
        json.dumps({**RESULTS, "harness": {"version": "9"}}),
        "[]",
        "{",
        None,
    ],
)
def test_results_that_contradict_their_own_seal_are_found(
    content: str | None, tmp_path: Path, key: SigningKey
) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    if content is not None:
        (bundle / "results.json").write_text(content)
    seal(bundle, manifest_of(bundle), key, CLAIM)

    assert told(verify(bundle, trust=None)) == {("contradiction", "results.json")}


def test_a_manifest_of_another_run_than_the_claims_is_found(bundle: Path, key: SigningKey) -> None:
    other = replace(manifest_of(bundle), nonce="nonce-2")
    seal_by_hand(bundle, key, manifest=encode(other))

    assert told(verify(bundle, trust=None)) == {("contradiction", MANIFEST)}


@pytest.mark.parametrize(
    "claim",
    [
        replace(CLAIM, nonce="nonce-2"),
        replace(CLAIM, run_id="run-2"),
        replace(CLAIM, role="king"),
        replace(CLAIM, conclusion="perfect"),
    ],
)
def test_what_could_not_be_verified_is_not_sealed(claim: Claim, bundle: Path) -> None:
    before = (bundle / ENVELOPE).read_bytes()

    with pytest.raises(ValueError, match=r"two runs|not a valid"):
        seal(bundle, manifest_of(bundle), ephemeral(), claim)

    assert (bundle / ENVELOPE).read_bytes() == before


@pytest.mark.parametrize("name", ["a\\b", "a\nb", "RESULTS.JSON"])
def test_a_folder_with_a_name_that_no_verification_accepts_is_not_sealed(
    name: str, bundle: Path
) -> None:
    (bundle / name).write_bytes(b"")

    with pytest.raises(NotPlain):
        manifest_of(bundle)


def test_a_folder_with_a_link_is_not_sealed(bundle: Path) -> None:
    (bundle / "link").symlink_to("results.json")

    with pytest.raises(NotPlain, match="link"):
        manifest_of(bundle)


# --- Trust ---------------------------------------------------------------------------------------


def test_a_trusted_signer_is_named(bundle: Path, key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "msss-2026.pub.pem").write_text(key.public.pem)

    verification = verify(bundle, trust=load_trust(tmp_path / "trust"))

    assert verification.sound
    assert verification.trusted is True
    assert verification.signer is not None
    assert verification.signer.name == "msss-2026"


def test_a_bundle_sealed_again_by_another_is_whole_but_not_trusted(
    bundle: Path, key: SigningKey
) -> None:
    forger = ephemeral()
    (bundle / OBSERVATION).write_bytes(b"HTTP/1.1 200 OK\r\n")
    seal(bundle, manifest_of(bundle), forger, CLAIM)

    alone, trusting = verify(bundle, trust=None), verify(bundle, trust=(key.public,))

    assert alone.sound
    assert alone.trusted is None
    assert alone.signer is not None
    assert alone.signer.key_id == forger.key_id != key.key_id
    assert told(trusting) == {("untrusted", ENVELOPE)}
    assert trusting.trusted is False


def test_an_empty_trust_folder_trusts_nobody(bundle: Path) -> None:
    assert told(verify(bundle, trust=())) == {(FindingKind.UNTRUSTED.value, ENVELOPE)}


def test_a_trust_folder_is_read_past_private_keys_and_by_either_suffix(tmp_path: Path) -> None:
    new_key(tmp_path, "own")
    (tmp_path / "other.pem").write_text(ephemeral().public.pem)

    assert sorted(key.name for key in load_trust(tmp_path)) == ["other", "own"]


@pytest.mark.parametrize("content", ["", "words", "rsa"])
def test_a_trust_folder_with_an_unreadable_key_is_refused_by_name(
    content: str, tmp_path: Path
) -> None:
    (tmp_path / "odd.pub.pem").write_text(rsa_public_pem() if content == "rsa" else content)

    with pytest.raises(KeyProblem) as caught:
        load_trust(tmp_path)

    assert caught.value.place == str(tmp_path / "odd.pub.pem")


# --- Keys ----------------------------------------------------------------------------------------


def test_a_new_key_signs_and_its_private_half_is_its_owners_only(tmp_path: Path) -> None:
    public = new_key(tmp_path / "keys", "vendor-a")

    path = tmp_path / "keys" / "vendor-a.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_signer(path).public == public
    assert load_trust(tmp_path / "keys") == (public,)


def test_the_key_id_is_the_digest_of_the_subject_public_key_info(tmp_path: Path) -> None:
    public = new_key(tmp_path, "k")

    key = load_pem_public_key(public.pem.encode())
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert public.key_id == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("taken", ["k.pem", "k.pub.pem"])
def test_a_key_is_never_overwritten(taken: str, tmp_path: Path) -> None:
    (tmp_path / taken).write_text("precious")

    with pytest.raises(KeyProblem, match="existe déjà"):
        new_key(tmp_path, "k")

    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "precious"


@pytest.mark.parametrize("name", ["../k", "/k", "", ".", "a/b", "k.pub", "-k", "é", "k\n"])
def test_a_name_that_is_no_file_name_makes_no_key(name: str, tmp_path: Path) -> None:
    with pytest.raises(KeyProblem):
        new_key(tmp_path / "keys", name)

    assert list(tmp_path.iterdir()) == []


def test_keys_are_kept_where_the_desktop_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_folder() == Path("/data/tgv/keys")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/x")
    assert default_folder() == Path("/home/x/.local/share/tgv/keys")


def private_words(private: Ed25519PrivateKey) -> tuple[bytes, ...]:
    """A private key in the forms in which it could be printed."""
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    body = b"".join(pem.splitlines()[1:-1])
    return raw, raw.hex().encode(), base64.b64encode(raw)[:40], body, repr(raw).encode()


def test_a_private_key_never_shows_in_what_is_printed_or_sealed(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    key = SigningKey("k", private)
    bundle = make_bundle(tmp_path / "bundle", key)
    write_archive(bundle, tmp_path / "b.zip")

    printed = f"{key!r} {key} {vars(key)} {key.public}".encode()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    for secret in private_words(private):
        assert secret not in printed
        assert secret not in written


def test_a_signing_key_cannot_be_copied_out_of_the_process(key: SigningKey) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(key)


@pytest.mark.parametrize(("words", "others"), [(b"MC4CAQ", b"MC4CAR"), (b"END PRIVATE", b"END")])
def test_an_unreadable_private_key_is_told_without_its_content(
    words: bytes, others: bytes, tmp_path: Path
) -> None:
    new_key(tmp_path, "k")
    path = tmp_path / "k.pem"
    content = path.read_bytes()
    path.write_bytes(content.replace(words, others))

    with pytest.raises(KeyProblem) as caught:
        load_signer(path)

    shown = "".join(traceback.format_exception(caught.value)) + str(caught.value.lines("en"))
    assert content.splitlines()[1].decode()[30:] not in shown
    assert caught.value.place == str(path)


def test_a_public_key_does_not_sign(tmp_path: Path) -> None:
    new_key(tmp_path, "k")

    with pytest.raises(KeyProblem):
        load_signer(tmp_path / "k.pub.pem")
