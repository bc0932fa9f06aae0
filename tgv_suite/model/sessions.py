"""What a login is tried with, and what is seen of logins and of the sessions that they bring."""

from __future__ import annotations

from enum import StrEnum

from tgv_suite.model.facts import Failure
from tgv_suite.noun import noun


class Given(StrEnum):
    """With which name and password somebody tries to log in."""

    OWN = "own"
    WRONG_PASSWORD = "wrong-password"
    UNKNOWN_NAME = "unknown-name"


@noun
class SessionCookie:
    """A cookie that carries a session, with what its server lets a browser do with it.

    Parameters
    ----------
    same_site:
        The attribute's value, in lower case; None when there is none.
    """

    name: str
    secure: bool
    http_only: bool
    same_site: str | None

    @property
    def stays_home(self) -> bool:
        """Whether a browser sends it with no form of another site (RFC 6265bis §5.6.7)."""
        return self.same_site in ("lax", "strict")


@noun
class SessionFact:
    """What carries a session, found by removing each cookie in turn.

    Parameters
    ----------
    opened:
        Whether the session opened the actor's reading.
    cookies:
        Those without which it doesn't, or which open it alone.
    others:
        The names of the others.
    failure, detail:
        Why nothing can be judged, when that is so.
    """

    actor: str
    opened: bool
    cookies: tuple[SessionCookie, ...]
    others: tuple[str, ...]
    failure: Failure | None
    detail: str


@noun
class LoginBurst:
    """Many failed logins from one address, each of another name that nobody has.

    Parameters
    ----------
    sent, statuses:
        How many were answered, and how each was.
    limited:
        Whether the last was answered as one too many.
    first_s, last_s:
        How long the first and the last answer took, in seconds.
    ended_at:
        When the last came, UTC, ISO 8601.
    failure:
        Why it ended early, when that is so.
    """

    sent: int
    statuses: tuple[int, ...]
    limited: bool
    first_s: float
    last_s: float
    ended_at: str
    failure: Failure | None
