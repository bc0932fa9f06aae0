"""The authorization code flow: a login ends in one code, for one client, at one address, used once."""

from __future__ import annotations

from urllib.parse import urlsplit

from tgv_suite.check import (
    AuthorizationFact,
    AuthorizationRequest,
    CannotTell,
    Cause,
    Challenge,
    CodeClient,
    GrantFact,
    System,
    Text,
    Verifier,
    cause_of,
    every_code_client,
    every_ending_code,
    requirement,
)

_ORDINARY = AuthorizationRequest(name="ordinary")
_MARGIN_S = 10
_CLOSED = ("unsupported_grant_type", "unauthorized_client", "invalid_client")


@requirement("AUT-12", client=every_code_client)
def test_a_code_without_challenge_gives_nothing(si: System, client: CodeClient) -> None:
    """The whole flow with PKCE, then without a word of it."""
    bare = AuthorizationRequest(name="no-challenge", challenge=Challenge.NONE)
    redeemed = _redeemed(si, client, bare, Verifier.NONE)
    assert redeemed is None or not redeemed.issued, Text(
        fr="un code demandé sans PKCE a donné un jeton ; attendu : un refus",
        en="a code asked for without PKCE gave a token; expected a refusal",
    )
    _settled(si, client, redeemed)


@requirement("AUT-12", client=every_code_client)
def test_a_plain_challenge_gives_nothing(si: System, client: CodeClient) -> None:
    """The whole flow with S256, then with the verifier itself for a challenge."""
    plain = AuthorizationRequest(name="plain-challenge", challenge=Challenge.PLAIN)
    redeemed = _redeemed(si, client, plain, Verifier.OWN)
    assert redeemed is None or not redeemed.issued, Text(
        fr="un code demandé avec la méthode PKCE « plain » a donné un jeton ; attendu : un refus",
        en="a code asked for with the PKCE method “plain” gave a token; expected a refusal",
    )
    _settled(si, client, redeemed)


@requirement("AUT-12", client=every_code_client)
def test_a_code_with_another_verifier_gives_nothing(si: System, client: CodeClient) -> None:
    """The whole flow with S256, then with another verifier than the one that was challenged."""
    stolen = AuthorizationRequest(name="stolen")
    redeemed = _redeemed(si, client, stolen, Verifier.WRONG)
    assert redeemed is None or not redeemed.issued, Text(
        fr="un code a donné un jeton avec un autre vérificateur PKCE que le sien ; attendu : un "
        "refus (invalid_grant)",
        en="a code gave a token with another PKCE verifier than its own; expected a refusal "
        "(invalid_grant)",
    )
    _settled(si, client, redeemed)


@requirement("AUT-13", client=every_code_client)
def test_nobody_is_sent_to_an_unregistered_address(si: System, client: CodeClient) -> None:
    """The registered address, then others that resemble it."""
    _code(si, client, _ORDINARY)

    answers = {
        address: si.authorize(client, AuthorizationRequest(name=name, redirect_uri=address))
        for name, address in _resembling(client.redirect_uri).items()
    }

    sent = [address for address, answer in answers.items() if answer.redirected_to == address]
    assert not sent, Text(
        fr=f"le serveur a renvoyé le navigateur vers une adresse qui n'est pas enregistrée "
        f"({sent[0]}) ; attendu : une page d'erreur",
        en=f"the server sent the browser to an address that isn't registered ({sent[0]}); expected "
        "an error page",
    )
    for answer in answers.values():
        _answered(answer)
    _code(si, client, AuthorizationRequest(name="after"))


@requirement("AUT-14", client=every_code_client, alone=True)
def test_a_code_is_good_once(si: System, client: CodeClient) -> None:
    """A code, the same again, and a new one."""
    granted = _code(si, client, _ORDINARY)
    si.issued(si.redeem(granted))

    again = si.redeem(granted)

    assert not again.issued, Text(
        fr="un code d'autorisation a donné un second jeton ; attendu : un refus (invalid_grant)",
        en="an authorization code gave a second token; expected a refusal (invalid_grant)",
    )
    si.ungranted(again)
    _whole_flow(si, client, "after")


@requirement("AUT-16", client=every_code_client)
def test_the_implicit_flow_gives_nothing(si: System, client: CodeClient) -> None:
    """The ordinary request, then one for a token in the address of the answer."""
    _code(si, client, _ORDINARY)

    answer = si.authorize(client, AuthorizationRequest(name="implicit", response_type="token"))

    assert not answer.token, Text(
        fr="le flux implicite (response_type=token) a donné un jeton dans l'adresse ; attendu : une "
        "erreur (unsupported_response_type)",
        en="the implicit flow (response_type=token) gave a token in the address; expected an error "
        "(unsupported_response_type)",
    )
    _answered(answer)
    _code(si, client, AuthorizationRequest(name="after"))


@requirement("AUT-16", client=every_code_client)
def test_the_password_grant_gives_nothing(si: System, client: CodeClient) -> None:
    """A login by the server's page, then the same name and password at the token endpoint."""
    _whole_flow(si, client, "ordinary")

    answer = si.by_password(client)

    assert not answer.issued, Text(
        fr="le flux « password » a donné un jeton contre le mot de passe d'une personne ; attendu : "
        "une erreur (unsupported_grant_type, unauthorized_client)",
        en="the “password” grant gave a token for a person's password; expected an error "
        "(unsupported_grant_type, unauthorized_client)",
    )
    si.ungranted(answer)
    si.hold(
        answer.error in _CLOSED,
        Text(
            fr=f"le refus ({answer.error}) peut venir du mot de passe plutôt que du flux",
            en=f"the refusal ({answer.error}) may be of the password rather than of the grant",
        ),
    )


@requirement("AUT-31", client=every_ending_code)
def test_a_code_ends_soon(si: System, client: CodeClient) -> None:
    """A code redeemed at once, another held for as long as codes may last and a little more."""
    wait = _until_ended(si, client)
    _whole_flow(si, client, "prompt")

    late = si.redeem(_code(si, client, AuthorizationRequest(name="held")), after_s=wait)

    assert not late.issued, Text(
        fr=f"un code d'autorisation gardé {wait:g} s a donné un jeton ; attendu : un refus "
        "(invalid_grant)",
        en=f"an authorization code held for {wait:g} s gave a token; expected a refusal "
        "(invalid_grant)",
    )
    si.ungranted(late)
    _whole_flow(si, client, "after")


def _until_ended(si: System, client: CodeClient) -> float:
    """How long to hold a code until it must be refused, in seconds.

    It is what the manifest declares or what the profile allows, whichever is shorter, and a quarter
    more for clocks that differ, up to ten seconds.
    """
    declared: int | None = getattr(client.actor.authentication, "code_lifetime_s", None)
    cap, longest = si.parameters.code_lifetime_cap_s, si.parameters.expiry_wait_s
    lasts = min(declared or cap, cap)
    wait = lasts + min(lasts / 4, _MARGIN_S)
    if wait <= longest:
        return wait
    said = ("déclarés", "declared") if declared else ("que permet le profil", "the profile allows")
    raise CannotTell(
        Cause.PRECONDITION,
        Text(
            fr=f"un code peut durer {lasts} s ({said[0]}) ; l'essai n'attend pas plus de {longest} s "
            "(manifeste : code_lifetime_s ; profil : expiry_wait_s)",
            en=f"a code may last {lasts} s ({said[1]}); the test waits no longer than {longest} s "
            "(manifest: code_lifetime_s; profile: expiry_wait_s)",
        ),
    )


def _whole_flow(si: System, client: CodeClient, name: str) -> None:
    """The positive control: a login, a code, a token."""
    si.issued(si.redeem(_code(si, client, AuthorizationRequest(name=name))))


def _code(si: System, client: CodeClient, request: AuthorizationRequest) -> AuthorizationFact:
    """The positive control: a code comes back to the registered address."""
    answer = si.authorize(client, request)
    if answer.failure is not None:
        _answered(answer)
    si.hold(
        answer.code,
        Text(
            fr=f"le témoin positif n'a pas obtenu de code ({_told(answer)})",
            en=f"the positive control obtained no code ({_told(answer)})",
        ),
        Cause.PRECONDITION if answer.status is None else Cause.CONTROL_FAILED,
    )
    return answer


def _redeemed(
    si: System, client: CodeClient, request: AuthorizationRequest, verifier: Verifier
) -> GrantFact | None:
    """What a request's code gave, once the ordinary flow held; None when no code came of it."""
    _whole_flow(si, client, "ordinary")
    answer = si.authorize(client, request)
    if not answer.code:
        _answered(answer)
        return None
    return si.redeem(answer, verifier=verifier)


def _settled(si: System, client: CodeClient, redeemed: GrantFact | None) -> None:
    """Hold that the token endpoint refused what came to it, and that the ordinary flow still works."""
    if redeemed is not None:
        si.ungranted(redeemed)
    _whole_flow(si, client, "after")


def _answered(answer: AuthorizationFact) -> None:
    """Hold that a request was answered by no, not by an outage or by another login page."""
    refused = answer.error is not None or answer.status in (200, 400, 401, 403, 404, 422)
    if answer.failure is None and refused and not answer.detail:
        return
    raise CannotTell(
        cause_of(answer.failure),
        Text(
            fr=f"la demande d'autorisation n'a pas reçu de réponse qui se juge ({_told(answer)})",
            en=f"the authorization request wasn't answered in a way to judge ({_told(answer)})",
        ),
    )


def _told(answer: AuthorizationFact) -> str:
    said = (answer.error, answer.failure, answer.detail, str(answer.status or ""))
    return ", ".join(filter(None, said))


def _resembling(registered: str) -> dict[str, str]:
    """Addresses like the registered one, none of which is; the scheme stays https."""
    parts = urlsplit(registered)
    return {
        "suffix": f"{registered}x",
        "sub-path": f"{registered.rstrip('/')}/x",
        "other-host": f"https://tgv.invalid{parts.path}",
        "user-part": f"https://{parts.netloc}@tgv.invalid{parts.path}",
    }
