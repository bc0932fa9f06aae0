"""nginx configured well and badly, on real sockets: each configuration gets the verdicts it deserves."""

from __future__ import annotations

import getpass
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from reference_si.pki import (
    INTERMEDIATE_LIST,
    ROOT_LIST,
    Authority,
    Issued,
    Request,
    self_signed,
    write,
)
from reference_si.revocation import revocation_list, staple
from targets.orthanc.start import free_port, program, serving

from tests.unit.tls_server import PRIMES

MODERN = "ECDHE+AESGCM:ECDHE+CHACHA20"
LEGACY = "@SECLEVEL=0"


Verdicts = Mapping[tuple[str, str], set[str]]
"""The verdicts of a configuration's checks of a requirement, by both names."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One server block of nginx, the requirements that it breaks, and its other odd verdicts."""

    protocols: str = "TLSv1.2 TLSv1.3"
    ciphers: str = MODERN
    certificate: str = "good"
    more: str = ""
    breaks: tuple[str, ...] = ()
    otherwise: Mapping[str, str] = field(default_factory=dict)


UNTOLD = {"TLS-13": "inconclusive"}
STAPLING = "ssl_stapling on; ssl_stapling_file $folder/staples"
KEPT = {"TLS-14": "pass"}
UNLESS = {"TLS-14": "not_applicable"}
"""What a configuration gets when its row says nothing else, and what is asked isn't everybody's."""
CONFIGURATIONS: Mapping[str, Configuration] = {
    "modern": Configuration(protocols="TLSv1.3"),
    "intermediate": Configuration(),
    "intermediate-with-cbc": Configuration(ciphers=f"{MODERN}:ECDHE-RSA-AES128-SHA256"),
    "no-tls-1-3": Configuration(protocols="TLSv1.2", breaks=("TLS-02",)),
    "tls-1-1": Configuration(
        protocols="TLSv1.1 TLSv1.2 TLSv1.3",
        ciphers=f"HIGH:!aNULL:!kRSA:{LEGACY}",
        breaks=("TLS-01",),
    ),
    "tls-1-0": Configuration(
        protocols="TLSv1 TLSv1.2 TLSv1.3", ciphers=f"HIGH:!aNULL:!kRSA:{LEGACY}", breaks=("TLS-01",)
    ),
    "rsa-key": Configuration(certificate="rsa-2048"),
    "static-rsa": Configuration(
        certificate="rsa-2048", ciphers=f"{MODERN}:AES128-GCM-SHA256", breaks=("TLS-03",)
    ),
    "no-encryption": Configuration(
        certificate="rsa-2048", ciphers=f"{MODERN}:NULL-SHA256:{LEGACY}", breaks=("TLS-03",)
    ),
    "no-authentication": Configuration(ciphers=f"{MODERN}:aNULL:{LEGACY}", breaks=("TLS-03",)),
    "prime-of-1024-bits": Configuration(
        certificate="rsa-2048",
        ciphers=f"{MODERN}:DHE+AESGCM:{LEGACY}",
        more="ssl_dhparam $folder/pki/dh-1024.pem;",
        breaks=("TLS-15",),
    ),
    "prime-of-2048-bits": Configuration(
        certificate="rsa-2048",
        ciphers=f"{MODERN}:DHE+AESGCM",
        more="ssl_dhparam $folder/pki/dh-2048.pem;",
    ),
    # nginx forbids renegotiation whatever OpenSSL is told: this one must not be accused.
    "renegotiation-permitted": Configuration(
        more="ssl_conf_command Options ClientRenegotiation,UnsafeLegacyRenegotiation;"
    ),
    "self-signed": Configuration(certificate="self-signed", breaks=("TLS-04",), otherwise=UNTOLD),
    "no-intermediate": Configuration(
        certificate="no-intermediate", breaks=("TLS-04",), otherwise=UNTOLD
    ),
    "unknown-authority": Configuration(
        certificate="unknown-authority", breaks=("TLS-04",), otherwise=UNTOLD
    ),
    "revoked": Configuration(certificate="revoked", breaks=("TLS-13",)),
    "stale-list": Configuration(certificate="stale", otherwise=UNTOLD),
    "wrongly-signed-list": Configuration(certificate="forged", otherwise=UNTOLD),
    "no-list-where-it-should-be": Configuration(certificate="absent", otherwise=UNTOLD),
    "staple-promised-and-sent": Configuration(
        certificate="promising", more=f"{STAPLING}/good.der;", otherwise=KEPT
    ),
    "staple-promised-and-forgotten": Configuration(certificate="promising", breaks=("TLS-14",)),
    "staple-past-its-time": Configuration(
        certificate="promising", more=f"{STAPLING}/past.der;", breaks=("TLS-14",)
    ),
    "staple-of-another-certificate": Configuration(
        certificate="promising", more=f"{STAPLING}/other.der;", breaks=("TLS-14",)
    ),
    "no-list-named": Configuration(
        certificate="unpublished", otherwise={"TLS-13": "not_applicable"}
    ),
    "another-host": Configuration(certificate="another-host", breaks=("TLS-04",)),
    "expired": Configuration(certificate="expired", breaks=("TLS-04", "TLS-06")),
    "not-yet-valid": Configuration(certificate="not-yet-valid", breaks=("TLS-04",)),
    "ten-days-left": Configuration(certificate="ten-days-left", breaks=("TLS-06",)),
    "one-week-half-spent": Configuration(certificate="one-week-half-spent"),
    "rsa-1024": Configuration(
        certificate="rsa-1024", ciphers=f"{MODERN}:{LEGACY}", breaks=("TLS-05",)
    ),
    "sha1": Configuration(certificate="sha1", ciphers=f"{MODERN}:{LEGACY}", breaks=("TLS-05",)),
    "ten-years": Configuration(certificate="ten-years", breaks=("TLS-05",)),
}
TLS = ("TLS-01", "TLS-02", "TLS-03", "TLS-04", "TLS-05", "TLS-06", "TLS-13", "TLS-14", "TLS-15")
_SERVER = Template("""
  server {
    listen 127.0.0.1:$port ssl;
    server_name localhost;
    ssl_certificate $folder/pki/$certificate.pem;
    ssl_certificate_key $folder/pki/$certificate.key;
    ssl_protocols $protocols;
    ssl_ciphers $ciphers;
    $more
    return 204;
  }""")
_NGINX = Template("""
daemon off;
user $user;
pid $folder/nginx.pid;
error_log $folder/error.log;
events {}
http {
  access_log off;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  server {
    listen 127.0.0.1:$publisher;
    root $folder/published;
  }
$servers
}
""")


def _publishing(folder: Path, at: str) -> Mapping[str, Authority]:
    """The authorities that a client is told to trust, by how well each publishes its lists."""
    names = ("stale", "forged", "absent")
    found = {name: Authority(f"Essai {name}", publishing_at=f"{at}/{name}") for name in names}
    found |= {
        "": Authority("Essai nginx", publishing_at=at),
        "unpublished": Authority("Essai muet"),
    }
    write(folder / "pki" / "root.pem", b"".join(one.root.pem for one in found.values()))
    past, signer = {"lasting": timedelta(minutes=-30)}, Authority("Essai forged")
    lists = {
        "stale": (found["stale"].intermediate, found["stale"].root, past),
        "forged": (signer.intermediate, found["forged"].root, {}),
    }
    for name, (middle, root, lasting) in lists.items():
        place = folder / "published" / name
        write(place / INTERMEDIATE_LIST[1:], revocation_list(middle, [], **lasting))
        write(place / ROOT_LIST[1:], revocation_list(root, []))
    return found


def _certificates(folder: Path, publisher: str) -> None:
    """Every certificate of the table, with its key, and what its authority publishes of it."""
    trusted, days = _publishing(folder, publisher), timedelta
    authority = trusted[""]
    middle = authority.intermediate.pem
    good = authority.issue(Request())
    strong = authority.issue(Request(key=rsa.generate_private_key(65537, 2048)))
    weak = authority.issue(Request(key=rsa.generate_private_key(65537, 1024)))
    issued: dict[str, tuple[Issued, bytes]] = {
        "good": (good, middle),
        "no-intermediate": (good, b""),
        "self-signed": (self_signed(Request()), b""),
        "unknown-authority": (Authority("Inconnue").issue(Request()), middle),
        "another-host": (authority.issue(Request(host="autre.example.org")), middle),
        "expired": (authority.issue(Request(first=days(-60), last=days(hours=-1))), middle),
        "not-yet-valid": (authority.issue(Request(first=days(2))), middle),
        "ten-days-left": (authority.issue(Request(first=days(-80), last=days(10))), middle),
        "one-week-half-spent": (
            authority.issue(Request(first=days(-3.5), last=days(3.5))),
            middle,
        ),
        "rsa-2048": (strong, middle),
        "rsa-1024": (weak, middle),
        "sha1": (authority.issue_with_sha1(Request()), middle),
        "revoked": (authority.issue(Request()), middle),
        "promising": (authority.issue(Request(must_staple=True)), middle),
        "ten-years": (authority.issue(Request(last=days(3650))), middle),
    }
    issued |= {
        name: (one.issue(Request()), one.intermediate.pem) for name, one in trusted.items() if name
    }
    revoked = [issued["revoked"][0]]
    listed = revocation_list(authority.intermediate, revoked)
    write(folder / "published" / INTERMEDIATE_LIST[1:], listed)
    write(folder / "published" / ROOT_LIST[1:], revocation_list(authority.root, []))
    leaf, issuer = issued["promising"][0], authority.intermediate
    write(folder / "staples" / "good.der", staple(leaf, issuer))
    write(folder / "staples" / "past.der", staple(leaf, issuer, lasting=days(minutes=-30)))
    write(folder / "staples" / "other.der", staple(good, issuer))
    for bits, parameters in PRIMES.items():
        write(folder / "pki" / f"dh-{bits}.pem", parameters)
    for name, (leaf, chain) in issued.items():
        write(folder / "pki" / f"{name}.pem", leaf.pem + chain)
        write(folder / "pki" / f"{name}.key", leaf.key_pem)


def _manifest(folder: Path, ports: Mapping[str, int], publisher: int) -> Path:
    """A target whose services are the table's server blocks; nothing but TLS is declared."""
    today = datetime.now(UTC).date()
    hosts = "".join(f"\n    - {{host: localhost, port: {port}}}" for port in ports.values())
    hosts += f"\n    - {{host: localhost, port: {publisher}, scheme: http}}"
    services = "".join(
        f"\n  {name}: {{type: openapi, url: 'https://localhost:{port}/'}}"
        for name, port in ports.items()
    )
    path = folder / "target.yaml"
    path.write_text(
        f"""schema: tgv-target/1
system: {{name: nginx, vendor: nginx, version: "1", category: appointment-booking, environment: test}}
scope:
  authorised_by: {{name: Zzt, organisation: Projet tgv, on: {today}}}
  until: {today + timedelta(days=30)}
  hosts:{hosts}
  rate: {{per_second: 500, in_flight: 8}}
  safety: [passive]
trust_anchors: ["file:pki/root.pem"]
services:{services}
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdicts]:
    """What each configuration got from one run over all of them."""
    folder = tmp_path_factory.mktemp("nginx")
    publisher = free_port()
    _certificates(folder, f"http://localhost:{publisher}")
    ports = {name: free_port() for name in CONFIGURATIONS}
    servers = "".join(
        _SERVER.substitute(
            port=ports[name],
            folder=folder,
            certificate=one.certificate,
            protocols=one.protocols,
            ciphers=one.ciphers,
            more=Template(one.more).substitute(folder=folder),
        )
        for name, one in CONFIGURATIONS.items()
    )
    text = _NGINX.substitute(
        folder=folder, user=getpass.getuser(), publisher=publisher, servers=servers
    )
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [program("nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    with serving(command, folder / "nginx.log", next(iter(ports.values()))):
        yield _run(
            _manifest(folder, ports, publisher), {f"localhost-{p}": n for n, p in ports.items()}
        )


def _run(manifest: Path, names: Mapping[str, str]) -> Verdicts:
    """One run of the command, and what it says of each configuration."""
    out = manifest.parent / "run"
    command = [sys.executable, "-m", "tgv_suite.cli", "run", str(manifest), "--out", str(out)]
    command += ["--profile", "rendez-vous", *(word for id_ in TLS for word in ("--only", id_))]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr
    verdicts: dict[tuple[str, str], set[str]] = {}
    for requirement in json.loads((out / "results.json").read_text("utf-8"))["requirements"]:
        for check in requirement["checks"]:
            if check["subject"] in names:
                key = names[check["subject"]], requirement["id"]
                verdicts.setdefault(key, set()).add(check["verdict"])
    return verdicts


@pytest.mark.parametrize("id_", TLS)
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_each_configuration_gets_the_verdict_that_it_deserves(
    name: str, id_: str, verdicts: Verdicts
) -> None:
    if id_ in CONFIGURATIONS[name].breaks:
        assert "fail" in verdicts[name, id_]
    else:
        deserved = UNLESS | dict(CONFIGURATIONS[name].otherwise)
        assert verdicts[name, id_] == {deserved.get(id_, "pass")}
