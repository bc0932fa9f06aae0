"""The addresses of ours that a system is given to call."""

from __future__ import annotations

from enum import StrEnum


class GivenAddress(StrEnum):
    """Which address of the harness's listener is given."""

    PERMITTED = "permitted"
    FOREIGN = "another-host"
    FOREIGN_BEHIND_A_USER = "another-host-behind-a-user"
    REDIRECTED = "permitted-then-redirected"
    IN_CLEAR = "permitted-in-clear"
    LITERAL = "address-literal"
    NUMBER = "address-as-a-number"


NOT_PERMITTED = (
    GivenAddress.FOREIGN,
    GivenAddress.FOREIGN_BEHIND_A_USER,
    GivenAddress.REDIRECTED,
)
"""Those that lead to another host than the permitted one, which is ours too."""

NOT_SUBSCRIBABLE = (
    *NOT_PERMITTED,
    GivenAddress.IN_CLEAR,
    GivenAddress.LITERAL,
    GivenAddress.NUMBER,
)
"""Those that no subscription may be made for: in clear, by an address in place of a name, too."""
