"""OAuth metadata: what a client learns of the issuer from its own documents leads nobody astray."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tgv_suite.check import (
    Answer,
    Cause,
    Issuer,
    System,
    Text,
    every_issuer,
    requirement,
    unanswered,
)

_ADDRESSES = ("issuer", "jwks_uri")
_ALGORITHMS = "_signing_alg_values_supported"
_UNSIGNED_BY_DEFAULT = ("request_object", "userinfo")
"""What OpenID Connect leaves unsigned unless asked otherwise; it is told, and isn't a fault."""


@requirement("AUT-19", issuer=every_issuer)
def test_the_metadata_name_their_own_issuer(si: System, issuer: Issuer) -> None:
    """The issuer in its own metadata, and in the SMART configurations that give one."""
    documents, lost = _documents(si, issuer)

    named = {
        address: content.get("issuer", issuer.url if address in issuer.configurations else None)
        for address, content in documents.items()
    }

    others = {a: who for a, who in named.items() if str(who).rstrip("/") != issuer.url.rstrip("/")}
    assert not others, Text(
        fr=f"{_first(others)} ; attendu : l'émetteur déclaré, {issuer.url}",
        en=f"{_first(others)}; expected the declared issuer, {issuer.url}",
    )
    _nothing_lost(lost)


@requirement("AUT-19", issuer=every_issuer)
def test_every_published_address_is_https(si: System, issuer: Issuer) -> None:
    """The issuer, the keys and every endpoint, aliases included."""
    documents, lost = _documents(si, issuer)

    clear = {
        key: address
        for content in documents.values()
        for key, address in _addresses(content)
        if not address.lower().startswith("https://")
    }

    assert not clear, Text(
        fr=f"{_first(clear)} ; attendu : une adresse https",
        en=f"{_first(clear)}; expected an https address",
    )
    _nothing_lost(lost)


@requirement("AUT-19", issuer=every_issuer)
def test_no_published_signing_algorithm_is_none(si: System, issuer: Issuer) -> None:
    """The algorithms of whatever is signed; a client without a secret is another “none”."""
    documents, lost = _documents(si, issuer)

    unsigned = sorted({key for content in documents.values() for key in _unsigned(content)})

    binding = [key for key in unsigned if not key.startswith(_UNSIGNED_BY_DEFAULT)]
    assert not binding, Text(
        fr=f"« none » figure parmi les algorithmes de signature ({binding[0]}) ; attendu : aucun",
        en=f"“none” stands among the signing algorithms ({binding[0]}); expected it nowhere",
    )
    for content in documents.values():
        _remark(si, content, unsigned)
    _nothing_lost(lost)


def _documents(
    si: System, issuer: Issuer
) -> tuple[Mapping[str, Mapping[str, Any]], Sequence[Answer]]:
    """What is published, by address, and the answers that tell nothing of what is.

    One document at least is the positive control.
    """
    addresses = (*issuer.metadata, *issuer.configurations)
    answers = {address: si.fetch(address) for address in addresses}
    found = {a: answer.json() for a, answer in answers.items() if answer.served}
    documents = {a: content for a, content in found.items() if _describes(content)}
    lost = [a for a in answers.values() if a.failure is not None or (a.status or 0) >= 500]
    if not documents:
        _nothing_lost(lost)
    si.hold(
        bool(documents),
        Text(
            fr="aucun document de métadonnées n'est publié à une adresse convenue (.well-known)",
            en="no metadata document is published at an agreed address (.well-known)",
        ),
        Cause.PRECONDITION,
    )
    return documents, lost


def _nothing_lost(lost: Sequence[Answer]) -> None:
    """Hold that each address said whether there is a document."""
    if lost:
        raise unanswered(
            lost[0], Text(fr="la demande des métadonnées", en="the request for the metadata")
        )


def _describes(content: object) -> bool:
    """Whether a document describes an authorization server, not an application's home page."""
    keys = {"issuer", "token_endpoint", "authorization_endpoint"}
    return isinstance(content, dict) and bool(keys & content.keys())


def _addresses(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The addresses that a document gives, with the aliases of RFC 8705 §5."""
    aliases = content.get("mtls_endpoint_aliases")
    for part in (content, aliases if isinstance(aliases, dict) else {}):
        for key, value in part.items():
            if isinstance(value, str) and (key in _ADDRESSES or key.endswith("_endpoint")):
                yield key, value


def _unsigned(content: Mapping[str, Any]) -> Iterator[str]:
    """The lists of signing algorithms in which “none” stands."""
    for key, listed in content.items():
        algorithms = listed if key.endswith(_ALGORITHMS) and isinstance(listed, list) else []
        if "none" in [str(algorithm).lower() for algorithm in algorithms]:
            yield key


def _remark(si: System, content: Mapping[str, Any], unsigned: list[str]) -> None:
    """Tell what is listed and should not be needed; only behaviour can be held against a server."""
    for key in unsigned:
        si.note(Text(fr=f"« none » figure dans {key}", en=f"“none” stands in {key}"))
    grants = content.get("grant_types_supported")
    for grant in {"implicit", "password"}.intersection(grants if isinstance(grants, list) else ()):
        si.note(
            Text(
                fr=f"les métadonnées offrent le flux « {grant} » (voir AUT-16)",
                en=f"the metadata offer the “{grant}” grant (see AUT-16)",
            )
        )


def _first(found: Mapping[str, object]) -> str:
    key, value = next(iter(found.items()), ("", ""))
    return f"{key} ({'—' if value is None else str(value)[:200]})"
