"""Answers compared but for what varies by itself from one to the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from pydantic import JsonValue

from tgv_suite.model.json_tree import parsed

_ASKED = "{asked}"


def stripped(body: str, asked: str) -> str:
    """A body without what was asked for, which many systems send back."""
    return body.replace(asked, _ASKED).replace(quote(asked, safe=""), _ASKED)


def differences(body: str, others: Sequence[str]) -> tuple[str, ...] | None:
    """Where a body says something that none of several others says, or leaves out what all say.

    What varies among the others (times, numbers, identifiers) may vary here too.

    Parameters
    ----------
    body:
        The body in question.
    others:
        Bodies that should say as much; at least two, the first and last sent before and after
        ``body``, so that a clock's turn is theirs too.

    Returns
    -------
    tuple of str or None
        The places, as JSON pointers (RFC 6901; the empty one is the whole body); None when the others
        aren't JSON and vary among themselves: nothing can then be told.
    """
    content = parsed(body)
    contents = [parsed(other) for other in others]
    if content is None or any(other is None for other in contents):
        if len(set(others)) > 1:
            return None
        return () if body == others[0] else ("",)
    said, known = _leaves(content), [_leaves(other) for other in contents]
    in_all = frozenset(known[0]).intersection(*known)
    in_some = frozenset[str]().union(*known)
    constant = {place for place in in_all if len({leaves[place] for leaves in known}) == 1}
    changed = {place for place in constant & set(said) if said[place] != known[0][place]}
    return tuple(sorted((in_all - set(said)) | (set(said) - in_some) | changed))


def _leaves(content: JsonValue) -> dict[str, str]:
    """Every value that holds no other, by the place where it stands."""
    leaves: dict[str, str] = {}
    pending: list[tuple[str, JsonValue]] = [("", content)]
    while pending:
        place, value = pending.pop()
        inside: list[tuple[str, JsonValue]] = []
        if isinstance(value, dict):
            inside = [(f"{place}/{name}", item) for name, item in value.items()]
        elif isinstance(value, list):
            inside = [(f"{place}/{index}", item) for index, item in enumerate(value)]
        if inside:
            pending += inside
        else:
            leaves[place] = json.dumps(value)
    return leaves
