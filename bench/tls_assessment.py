"""Our look at TLS beside testssl.sh and sslscan: the same endpoint, well configured and with defects.

Both are GPL programs that the machine may have; each is run as its own process, asked for the same
questions as ours (versions, suites, key exchange, certificate, renegotiation, compression), and said
to see a defect when it says something of that endpoint that it didn't of the well-configured one.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from said import missing, say

from tgv_suite.load.target import load_target
from tgv_suite.model.results import Verdict
from tgv_suite.prove import judged, reference_order
from tgv_suite.reference import ReferenceSystem, defects
from tgv_suite.session import planned

_SLOWEST_S = 600
_CHOSEN = ("TLS-01", "TLS-02", "TLS-03", "TLS-04", "TLS-05", "TLS-06")
_ABOUT_TIME = frozenset({"cert_notBefore", "cert_notAfter", "scanTime", "cert_serialNumber"})
_Look = Callable[[], frozenset[str]]


def compare(system: ReferenceSystem, folder: Path) -> None:
    """Measure and print."""
    target = load_target(system.manifest)
    service = target.target.services["documents"]
    endpoint = urlsplit(service.url).netloc  # type: ignore[union-attr]
    order = reference_order(target, jobs=8)
    ready = planned(order)
    subject = endpoint.replace(":", "-")
    cases = [
        case.id
        for case in ready[0].cases
        if case.requirement in _CHOSEN and case.subject == subject
    ]

    def ours() -> frozenset[str]:
        results = judged(order, cases=cases, ready=ready)
        return frozenset(r.id for r in results if r.verdict is Verdict.FAIL)

    looks: dict[str, _Look] = {"tgv": ours}
    if not missing("sslscan", "sslscan"):
        looks["sslscan"] = lambda: _sslscan(endpoint)
    if not missing("testssl", "testssl.sh"):
        looks["testssl.sh"] = lambda: _testssl(endpoint, folder)
    every = [defect for defect in defects() if defect.requirement in _CHOSEN]
    first = {defect.requirement: defect.id for defect in reversed(every)}
    say(
        f"TLS de {endpoint}, bien configuré puis mal :",
        f"TLS of {endpoint}, well then badly set up:",
    )
    for name, look in looks.items():
        # testssl.sh takes a minute or two a look: the first defect of each requirement is enough.
        few = name == "testssl.sh"
        planted = sorted(first.values()) if few else [defect.id for defect in every]
        _measured(name, look, [None, *planted], system)


def _measured(name: str, look: _Look, planted: list[str | None], system: ReferenceSystem) -> None:
    """How long a look takes, and which of the defects it sees."""
    usual: frozenset[str] = frozenset()
    times, seen = [], []
    for defect in planted:
        system.plant([] if defect is None else [defect])
        started = time.perf_counter()
        found = look()
        times.append(time.perf_counter() - started)
        if defect is None:
            usual = found
        elif found - usual:
            seen.append(defect)
    unseen = [defect for defect in planted if defect is not None and defect not in seen]
    average = sum(times) / len(times)
    say(
        f"  {name} : {average:.1f} s par examen, {len(seen)}/{len(planted) - 1} défauts vus"
        + (f" (non vus : {', '.join(unseen)})" if unseen else ""),
        f"  {name}: {average:.1f} s a look, {len(seen)}/{len(planted) - 1} defects seen"
        + (f" (unseen: {', '.join(unseen)})" if unseen else ""),
    )


def _testssl(endpoint: str, folder: Path) -> frozenset[str]:
    """What testssl.sh finds, by its name and its severity."""
    said = folder / "testssl.json"
    said.unlink(missing_ok=True)
    command = ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--jsonfile", str(said)]
    questions = ["-p", "-s", "-f", "-S", "-R", "-C"]
    subprocess.run(
        [*command, *questions, endpoint], capture_output=True, timeout=_SLOWEST_S, check=False
    )
    if not said.exists():
        return frozenset()
    findings = json.loads(said.read_text(encoding="utf-8"))
    return frozenset(
        f"{one['id']}: {one['severity']}" for one in findings if one["id"] not in _ABOUT_TIME
    )


def _sslscan(endpoint: str) -> frozenset[str]:
    """What sslscan says of versions, suites, certificate, renegotiation and compression."""
    ended = subprocess.run(
        ["sslscan", "--no-colour", "--xml=-", endpoint],
        capture_output=True,
        timeout=_SLOWEST_S,
        check=False,
    )
    told: set[str] = set()
    for element in ElementTree.fromstring(ended.stdout).iter():
        text = (element.text or "").strip()
        if element.tag in ("protocol", "cipher", "renegotiation", "compression"):
            shown = {k: v for k, v in element.attrib.items() if k not in ("status", "time")}
            told.add(f"{element.tag} {sorted(shown.items())}")
        elif element.tag in ("self-signed", "expired", "signature-algorithm", "altnames", "pk"):
            told.add(f"{element.tag} {text} {sorted(element.attrib.items())}")
    return frozenset(told)
