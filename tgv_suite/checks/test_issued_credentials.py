"""What a system issues to its clients: it ends soon, and nobody can make one of their own."""

from __future__ import annotations

from tgv_suite.check import (
    Access,
    AskPerson,
    Cause,
    Guess,
    NotApplicable,
    OAuth2Authentication,
    System,
    Text,
    TokenFormat,
    TokenLoginAuthentication,
    every_credential_holder,
    every_token_holder,
    requirement,
)

_SORTS = {
    Guess.WORD: Text(fr="un mot de la liste", en="a word of the list"),
    Guess.NUMBER: Text(fr="un nombre de sept chiffres au plus", en="a number of seven digits"),
    Guess.PUBLISHED: Text(fr="celle d'un exemple publié", en="that of a published example"),
}


@requirement("AUT-29", access=every_token_holder)
def test_the_signing_key_is_neither_guessed_nor_published(si: System, access: Access) -> None:
    """The actor's own token, against the lists of secrets and of keys that anybody can find."""
    key = si.signing_key(access)
    si.hold(key.failure is None, _no_token(key.failure), Cause.PRECONDITION)
    if key.format is not TokenFormat.JWT:
        raise NotApplicable(
            Text(fr="cet acteur présente un jeton opaque", en="this actor presents an opaque token")
        )

    sort = _SORTS.get(key.guess) if key.guess else None
    assert sort is None, Text(
        fr=f"la clé de signature est {sort.fr} (liste {key.lists}) : quiconque signe un jeton ; "
        "attendu : une clé tirée au hasard",
        en=f"the signing key is {sort.en} (list {key.lists}): anybody can sign a token; "
        "expected a key drawn at random",
    )
    shortest = si.parameters.rsa_bits
    assert key.bits is None or key.bits >= shortest, Text(
        fr=f"la clé RSA de signature a {key.bits} bits ; attendu : {shortest} au moins",
        en=f"the RSA signing key has {key.bits} bits; expected {shortest} at least",
    )
    si.hold(
        key.tried > 0,
        Text(
            fr=f"rien à comparer ({key.algorithm}) : l'émetteur ne publie pas de clé (jwks_uri)",
            en=f"nothing to compare ({key.algorithm}): the issuer publishes no key (jwks_uri)",
        ),
        Cause.PRECONDITION,
    )
    si.note(
        Text(
            fr=f"{key.algorithm} : {key.tried} clé(s) comparée(s), liste {key.lists}",
            en=f"{key.algorithm}: {key.tried} key(s) compared, list {key.lists}",
        )
    )


@requirement("AUT-30", access=every_credential_holder)
def test_access_ends_as_soon_as_the_profile_demands(si: System, access: Access) -> None:
    """What a token says of its lifetime, and what the server says; a person sees to what has none."""
    declared = access.actor.authentication
    if not isinstance(declared, OAuth2Authentication | TokenLoginAuthentication):
        si.control(si.perform(access), sees=access.object.canaries)
        raise AskPerson(
            Text(
                fr="cet acteur présente un jeton ou une clé que rien n'annonce devoir expirer : une "
                "personne dit qui les délivre, quand ils changent et comment ils se retirent",
                en="this actor presents a token or a key that nothing says will expire: a person "
                "says who issues them, when they change and how they are withdrawn",
            )
        )
    token = si.token(access)
    si.hold(token.failure is None, _no_token(token.failure), Cause.PRECONDITION)
    lasts = token.lasts_s
    si.hold(
        lasts is not None,
        Text(
            fr="ni le jeton (exp) ni la réponse (expires_in) ne dit quand il expire",
            en="neither the token (exp) nor the answer (expires_in) says when it expires",
        ),
        Cause.NO_OBSERVATION,
    )
    cap = si.parameters.token_lifetime_cap_s
    limit = min(declared.token_lifetime_s or cap, cap)

    assert lasts is None or lasts <= limit, Text(
        fr=f"le jeton d'accès dure {lasts} s ; attendu : {limit} s au plus",
        en=f"the access token lasts {lasts} s; expected {limit} s at most",
    )


def _no_token(failure: str | None) -> Text:
    return Text(
        fr=f"l'acteur n'a pas obtenu de jeton ({failure})",
        en=f"the actor obtained no token ({failure})",
    )
