"""Every error that a user can cause: one tree, each naming the place, the fault and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tgv_suite.exit_code import ExitCode
from tgv_suite.text import Language, Text


class UserError(Exception):
    """Something that the user can mend.

    Parameters
    ----------
    message:
        What is wrong.
    remedy:
        What to do about it.
    place:
        Where, as ``file:line:column`` or a name, when there is one.
    """

    exit_code: ExitCode = ExitCode.BAD_USAGE

    def __init__(self, *, message: Text, remedy: Text, place: str | None = None) -> None:
        super().__init__(message.fr)
        self.message = message
        self.remedy = remedy
        self.place = place

    def lines(self, language: Language) -> list[str]:
        """The error as lines to print, in ``language``."""
        where = f"{self.place}: " if self.place else ""
        return [f"{where}{self.message.in_(language)}", f"  → {self.remedy.in_(language)}"]


class InputFault(UserError):
    """One fault in a file that the user wrote, at ``file:line:column``."""


class InputFaults(UserError):
    """All the faults of a file at once.

    Parameters
    ----------
    path:
        The file that was read.
    faults:
        At least one fault, in the order of the file.
    """

    def __init__(self, path: Path, faults: Sequence[InputFault]) -> None:
        count = len(faults)
        super().__init__(
            message=Text(
                fr=f"{count} faute(s) dans {path.name}", en=f"{count} fault(s) in {path.name}"
            ),
            remedy=Text(
                fr="corrigez-les ; rien n'a été envoyé",
                en="mend them; nothing was sent",
            ),
            place=str(path),
        )
        self.faults = tuple(faults)

    def lines(self, language: Language) -> list[str]:
        """Every fault, then the count."""
        each = [line for fault in self.faults for line in fault.lines(language)]
        return [*each, *super().lines(language)]


class SecretUnavailable(UserError):
    """A secret that the manifest refers to can't be read."""


class RunRefused(UserError):
    """The run may not start: the scope, the mode or the output folder forbids it."""


class VerificationFailed(UserError):
    """A bundle isn't what was sealed."""

    exit_code = ExitCode.VERIFICATION_FAILED
