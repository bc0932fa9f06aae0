"""How a request that carries the beginning of another says where it ends."""

from __future__ import annotations

from enum import StrEnum


class Framing(StrEnum):
    """By its length, by chunks, or by both, of which a front and a server may believe another.

    ``ABSENT`` sends no such request.
    """

    ABSENT = "absent"
    LENGTH = "length"
    LENGTH_AND_CHUNKS = "length-and-chunks"
    LENGTH_AND_CHUNKS_SPACED = "length-and-chunks-spaced"
    LENGTH_AND_CHUNKS_TABBED = "length-and-chunks-tabbed"
    LENGTH_AND_CHUNKS_NAMED_TWICE = "length-and-chunks-named-twice"
    CHUNKS_AND_LENGTH = "chunks-and-length"
    CHUNKS_AND_LENGTH_NAMED_TWICE = "chunks-and-length-named-twice"
