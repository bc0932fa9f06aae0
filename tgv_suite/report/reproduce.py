"""How a reader sees a finding again: a command for one exchange, and a replay of the check."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from tgv_suite.model.credential import Credential
from tgv_suite.model.facts import Answer
from tgv_suite.model.revocation import ChainStatus, Staple, StatusKind, StatusOutcome
from tgv_suite.model.target import (
    Actor,
    CertificateAuthentication,
    OAuth2Authentication,
    Target,
)
from tgv_suite.model.tls import ChainFact, HelloAnswer, Renegotiation, TlsVersion, WeakSuites
from tgv_suite.noun import noun
from tgv_suite.probes.shapes import ANY_MARK
from tgv_suite.report import words
from tgv_suite.report.exhibit import Exhibit
from tgv_suite.report.visible import visible
from tgv_suite.text import Text
from tgv_suite.witness import AnyFact

BODY_CHARACTERS = 2_000
_BODY_FILE = "tgv-request-body"
_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F))
_OURS = frozenset({"accept-encoding", "connection", "content-length", "host", "user-agent"})
_WITHOUT_CERTIFICATE = frozenset(
    {Credential.NONE, Credential.OTHER_ACCOUNT, Credential.NO_CERTIFICATE}
)
_OPENSSL = {
    TlsVersion.SSL_3: "-ssl3",
    TlsVersion.TLS_1_0: "-tls1",
    TlsVersion.TLS_1_1: "-tls1_1",
    TlsVersion.TLS_1_2: "-tls1_2",
    TlsVersion.TLS_1_3: "-tls1_3",
}


@noun
class Command:
    """A command for a shell.

    Parameters
    ----------
    text:
        The command; what was secret in it is a variable of the shell.
    notes:
        What to put in those variables, and what the command leaves out.
    """

    text: str
    notes: tuple[Text, ...] = ()


def command(exhibit: Exhibit, target: Target) -> Command | None:
    """What sends the same request again, or looks at the same handshake; none when nothing does.

    Parameters
    ----------
    exhibit:
        The exchange. Its system is hostile: nothing of it is left for a shell to interpret.
    target:
        How its actor authenticates, and which authorities are trusted.
    """
    fact = exhibit.fact
    if isinstance(fact, Answer):
        return _curl(exhibit, fact, target)
    if isinstance(fact, HelloAnswer):
        suites = "ALL" if fact.dh_bits is None else "DHE:ADH"
        option = f"{_OPENSSL[fact.offered]} -cipher '{suites}:@SECLEVEL=0'"
        option += " -comp" if fact.compression else ""
        return Command(text=_handshake(fact.address, option), notes=(words.OLD_OPENSSL,))
    text = _of_tls(fact)
    return None if text is None else Command(text=text)


def _of_tls(fact: AnyFact | None) -> str | None:
    """What looks at the same thing of a server's TLS again."""
    match fact:
        case Renegotiation():
            typed = _client(fact.address, "-tls1_2 -legacy_renegotiation")
            return f"(echo R; sleep 2) | {typed}"
        case WeakSuites():
            host, port = _host(fact.address), fact.address.rpartition(":")[2]
            return f"nmap --script ssl-enum-ciphers -p {quoted(port)} {quoted(host)}"
        case ChainFact():
            return _handshake(fact.address, "-showcerts")
        case Staple():
            return _handshake(fact.address, "-status")
        case ChainStatus():
            return _list_of(fact)
    return None


def _list_of(status: ChainStatus) -> str | None:
    """What shows the list that a certificate stands in, or the first list that there is."""
    sources = [source for one in status.certificates for source in one.sources]
    lists = [source for source in sources if source.kind is StatusKind.LIST]
    lists.sort(key=lambda source: source.outcome is not StatusOutcome.REVOKED)
    if not lists:
        return None
    url = quote(lists[0].url, safe=_PRINTABLE, errors="replace")
    return f"curl --silent --globoff --url {quoted(url)} | openssl crl -inform DER -noout -text"


def quoted(text: str, variable: str = "TGV_SECRET") -> str:
    """``text`` as one word of a POSIX shell, with a variable where a value was redacted."""
    pieces = []
    end = 0
    for mark in ANY_MARK.finditer(text):
        pieces += [_literal(text[end : mark.start()]), f'"${variable}"']
        end = mark.end()
    return "".join([*pieces, _literal(text[end:])]) or "''"


def _literal(text: str) -> str:
    return shlex.quote(visible(text).replace("\n", " ")) if text else ""


def _handshake(address: str, option: str) -> str:
    return f"{_client(address, option)} </dev/null"


def _client(address: str, option: str) -> str:
    server = f"-connect {quoted(address)} -servername {quoted(_host(address))}"
    return f"openssl s_client {server} {option}"


def _host(address: str) -> str:
    return re.sub(r"^\[|\]?:\d+$", "", address)


def _curl(exhibit: Exhibit, answer: Answer, target: Target) -> Command:
    request = answer.request
    address = quote(request.url, safe=_PRINTABLE, errors="replace")
    parts = [
        f"curl --include --globoff --path-as-is --request {quoted(request.method)}",
        *_trust(target, exhibit, target.actors.get(answer.actor)),
        *(f"--header {_header(name, value)}" for name, value in _told(request.headers)),
        *_body(request.body),
        f"--url {quoted(address)}",
    ]
    text = " \\\n  ".join(parts)
    return Command(text=text, notes=tuple(_notes(text, exhibit, answer)))


def _told(headers: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if name.lower() not in _OURS and (name.lower(), value) != ("accept", "*/*"):
            yield name, value


def _header(name: str, value: str) -> str:
    bearer = value.lower().startswith("bearer ")
    return quoted(f"{name}: {value}", "TGV_TOKEN" if bearer else "TGV_SECRET")


def _trust(target: Target, exhibit: Exhibit, actor: Actor | None) -> Iterator[str]:
    if target.trust_anchors:
        yield '--cacert "$TGV_AUTHORITIES"'
    if exhibit.aim is not None and exhibit.aim.credential in _WITHOUT_CERTIFICATE:
        return
    authentication = None if actor is None else actor.authentication
    bound = isinstance(authentication, OAuth2Authentication) and authentication.certificate
    if bound or isinstance(authentication, CertificateAuthentication):
        yield '--cert "$TGV_CERTIFICATE" --key "$TGV_KEY"'


def _body(body: str) -> Iterator[str]:
    """The body in the command when a shell and a reader can hold it, else in a file."""
    if not body:
        return
    plain = len(body) <= BODY_CHARACTERS and visible(body) == body and "\n" not in body
    yield f"--data-raw {quoted(body)}" if plain else f"--data-binary @{_BODY_FILE}"


def _notes(text: str, exhibit: Exhibit, answer: Answer) -> Iterator[Text]:
    presented = None if exhibit.aim is None else words.credential(exhibit.aim.credential)
    for variable in ("TGV_TOKEN", "TGV_SECRET"):
        if f"${variable}" in text:
            yield words.placeholder(variable, actor=answer.actor, presented=presented)
    if answer.request.method not in ("GET", "HEAD"):
        yield words.WRITES
    for name, note in words.PLACEHOLDERS.items():
        if name in text:
            yield note
