"""Standard output and error that can't change an exit code: by a reader who left, or an encoding."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import TextIO


class Forgiving(io.TextIOWrapper):
    """A stream that spells what its encoding lacks, and goes on when nobody reads it any more.

    Parameters
    ----------
    stream:
        The stream whose bytes it writes.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(
            stream.buffer,
            # click writes around a stream that says it is ASCII.
            encoding="utf-8" if codecs.lookup(stream.encoding).name == "ascii" else stream.encoding,
            errors="backslashreplace",
            line_buffering=stream.isatty(),
        )

    def write(self, text: str, /) -> int:
        """Write a text, or lose it when its reader left."""
        try:
            return super().write(text)
        except BrokenPipeError:
            return self._lost(len(text))

    def flush(self) -> None:
        """Hand over what was written, or lose it when its reader left."""
        try:
            super().flush()
        except BrokenPipeError:
            self._lost(0)

    def _lost(self, length: int) -> int:
        # What is still buffered must go somewhere, or Python fails again as the process ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        return length


def forgive() -> None:
    """Make the process's standard output and error forgiving, those that are open."""
    sys.stdout, sys.stderr = (
        Forgiving(stream) if stream is not None else stream for stream in (sys.stdout, sys.stderr)
    )
