"""How a request differs from its operation's own; all that isn't named stays as it is."""

from __future__ import annotations

from pydantic import JsonValue

from tgv_suite.noun import noun


@noun
class Variant:
    """One difference from the declared request.

    Parameters
    ----------
    name:
        Its name on record.
    method:
        The method in place of the declared one.
    base:
        The address in place of the service's, on a host of the scope.
    path:
        The path in place of the declared one, with the same names in it.
    headers:
        Headers added, or put in place of the declared ones of the same name.
    query:
        Parameters of the query added, or put in place of those of the same name.
    fields:
        Fields added to the JSON object of the body, or put in place of those of the same name;
        ``{object}``, ``{person}`` and ``{unique}`` stand in them for what they do in a template.
    text:
        A body in place of the declared one, JSON or not, with the same names in it.
    media_type:
        The Content-Type in place of the declared one; empty to send none.
    """

    name: str
    method: str | None = None
    base: str | None = None
    path: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, JsonValue], ...] = ()
    text: str | None = None
    media_type: str | None = None
