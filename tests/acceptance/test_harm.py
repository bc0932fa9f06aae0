"""Do no harm: nothing leaves the scope, and no secret leaves the run."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote

from tests.acceptance import hostile
from tests.acceptance.conftest import PROFILE, results_of, tgv
from tgv_suite.reference import ReferenceSystem

_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
PASSWORD = "zzt+secret/of=this&test"


def _forms(secret: str) -> list[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return [secret, quote(secret, safe=""), encoded, json.dumps(secret)[1:-1]]


def _texts(bundle: Path) -> list[str]:
    return [path.read_text("utf-8", "replace") for path in bundle.rglob("*") if path.is_file()]


def _holds_none(secrets: list[str], texts: list[str]) -> None:
    for secret in secrets:
        for form in _forms(secret):
            assert not any(form in text for text in texts)


def _secrets(system: ReferenceSystem) -> list[str]:
    """Every secret of the reference SI, a private key by the lines of its body."""
    found = []
    for path in (system.manifest.parent / "secrets").iterdir():
        text = path.read_text().strip()
        found += (
            [line for line in text.splitlines() if len(line) > 30] if "BEGIN" in text else [text]
        )
    return found


def test_no_secret_is_found_in_what_a_clean_or_a_failing_run_leaves(
    system: ReferenceSystem, clean: Path, failing: Path, tmp_path: Path
) -> None:
    system.plant(["error-echoes-the-credential"])
    asked = ("--profile", "rendez-vous", "--only", "API-13")
    done = tgv("run", system.manifest, *asked, "--out", tmp_path / "bundle")
    assert done.returncode == 1, done.stderr
    texts = [
        done.stdout,
        done.stderr,
        *_texts(clean),
        *_texts(failing),
        *_texts(tmp_path / "bundle"),
    ]
    _holds_none(_secrets(system), texts)
    assert not any(_JWT.search(text) for text in texts)


def test_a_secret_that_the_system_sends_back_is_marked(tmp_path: Path) -> None:
    def echo(handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        sent = handler.headers.get("Authorization", "")
        said = {"echo": sent, "clear": PASSWORD, "zzt": "zzt-marque-0001"}
        headers = {"Content-Type": "application/json", "X-Echo": sent, "X-Clear": PASSWORD}
        return 200, headers, json.dumps(said).encode()

    with hostile.serving(tmp_path, echo) as port:
        target = hostile.manifest(tmp_path, port, PASSWORD)
        done = tgv("run", target, "--profile", PROFILE, "--out", tmp_path / "bundle")
    pair = base64.b64encode(f"staff:{PASSWORD}".encode()).decode()
    _holds_none([PASSWORD, pair], [done.stdout, done.stderr, *_texts(tmp_path / "bundle")])
    assert done.returncode == 1  # it served the record to nobody in particular


def test_a_fault_of_ours_tells_no_secret(system: ReferenceSystem, tmp_path: Path) -> None:
    broken = system.manifest.with_name("broken.yaml")
    text = system.manifest.read_text(encoding="utf-8")
    broken.write_text(
        text.replace("key: file:secrets/clinic-a.key", "key: file:secrets/clinic-b.txt"),
        encoding="utf-8",
    )
    system.plant([])
    done = tgv("run", broken, "--profile", PROFILE, "--out", tmp_path / "bundle")
    assert done.returncode != 0
    _holds_none(_secrets(system), [done.stdout, done.stderr, *_texts(tmp_path / "bundle")])


def test_a_redirect_to_another_host_is_not_followed_and_is_reported(tmp_path: Path) -> None:
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        port_elsewhere = elsewhere.getsockname()[1]

        def listen() -> None:
            elsewhere.accept()
            called.set()

        threading.Thread(target=listen, daemon=True).start()

        def redirect(
            handler: BaseHTTPRequestHandler, body: bytes
        ) -> tuple[int, dict[str, str], bytes]:
            return 302, {"Location": f"http://ailleurs.example.org:{port_elsewhere}/"}, b""

        with hostile.serving(tmp_path, redirect) as port:
            target = hostile.manifest(tmp_path, port, PASSWORD)
            done = tgv("run", target, "--profile", PROFILE, "--out", tmp_path / "bundle")
        assert not called.is_set()
    assert "ailleurs.example.org" in done.stdout
    assert done.returncode == 3
    notes = [
        note["fr"]
        for requirement in results_of(tmp_path / "bundle")["requirements"]
        for check in requirement["checks"]
        for note in check["notes"]
    ]
    assert any("ailleurs.example.org" in note for note in notes)


def test_ten_faults_get_ten_messages_and_nothing_is_sent(tmp_path: Path) -> None:
    called = threading.Event()

    def heard(handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        called.set()
        return 200, {}, b""

    with hostile.serving(tmp_path, heard) as port:
        target = hostile.manifest(tmp_path, port, PASSWORD)
        text = target.read_text(encoding="utf-8")
        for right, wrong in (
            ("  vendor: Zzt\n", "  vendr: Zzt\n"),
            ("category: appointment-booking", "category: appointment-bookings"),
            ("environment: test", "environment: tests"),
            ("until: 2099-01-01", "until: 2001-01-01"),
            ("per_second: 500", "per_second: -1"),
            ("safety: [passive, active]", "safety: [passive, activ]"),
            ("service: api", "service: apo"),
            ("kind: read", "kind: reed"),
            ("owners: [staff]", "owners: [stuff]"),
            ("file:password.txt", "a-secret-in-clear"),
        ):
            assert right in text
            text = text.replace(right, wrong)
        target.write_text(text, encoding="utf-8")
        done = tgv("run", target, "--profile", PROFILE, "--out", tmp_path / "bundle")
    assert done.returncode == 2
    places = [line for line in done.stderr.splitlines() if line.startswith(f"{target}:")]
    faults = [line for line in places if line.removeprefix(f"{target}:")[0].isdigit()]
    assert len(faults) >= 10
    assert "did you mean" in done.stderr
    assert "a-secret-in-clear" not in done.stderr
    assert not called.is_set()
    assert not (tmp_path / "bundle").exists()
