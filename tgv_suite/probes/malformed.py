"""Requests with one named fault in them, to see how a system reports errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from tgv_suite.noun import noun
from tgv_suite.probes.template import Filled


@noun
class Spoilt:
    """A request's parts, with a fault in one of them."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


def _path(filled: Filled, locator: str, wrong: str) -> str:
    """The path with the object's or the person's identifier replaced."""
    right = quote(locator, safe="")
    wrong = quote(wrong, safe="")
    if right and right in filled.path:
        return filled.path.replace(right, wrong)
    path, mark, query = filled.path.partition("?")
    return f"{path}/{wrong}{mark}{query}"


def _with_path(wrong: str) -> Callable[[Filled, str], Spoilt]:
    def spoil(filled: Filled, locator: str) -> Spoilt:
        return Spoilt(
            method=filled.method,
            path=_path(filled, locator, wrong),
            headers=filled.headers,
            body=filled.body,
        )

    return spoil


def _cut_body(filled: Filled, locator: str) -> Spoilt:
    """A body that ends in the middle, to a path where nothing is stored by it."""
    return Spoilt(
        method="POST",
        path=_path(filled, locator, "zzt-inconnu"),
        headers=(("Content-Type", "application/json"),),
        body=b'{"resourceType": "Appointment", "status": ',
    )


def _wrong_type(filled: Filled, locator: str) -> Spoilt:
    query = "&" if "?" in filled.path else "?"
    return Spoilt(
        method=filled.method,
        path=f"{filled.path}{query}_count=zzt&date=zzt",
        headers=filled.headers,
        body=filled.body,
    )


def _unknown_path(filled: Filled, locator: str) -> Spoilt:
    return Spoilt(method="GET", path="/zzt-inconnu/zzt-inconnu", headers=filled.headers, body=None)


def _unknown_media_type(filled: Filled, locator: str) -> Spoilt:
    """A body of a type that nobody knows, to a path where nothing is stored by it."""
    return Spoilt(
        method="POST",
        path=_path(filled, locator, "zzt-inconnu"),
        headers=(("Content-Type", "application/x-zzt"),),
        body=b"zzt",
    )


FAULTS: Mapping[str, Callable[[Filled, str], Spoilt]] = {
    "unknown-object": _with_path("zzt-inconnu"),
    "quote-in-identifier": _with_path("zzt'\"--"),
    "oversized-identifier": _with_path("zzt" * 400),
    "wrong-type": _wrong_type,
    "truncated-body": _cut_body,
    "unknown-path": _unknown_path,
    "unknown-media-type": _unknown_media_type,
}
