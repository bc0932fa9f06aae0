"""Authentication: nobody gets in without a credential that the system gave, and still honours."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.check import (
    KEYED_WITH_PUBLIC_KEY,
    UNSIGNED,
    Access,
    Answer,
    CannotTell,
    Cause,
    Credential,
    ForeignAudience,
    NotApplicable,
    Refusal,
    System,
    Text,
    TokenFact,
    TokenFormat,
    Writing,
    every_foreign_audience,
    every_id_token_access,
    every_protected_reading,
    every_protected_writing,
    every_revocable_access,
    every_short_lived_access,
    every_token_access,
    requirement,
    settled,
)


@requirement("AUT-01", access=every_protected_reading)
def test_nobody_reads_without_credentials(si: System, access: Access) -> None:
    """The same reading, with the actor's credentials and then with none."""
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)

    answer = settled(
        si.perform(access, credential=Credential.NONE), Refusal.CREDENTIAL, hidden=shown
    )

    assert not answer.mentions(shown), Text(
        fr=f"sans authentification, le dossier a été montré (statut {answer.status}) ; "
        "attendu : un refus 401 ou 403, sans rien du dossier",
        en=f"without authentication, the record was shown (status {answer.status}); "
        "expected a refusal 401 or 403, with nothing of the record",
    )
    si.control(si.perform(access), sees=shown)


@requirement("AUT-01", writing=every_protected_writing, alone=True)
def test_nobody_writes_without_credentials(si: System, writing: Writing) -> None:
    """The same change, by the actor and then by nobody; its effect is what the actor then reads."""
    permitted = si.perform(writing.write)
    si.control(permitted)
    si.control(si.perform(writing.reading), sees=[permitted.unique])

    attempt = si.perform(writing.write, credential=Credential.NONE)
    after = si.perform(writing.reading)

    assert not after.mentions([attempt.unique]), Text(
        fr=f"sans authentification, la modification a pris effet (statut {attempt.status}) ; "
        "attendu : un refus 401 ou 403, et l'objet inchangé",
        en=f"without authentication, the change took effect (status {attempt.status}); "
        "expected a refusal 401 or 403, and the object unchanged",
    )
    settled(attempt, Refusal.CREDENTIAL)
    si.control(after, sees=[permitted.unique])


@requirement("AUT-03", access=every_token_access)
def test_a_token_with_an_altered_signature_opens_nothing(si: System, access: Access) -> None:
    """One bit in the middle of the decoded signature."""
    _json_web_token(si, access)
    shown = _spoilt_token_shows(si, access, Credential.ALTERED_SIGNATURE)
    assert not shown, Text(
        fr="un jeton dont un bit de la signature a été changé a ouvert le dossier",
        en="a token with one bit of its signature changed opened the record",
    )


@requirement("AUT-03", access=every_token_access)
def test_a_token_with_altered_claims_opens_nothing(si: System, access: Access) -> None:
    """Other claims under the old signature."""
    _json_web_token(si, access)
    shown = _spoilt_token_shows(si, access, Credential.ALTERED_CLAIMS)
    assert not shown, Text(
        fr="un jeton dont le contenu a été changé sous l'ancienne signature a ouvert le dossier",
        en="a token whose claims were changed under the old signature opened the record",
    )


@requirement("AUT-03", access=every_token_access)
def test_a_token_signed_by_another_key_opens_nothing(si: System, access: Access) -> None:
    """The same claims and key id, signed by a key that the issuer never had."""
    _json_web_token(si, access)
    shown = _spoilt_token_shows(si, access, Credential.FOREIGN_KEY)
    assert not shown, Text(
        fr="un jeton signé par une clé étrangère a ouvert le dossier",
        en="a token signed by a foreign key opened the record",
    )


@requirement("AUT-03", access=every_token_access)
def test_an_altered_opaque_token_opens_nothing(si: System, access: Access) -> None:
    """One character in the middle of the token."""
    if si.token(access).format is TokenFormat.JWT:
        raise NotApplicable(
            Text(fr="cet acteur reçoit un jeton JWT", en="this actor is given a JSON Web Token")
        )
    shown = _spoilt_token_shows(si, access, Credential.ALTERED_CHARACTER)
    assert not shown, Text(
        fr="un jeton opaque dont un caractère a été changé a ouvert le dossier",
        en="an opaque token with one character changed opened the record",
    )


@requirement("AUT-04", access=every_token_access)
def test_an_unsigned_token_opens_nothing(si: System, access: Access) -> None:
    """The token's own claims without signature, under “none” in four spellings."""
    _json_web_token(si, access)
    believed = _spoilt_tokens_that_show(si, access, UNSIGNED)
    assert not believed, Text(
        fr=f"un jeton sans signature a ouvert le dossier ({', '.join(believed)})",
        en=f"a token without signature opened the record ({', '.join(believed)})",
    )


@requirement("AUT-05", access=every_token_access)
def test_a_token_keyed_with_the_public_key_opens_nothing(si: System, access: Access) -> None:
    """The token's own claims under an HMAC whose secret is the issuer's public key."""
    _verified_with_a_published_key(si, access)
    believed = _spoilt_tokens_that_show(si, access, KEYED_WITH_PUBLIC_KEY)
    assert not believed, Text(
        fr="un jeton HS256 dont le secret est la clé publique de l'émetteur a ouvert le dossier "
        f"({', '.join(believed)})",
        en="an HS256 token whose secret is the issuer's public key opened the record "
        f"({', '.join(believed)})",
    )


@requirement("AUT-06", access=every_token_access)
def test_a_key_embedded_in_the_token_is_not_trusted(si: System, access: Access) -> None:
    """A token that carries, in its `jwk` header, the key that it is signed by."""
    _json_web_token(si, access)
    shown = _spoilt_token_shows(si, access, Credential.EMBEDDED_KEY)
    assert not shown, Text(
        fr="une clé placée dans l'en-tête du jeton lui-même (« jwk ») a été crue",
        en="a key put in the token's own header (“jwk”) was believed",
    )


@requirement("AUT-06", access=every_token_access, alone=True)
def test_a_key_behind_an_address_in_the_token_is_not_trusted(si: System, access: Access) -> None:
    """A token whose `jku`, then `x5u`, header points to the key that it is signed by."""
    _json_web_token(si, access)
    by_set = _spoilt_token_shows(si, access, Credential.KEY_ADDRESS)
    assert not by_set, Text(
        fr="une clé prise à l'adresse que donne le jeton lui-même (« jku ») a été crue",
        en="a key fetched from the address in the token itself (“jku”) was believed",
    )
    by_certificate = _spoilt_token_shows(si, access, Credential.CERTIFICATE_ADDRESS)
    assert not by_certificate, Text(
        fr="un certificat pris à l'adresse que donne le jeton lui-même (« x5u ») a été cru",
        en="a certificate fetched from the address in the token itself (“x5u”) was believed",
    )


@requirement("AUT-06", access=every_token_access, alone=True)
def test_a_key_address_in_the_token_is_not_followed(si: System, access: Access) -> None:
    """The addresses lead to a listener of ours, which nobody else has a reason to call."""
    _json_web_token(si, access)
    _spoilt_token_shows(si, access, Credential.KEY_ADDRESS)
    by_set = _calls(si, Credential.KEY_ADDRESS)
    assert not by_set, Text(
        fr="le SI est allé chercher une clé à l'adresse que donne le jeton (« jku »)",
        en="the system fetched a key from the address in the token (“jku”)",
    )
    _spoilt_token_shows(si, access, Credential.CERTIFICATE_ADDRESS)
    by_certificate = _calls(si, Credential.CERTIFICATE_ADDRESS)
    assert not by_certificate, Text(
        fr="le SI est allé chercher un certificat à l'adresse que donne le jeton (« x5u »)",
        en="the system fetched a certificate from the address in the token (“x5u”)",
    )


@requirement("AUT-07", access=every_short_lived_access)
def test_an_expired_token_opens_nothing(si: System, access: Access) -> None:
    """One token, used at once and again after its expiry; a fresh one still works then."""
    shown, wait = access.object.canaries, _until_expired(si, access)
    si.control(si.perform(access, token="expiring"), sees=shown)

    answer = si.perform(access, token="expiring", after_s=wait)

    assert not _opened(si, access, answer), Text(
        fr=f"un jeton expiré ouvrait encore le dossier, {wait} s après avoir été délivré",
        en=f"an expired token still opened the record, {wait} s after it was issued",
    )
    settled(answer, Refusal.CREDENTIAL)
    si.control(si.perform(access, token="fresh"), sees=shown)


@requirement("AUT-08", foreign=every_foreign_audience)
def test_a_token_for_another_api_opens_nothing(si: System, foreign: ForeignAudience) -> None:
    """The actor's own token, then one that the same issuer gave for another API."""
    own, stranger = foreign.own, foreign.stranger
    shown = own.object.canaries
    _for_another_audience(si, own, stranger)
    si.control(si.perform(own), sees=shown)

    answer = si.perform(stranger)

    assert not _opened(si, own, answer), Text(
        fr="un jeton délivré pour une autre API a ouvert le dossier",
        en="a token issued for another API opened the record",
    )
    settled(answer, Refusal.CREDENTIAL)
    si.control(si.perform(own), sees=shown)


@requirement("AUT-09", access=every_id_token_access)
def test_an_id_token_opens_nothing(si: System, access: Access) -> None:
    """The actor's access token, then the ID token that came with it, in its place."""
    token = si.token(access)
    if token.failure is not None:
        raise _no_token(token)
    si.hold(
        token.id_token,
        Text(
            fr="cet acteur demande un jeton d'identité (openid) et n'en a pas reçu",
            en="this actor asks for an ID token (openid) and was given none",
        ),
        Cause.PRECONDITION,
    )
    shown = _spoilt_token_shows(si, access, Credential.ID_TOKEN)
    assert not shown, Text(
        fr="un jeton d'identité a ouvert le dossier à la place d'un jeton d'accès ; attendu : un "
        "refus 401",
        en="an ID token opened the record in place of an access token; expected a refusal 401",
    )


@requirement("AUT-10", access=every_revocable_access, alone=True)
def test_a_revoked_token_opens_nothing(si: System, access: Access) -> None:
    """A token of its own is used, revoked, and used again; another of the actor's still works."""
    shown, delay = access.object.canaries, _revocation_delay(si, access)
    si.control(si.perform(access, token="spent"), sees=shown)
    _revoked(si, access, name="spent", kind="access")

    answer = si.perform(access, token="spent", retry_for_s=delay)

    assert not answer.mentions(shown), Text(
        fr=f"un jeton révoqué ouvrait encore le dossier après {delay} s",
        en=f"a revoked token still opened the record after {delay} s",
    )
    settled(answer, Refusal.CREDENTIAL)
    si.control(si.perform(access, token="other"), sees=shown)


@requirement("AUT-10", access=every_revocable_access, alone=True)
def test_a_revoked_refresh_token_renews_nothing(si: System, access: Access) -> None:
    """The actor's refresh token renews, is revoked, and must renew nothing at once."""
    token = si.token(access, name="renewed")
    if token.failure is not None:
        raise _no_token(token)
    if not token.refreshable:
        raise NotApplicable(
            Text(
                fr="cet acteur ne reçoit pas de jeton de rafraîchissement",
                en="this actor is given no refresh token",
            )
        )
    si.hold(
        si.renew(access, name="renewed").issued,
        Text(
            fr="le jeton de rafraîchissement ne renouvelait déjà rien avant d'être révoqué",
            en="the refresh token renewed nothing even before it was revoked",
        ),
    )
    _revoked(si, access, name="renewed", kind="refresh")

    renewal = si.renew(access, name="renewed")

    assert not renewal.issued, Text(
        fr="un jeton de rafraîchissement révoqué a donné un nouveau jeton d'accès",
        en="a revoked refresh token gave a new access token",
    )
    si.hold(
        renewal.error in ("invalid_grant", "invalid_token", "unauthorized_client"),
        Text(
            fr=f"le refus n'est pas celui d'un jeton invalide (statut {renewal.status})",
            en=f"the refusal isn't that of an invalid token (status {renewal.status})",
        ),
    )


def _until_expired(si: System, access: Access) -> int:
    """How long to wait for a token's expiry, the declared leeway and a second more, in seconds."""
    token = si.token(access, name="expiring")
    if token.failure is not None:
        raise _no_token(token)
    declared: int = getattr(access.actor.authentication, "token_lifetime_s", None) or 0
    lifetime = declared if token.lifetime_s is None else token.lifetime_s
    service = si.target.services.get(getattr(access.actor.authentication, "service", ""))
    leeway: int = getattr(service, "clock_leeway_s", 0)
    longest = si.parameters.expiry_wait_s
    if lifetime > longest:
        raise CannotTell(
            Cause.PRECONDITION,
            Text(
                fr=f"ce jeton dure {lifetime} s ; l'essai n'attend pas plus de {longest} s",
                en=f"this token lasts {lifetime} s; the test waits no longer than {longest} s",
            ),
        )
    return lifetime + leeway + 1


def _for_another_audience(si: System, own: Access, stranger: Access) -> None:
    """Go on only with a token that was issued, and not for the audience of the actor's own."""
    given, foreign = si.token(own), si.token(stranger)
    for token in (given, foreign):
        if token.failure is not None:
            raise _no_token(token)
    common = ", ".join(sorted(set(given.audience) & set(foreign.audience)))
    si.hold(
        not common,
        Text(
            fr=f"le jeton déclaré pour une autre API vise la même audience ({common})",
            en=f"the token declared to be for another API has the same audience ({common})",
        ),
        Cause.PRECONDITION,
    )


def _opened(si: System, access: Access, answer: Answer) -> bool:
    """Whether a token that should open nothing showed an access's object, by itself."""
    showing = answer.mentions(access.object.canaries)
    if showing:
        _because_of_the_token(si, access)
    return showing


def _no_token(token: TokenFact) -> CannotTell:
    """Why nothing can be tried with a token that wasn't obtained."""
    return CannotTell(
        Cause.PRECONDITION,
        Text(
            fr=f"l'acteur n'a pas obtenu de jeton ({token.failure})",
            en=f"the actor obtained no token ({token.failure})",
        ),
    )


def _json_web_token(si: System, access: Access) -> None:
    """Go on only with an actor whose token is a JWT (RFC 7519)."""
    token = si.token(access)
    if token.format is None:
        raise _no_token(token)
    if token.format is not TokenFormat.JWT:
        raise NotApplicable(
            Text(fr="cet acteur reçoit un jeton opaque", en="this actor is given an opaque token")
        )


def _verified_with_a_published_key(si: System, access: Access) -> None:
    """Go on only with a JWT that a public key verifies, which the issuer publishes."""
    _json_web_token(si, access)
    algorithm = si.token(access).algorithm or ""
    if algorithm.startswith("HS"):
        raise NotApplicable(
            Text(
                fr=f"le jeton de cet acteur est signé avec un secret partagé ({algorithm})",
                en=f"this actor's token is signed with a shared secret ({algorithm})",
            )
        )
    key = si.published_key(access)
    si.hold(
        key.found,
        Text(
            fr="l'émetteur ne publie pas la clé qui vérifie ce jeton (jwks_uri de ses métadonnées)",
            en="the issuer doesn't publish the key that verifies this token (its metadata's jwks_uri)",
        ),
        Cause.PRECONDITION,
    )


def _spoilt_token_shows(si: System, access: Access, credential: Credential) -> bool:
    """Whether a spoilt token shows the record, between two uses of the good one."""
    return bool(_spoilt_tokens_that_show(si, access, [credential]))


def _spoilt_tokens_that_show(
    si: System, access: Access, credentials: Sequence[Credential]
) -> list[Credential]:
    """The spoilt tokens that show the record, between two uses of the good one."""
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)
    answers = {credential: si.perform(access, credential=credential) for credential in credentials}
    showing = [credential for credential, answer in answers.items() if answer.mentions(shown)]
    if showing:
        _because_of_the_token(si, access)
        return showing
    for answer in answers.values():
        settled(answer, Refusal.CREDENTIAL)
    si.control(si.perform(access), sees=shown)
    return []


def _because_of_the_token(si: System, access: Access) -> None:
    """Hold that it is the token that opened: an operation open to all proves nothing of it."""
    bare = si.perform(access, credential=Credential.NO_TOKEN)
    if bare.mentions(access.object.canaries):
        raise CannotTell(
            Cause.PRECONDITION,
            Text(
                fr="l'opération montre le dossier même sans authentification (voir AUT-01)",
                en="the operation shows the record even without authentication (see AUT-01)",
            ),
        )


def _calls(si: System, credential: Credential) -> int:
    """How often the listener was called; absence counts only when it was listening."""
    callback = si.callback(credential)
    si.hold(
        callback.listening and callback.alive,
        Text(
            fr="le banc d'essai n'a pas d'adresse que le SI puisse joindre (manifeste : « callback »)",
            en="the harness has no address that the system can reach (manifest: “callback”)",
        ),
        Cause.PRECONDITION,
    )
    return callback.connections


def _revoked(si: System, access: Access, *, name: str, kind: str) -> None:
    """Ask for a token's revocation; that the server says 200 proves nothing by itself."""
    revocation = si.revoke(access, name=name, kind=kind)
    si.hold(
        revocation.status == 200,
        Text(
            fr=f"la révocation n'a pas été acceptée ({revocation.status or revocation.failure})",
            en=f"the revocation wasn't accepted ({revocation.status or revocation.failure})",
        ),
        Cause.PRECONDITION,
    )


def _revocation_delay(si: System, access: Access) -> int:
    """The declared delay of a revocation, no longer than the profile's cap, in seconds."""
    authentication = access.actor.authentication
    service = si.target.services.get(getattr(authentication, "service", ""))
    declared: int = getattr(service, "revocation_delay_s", 0)
    return min(declared, si.parameters.revocation_cap_s)
