"""OAuth clients: the token endpoint gives nothing to whoever doesn't prove to be the client."""

from __future__ import annotations

from tgv_suite.check import (
    Access,
    Cause,
    ClientProof,
    CodeClient,
    NotApplicable,
    OAuth2Service,
    System,
    Text,
    every_asserting_client,
    every_proving_client,
    every_public_client,
    every_renewing_client,
    requirement,
)

_SHARED = ("client_secret_basic", "client_secret_post")
_FALSE = (ClientProof.NONE, ClientProof.FOREIGN)


@requirement("AUT-15", access=every_renewing_client, alone=True)
def test_nothing_is_renewed_without_the_clients_proof(si: System, access: Access) -> None:
    """A refresh token with the client's name alone; it still renews with the client's proof."""
    _refreshable(si, access, name="held")

    attempt = si.grant(access, renewing="held", proof=ClientProof.NONE)

    assert not attempt.issued, Text(
        fr="un jeton de rafraîchissement a donné un jeton d'accès à qui ne prouvait pas être le "
        "client ; attendu : un refus (invalid_client)",
        en="a refresh token gave an access token to whoever didn't prove to be the client; "
        "expected a refusal (invalid_client)",
    )
    si.ungranted(attempt)
    si.issued(si.grant(access, renewing="held"))


@requirement("AUT-15", client=every_public_client, alone=True)
def test_a_public_client_renews_by_its_newest_token_alone(si: System, client: CodeClient) -> None:
    """A refresh token renews, and is presented again once its declared grace is over."""
    _refreshable(si, client, name="line")
    si.issued(si.grant(client, renewing="line"))

    again = si.grant(client, renewing="line", spent_s=_grace(si, client))

    assert not again.issued, Text(
        fr="un client public, que rien ne prouve, a renouvelé par un jeton de rafraîchissement déjà "
        "utilisé ; attendu : un refus (invalid_grant)",
        en="a public client, which nothing proves, renewed by a refresh token that was used before; "
        "expected a refusal (invalid_grant)",
    )
    si.ungranted(again)
    _refreshable(si, client, name="other-line")
    si.issued(si.grant(client, renewing="other-line"))


@requirement("AUT-17", access=every_proving_client)
def test_a_client_is_not_known_without_its_key(si: System, access: Access) -> None:
    """The same request with the client's own proof, then with none and with another's."""
    si.issued(si.grant(access))

    attempts = [si.grant(access, proof=proof) for proof in _FALSE]

    method = getattr(access.actor.authentication, "method", "")
    faults = [attempt.proof for attempt in attempts if attempt.issued]
    if method in _SHARED and not si.parameters.shared_client_secrets:
        faults.append(method)
    assert not faults, Text(
        fr=f"le client {access.actor_id} a reçu un jeton sans sa clé ({', '.join(faults)}) ; "
        "attendu : une preuve que lui seul peut donner",
        en=f"client {access.actor_id} was given a token without its key ({', '.join(faults)}); "
        "expected a proof that it alone can give",
    )
    for attempt in attempts:
        si.ungranted(attempt)
    si.issued(si.grant(access))
    if method in _SHARED:
        si.note(
            Text(
                fr=f"le client {access.actor_id} s'authentifie par un secret que le serveur connaît "
                f"aussi ({method}) ; une clé privée ou un certificat vaut mieux",
                en=f"client {access.actor_id} authenticates with a secret that the server knows too "
                f"({method}); a private key or a certificate is better",
            )
        )


@requirement("AUT-18", access=every_asserting_client)
def test_an_assertion_is_good_once(si: System, access: Access) -> None:
    """A signed assertion, the same again, and a new one."""
    si.issued(si.grant(access))

    again = si.grant(access, proof=ClientProof.REPEATED)

    assert not again.issued, Text(
        fr="une assertion déjà présentée (même jti) a encore donné un jeton ; attendu : un refus",
        en="an assertion that was presented before (same jti) gave a token again; expected a "
        "refusal",
    )
    si.ungranted(again)
    si.issued(si.grant(access))


def _refreshable(si: System, holder: Access | CodeClient, *, name: str) -> None:
    """Go on only with a token of the actor's that came with a refresh token."""
    token = si.token(holder, name=name)
    si.hold(
        token.failure is None,
        Text(
            fr=f"l'acteur n'a pas obtenu de jeton ({token.failure})",
            en=f"the actor obtained no token ({token.failure})",
        ),
        Cause.PRECONDITION,
    )
    if not token.refreshable:
        raise NotApplicable(
            Text(
                fr="cet acteur ne reçoit pas de jeton de rafraîchissement",
                en="this actor is given no refresh token",
            )
        )


def _grace(si: System, client: CodeClient) -> int:
    """How long a rotated refresh token may still renew, and a second more, in seconds."""
    service = si.target.services.get(getattr(client.actor.authentication, "service", ""))
    grace = service.refresh_grace_s if isinstance(service, OAuth2Service) else 0
    return grace + 1 if grace else 0
