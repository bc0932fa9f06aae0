"""What a manifest declares of the accounts whose password a test changes, and puts back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated

from pydantic import Field

from tgv_suite.model.names import FieldPath, Name, Port, SecretReference
from tgv_suite.noun import noun

Address = Annotated[str, Field(pattern=r"^[^\s<>@]+@[^\s<>@]+$", max_length=254)]


@noun
class MailAddress:
    """Where the system sends its mail in this test: the harness listens there (SMTP, unencrypted)."""

    host: str
    port: Port


@noun
class SignIn:
    """How a token is obtained for a name and a password, where it isn't by HTTP Basic.

    Parameters
    ----------
    operation:
        Of kind ``manage``; ``{username}`` and ``{password}`` stand in its template.
    token:
        Where the token stands in its answer.
    """

    operation: Name
    token: FieldPath


@noun
class Account:
    """Somebody's account that is given up to the tests.

    Parameters
    ----------
    username, password:
        Theirs, now and once the tests are over.
    address:
        Their mail address, ``{address}`` in a template.
    reading, object:
        The operation, and the object of theirs, that only who has signed in sees.
    sign_in:
        How they sign in; by HTTP Basic where it isn't said.
    """

    username: str
    password: SecretReference
    address: Address | None = None
    reading: Name
    object: Name
    sign_in: SignIn | None = None


@noun
class PasswordReset:
    """How a forgotten password is reset.

    Parameters
    ----------
    account:
        Whose, of the accounts that are given up.
    ask:
        The operation by which anybody asks for it, of kind ``manage``; ``{username}`` or
        ``{address}`` stand in its template.
    complete:
        The one that sets the new password, of kind ``manage``; ``{code}`` and ``{new_password}``
        stand in its template.
    code:
        A regular expression that finds the code in the mail; its only group is the code.
    delay_s:
        How long the mail may take, in seconds.
    """

    account: Name
    ask: Name
    complete: Name
    code: Annotated[str, Field(max_length=200)]
    delay_s: Annotated[float, Field(ge=0, le=120)] = 30.0


@noun
class PasswordChange:
    """How somebody who has signed in changes their password.

    Parameters
    ----------
    account, other:
        Whose, and whose must not be changed, of the accounts that are given up.
    operation:
        Of kind ``manage``; ``{current_password}``, ``{new_password}`` and ``{username}`` stand in its
        template, as far as it takes them.
    shortest:
        How long a password has to be at least, in characters.
    """

    account: Name
    other: Name
    operation: Name
    shortest: Annotated[int, Field(ge=1, le=64)] = 8


@noun
class Accounts:
    """The accounts that are given up to the tests, and what their holders do with a password.

    Parameters
    ----------
    offers_reset, offers_change:
        Whether people may reset a forgotten password, and change theirs; false says that the system
        holds no password of theirs, or that somebody else sees to it.
    """

    offers_reset: bool = True
    offers_change: bool = True
    mail: MailAddress | None = None
    held: Mapping[Name, Account] = field(default_factory=dict)
    reset: PasswordReset | None = None
    change: PasswordChange | None = None
