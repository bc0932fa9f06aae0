"""The addresses of ours that a system is given to call."""

from __future__ import annotations

from enum import StrEnum


class GivenAddress(StrEnum):
    """Which address of the harness's listener is given."""

    PERMITTED = "permitted"
    FOREIGN = "another-host"
    FOREIGN_BEHIND_A_USER = "another-host-behind-a-user"
    REDIRECTED = "permitted-then-redirected"


NOT_PERMITTED = (
    GivenAddress.FOREIGN,
    GivenAddress.FOREIGN_BEHIND_A_USER,
    GivenAddress.REDIRECTED,
)
"""Those that lead to another host than the permitted one, which is ours too."""
