"""Files that are sent to a system, and how those that it gives back are treated by a browser."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

from tgv_suite.model.facts import Answer
from tgv_suite.noun import noun

_UNIQUE = b"{unique}"
_SCRIPT = b"<script>/* {unique} */</script>"
_PAGE = (
    b"<!DOCTYPE html><html><head><title>zzt</title></head><body>" + _SCRIPT + b"</body></html>\n"
)
_DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">' + _SCRIPT + b"</svg>\n"
_TEXT = b"zzt {unique}\n"
_PDF = b"""%PDF-1.4
% {unique}
1 0 obj
<</Type /Catalog /Pages 2 0 R>>
endobj
2 0 obj
<</Type /Pages /Kids [3 0 R] /Count 1>>
endobj
3 0 obj
<</Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Resources <<>>>>
endobj
trailer
<</Root 1 0 R /Size 4>>
%%EOF
"""
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_CONTENTS = {
    "text/plain": ("txt", _TEXT),
    "application/pdf": ("pdf", _PDF),
    "image/png": ("png", _PIXEL + _UNIQUE),
}
_RUN_BY_BROWSERS = (
    "text/html",
    "application/xhtml+xml",
    "image/svg+xml",
    "text/xml",
    "application/xml",
)
_CLIMBING = re.compile(r"\.\.[/\\]")


@noun
class SentFile:
    """A file to send.

    Parameters
    ----------
    label:
        What it is, on record.
    name, media_type:
        What the request says that it is called, and of which type.
    content:
        Its bytes; ``{unique}`` stands in them for the string that only this request carries.
    """

    label: str
    name: str
    media_type: str
    content: bytes

    def bytes_of(self, unique: str) -> bytes:
        """Its bytes, once filled in."""
        return self.content.replace(_UNIQUE, unique.encode())


def permitted_file(media_type: str) -> SentFile:
    """A small file that is just what it says to be, of a type that the system takes."""
    extension, content = _CONTENTS[media_type]
    return SentFile(
        label="permitted", name=f"zzt.{extension}", media_type=media_type, content=content
    )


def oversized_file(media_type: str, length: int) -> SentFile:
    """The same, drawn out to a length in bytes by what its readers pass over."""
    small = permitted_file(media_type)
    rest = b"\n%" + b" " * max(length - len(small.content) - 2, 0)
    return SentFile(
        label="oversized", name=small.name, media_type=media_type, content=small.content + rest
    )


def hostile_files(media_type: str) -> tuple[SentFile, ...]:
    """Files that a browser would run, by their own name or under a permitted one, and a name that climbs.

    Parameters
    ----------
    media_type:
        A type that the system takes.
    """
    small = permitted_file(media_type)
    return (
        SentFile(label="page", name="zzt.html", media_type="text/html", content=_PAGE),
        SentFile(label="drawing", name="zzt.svg", media_type="image/svg+xml", content=_DRAWING),
        SentFile(
            label="page-with-two-extensions",
            name=f"{small.name}.html",
            media_type=media_type,
            content=_PAGE,
        ),
        SentFile(
            label="page-under-a-permitted-name",
            name=small.name,
            media_type=media_type,
            content=_PAGE,
        ),
        SentFile(
            label="name-that-climbs",
            name=f"../../{small.name}",
            media_type=media_type,
            content=small.content,
        ),
    )


def run_by_browsers(given: Answer) -> bool:
    """Whether a browser that is sent to a file would run it as a page of the system's own.

    A file that is to be saved isn't (RFC 6266 §4.2), nor one that is opened in a sandbox (CSP). One
    without a type is taken for what it looks like (WHATWG MIME Sniffing), unless that is forbidden.
    """
    if _saved(given) or "sandbox" in (given.header("content-security-policy") or ""):
        return False
    media_type = (given.header("content-type") or "").partition(";")[0].strip().lower()
    return media_type in _RUN_BY_BROWSERS or (not media_type and not _as_announced(given))


def kept_from_browsers(given: Answer) -> bool:
    """Whether a file is to be saved, and taken for nothing else than what it is announced to be."""
    return _saved(given) and _as_announced(given)


def climbs(given: Answer) -> bool:
    """Whether a file is given under a name that leads out of the folder where it is saved."""
    return _CLIMBING.search(unquote(given.header("content-disposition") or "")) is not None


def _saved(given: Answer) -> bool:
    disposition = given.header("content-disposition") or ""
    return disposition.partition(";")[0].strip().lower() == "attachment"


def _as_announced(given: Answer) -> bool:
    return (given.header("x-content-type-options") or "").strip().lower() == "nosniff"
