"""The passwords that a test tries, by what they are, and what came of it; probes know their values."""

from __future__ import annotations

from enum import StrEnum

from tgv_suite.model.facts import Failure
from tgv_suite.noun import noun

_PUT_OFF = (408, 423, 425, 429)


class Password(StrEnum):
    """A password of an account that is given up to a test.

    ``own`` is the manifest's, ``held`` the last that opened, ``wrong`` nobody's; the strong ones are
    made for the run. ``short`` and ``common`` are those that a system must refuse.
    """

    OWN = "own"
    HELD = "held"
    WRONG = "wrong"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    SHORT = "short"
    COMMON = "common"


SHORT = "zz9"
COMMON = ("password", "1234567890", "password1234", "123456789012345", "qwertyuiopasdfghjkl")
"""Passwords of the top of every published list, the shortest first."""


def common(shortest: int) -> str:
    """One that is widespread, and long enough for a system that asks for a length."""
    return next((one for one in COMMON if len(one) >= shortest), COMMON[-1])


class Shown(StrEnum):
    """What is shown for the current password, by whoever changes it."""

    CURRENT = "current"
    WRONG = "wrong"
    NONE = "none"


@noun
class PasswordAttempt:
    """A request of somebody who has signed in, to set a password.

    Parameters
    ----------
    account:
        Whose, of the accounts that are given up.
    password:
        Which password is to be set.
    shown:
        What is shown for the current one.
    other:
        The account that the request names in place of theirs.
    """

    account: str
    password: Password
    shown: Shown = Shown.CURRENT
    other: str | None = None


@noun
class SignInFact:
    """Whether somebody who signs in with a password sees what is theirs.

    Parameters
    ----------
    account, password:
        Whose account, and which password was tried.
    opened:
        Whether a reading showed what only they see.
    status, failure, detail:
        How the last request was answered: the sign-in, or the reading where that succeeded.
    """

    account: str
    password: Password
    opened: bool
    status: int | None
    failure: Failure | None
    detail: str

    @property
    def refused(self) -> bool:
        """Whether the password was turned down, and the system neither failed nor put it off."""
        said = self.status or 500
        return not self.opened and self.failure is None and said < 500 and said not in _PUT_OFF


@noun
class PasswordFact:
    """How a request that sets a password was answered; what it did is seen by signing in.

    Parameters
    ----------
    account:
        Whose password.
    shown:
        What was shown for it: ``code``, the ``current`` password, a ``wrong`` one or ``none``.
    password:
        Which password was to be set.
    status, failure, detail:
        How it was answered.
    """

    account: str
    shown: str
    password: Password
    status: int | None
    failure: Failure | None
    detail: str


@noun
class ResetFact:
    """How a request to reset a forgotten password was answered, and whether the mail came.

    Parameters
    ----------
    account:
        Whose, or a name that nobody has.
    status, failure, detail:
        How it was answered.
    cookies:
        The names of the cookies that came with it.
    body:
        What it said, without what was asked for and without the code.
    listening:
        Whether the harness has a mailbox that the system can send to.
    mailed:
        Whether a mail came, with a code in it.
    told:
        Whether the answer itself shows that code.
    """

    account: str
    status: int | None
    failure: Failure | None
    detail: str
    cookies: tuple[str, ...]
    body: str
    listening: bool
    mailed: bool
    told: bool

    @property
    def answered(self) -> bool:
        """Whether it was answered in a way to judge: neither failed nor put off."""
        said = self.status or 500
        return self.failure is None and said < 500 and said not in _PUT_OFF
