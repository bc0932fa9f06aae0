"""Client certificates: where one is demanded, neither its absence nor a stranger's opens anything."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.check import (
    Access,
    Bound,
    CannotTell,
    Cause,
    Credential,
    Refusal,
    System,
    Text,
    every_bound_access,
    every_certificate_access,
    every_withdrawn_certificate,
    requirement,
    settled,
)


@requirement("AUT-02", access=every_certificate_access)
def test_no_certificate_opens_nothing(si: System, access: Access) -> None:
    """The same reading with the actor's certificate, then without, all else being presented."""
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)

    answer = settled(
        si.perform(access, credential=Credential.NO_CERTIFICATE), Refusal.CERTIFICATE, hidden=shown
    )

    assert not answer.mentions(shown), Text(
        fr=f"sans certificat client, le dossier a été montré (statut {answer.status}) ; "
        "attendu : un refus par TLS ou par HTTP, sans rien du dossier",
        en=f"without a client certificate, the record was shown (status {answer.status}); "
        "expected a refusal by TLS or by HTTP, with nothing of the record",
    )
    si.control(si.perform(access), sees=shown)


@requirement("AUT-02", access=every_certificate_access)
def test_a_certificate_of_another_authority_opens_nothing(si: System, access: Access) -> None:
    """The same names under an authority of ours, then under the one that was supplied."""
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)

    answers = [si.perform(access, credential=stranger) for stranger in _strangers(access)]

    believed = [answer.credential for answer in answers if answer.mentions(shown)]
    if believed:
        _demanded(si, access)
    assert not believed, Text(
        fr=f"un certificat d'une autre autorité a ouvert le dossier ({', '.join(believed)})",
        en=f"a certificate of another authority opened the record ({', '.join(believed)})",
    )
    for answer in answers:
        settled(answer, Refusal.CERTIFICATE)
    si.control(si.perform(access), sees=shown)


@requirement("AUT-11", bound=every_bound_access)
def test_a_bound_token_opens_nothing_without_its_certificate(si: System, bound: Bound) -> None:
    """The token with its certificate, then without, wherever the same may be asked for."""
    access = bound.access
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)

    answers = [
        si.perform(entrance, credential=Credential.NO_CERTIFICATE)
        for entrance in (access, *bound.elsewhere)
    ]

    believed = [answer.request.url for answer in answers if answer.mentions(shown)]
    if believed:
        _needs_the_token(si, bound, Credential.NONE)
    assert not believed, Text(
        fr=f"un jeton lié à un certificat a ouvert le dossier sans ce certificat ({believed[0]}) ; "
        "attendu : un refus 401",
        en=f"a token bound to a certificate opened the record without it ({believed[0]}); expected "
        "a refusal 401",
    )
    for answer in answers:
        settled(answer, Refusal.CERTIFICATE)
    si.control(si.perform(access), sees=shown)


@requirement("AUT-11", bound=every_bound_access)
def test_a_bound_token_opens_nothing_with_another_certificate(si: System, bound: Bound) -> None:
    """The token with its certificate, then with that of another declared client."""
    access = bound.access
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)

    answer = si.perform(access, credential=Credential.OTHER_CLIENT)

    if answer.mentions(shown):
        _needs_the_token(si, bound, Credential.NO_TOKEN)
    assert not answer.mentions(shown), Text(
        fr="un jeton lié à un certificat a ouvert le dossier avec celui d'un autre client ; "
        "attendu : un refus 401",
        en="a token bound to a certificate opened the record with another client's; expected a "
        "refusal 401",
    )
    settled(answer, Refusal.CERTIFICATE)
    si.control(si.perform(access), sees=shown)


@requirement("AUT-28", access=every_withdrawn_certificate)
def test_a_certificate_that_is_no_longer_good_opens_nothing(si: System, access: Access) -> None:
    """The actor's good certificate, then those of theirs that were revoked or have expired."""
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)

    answers = [si.perform(access, credential=withdrawn) for withdrawn in _withdrawn(access)]

    believed = [answer.credential for answer in answers if answer.mentions(shown)]
    if believed:
        _demanded(si, access)
    assert not believed, Text(
        fr=f"un certificat client qui n'est plus bon a ouvert le dossier ({', '.join(believed)}) ; "
        "attendu : un refus par TLS ou par HTTP",
        en=f"a client certificate that is no longer good opened the record ({', '.join(believed)}); "
        "expected a refusal by TLS or by HTTP",
    )
    for answer in answers:
        settled(answer, Refusal.CERTIFICATE)
    missing = {Credential.REVOKED_CERTIFICATE, Credential.EXPIRED_CERTIFICATE} - {
        *_withdrawn(access)
    }
    si.hold(
        not missing,
        Text(
            fr=f"le manifeste ne fournit pas l'autre certificat ({', '.join(missing)})",
            en=f"the manifest doesn't supply the other certificate ({', '.join(missing)})",
        ),
        Cause.PRECONDITION,
    )
    si.control(si.perform(access), sees=shown)


def _needs_the_token(si: System, bound: Bound, bare: Credential) -> None:
    """Hold that the token opened: where nothing is needed, its binding proves nothing."""
    for entrance in (bound.access, *bound.elsewhere):
        if si.perform(entrance, credential=bare).mentions(bound.access.object.canaries):
            raise CannotTell(
                Cause.PRECONDITION,
                Text(
                    fr="l'opération montre le dossier même sans jeton (voir AUT-01, AUT-02)",
                    en="the operation shows the record even without a token (see AUT-01, AUT-02)",
                ),
            )


def _withdrawn(access: Access) -> Sequence[Credential]:
    """The certificates that were supplied and aren't good any more."""
    supplied = {
        Credential.REVOKED_CERTIFICATE: "revoked_certificate",
        Credential.EXPIRED_CERTIFICATE: "expired_certificate",
    }
    declared = access.actor.authentication
    return [kind for kind, field in supplied.items() if getattr(declared, field, None) is not None]


def _strangers(access: Access) -> Sequence[Credential]:
    """The certificates of other authorities that can be presented."""
    supplied = getattr(access.actor.authentication, "other_authority_certificate", None)
    made_up = (Credential.MADE_UP_AUTHORITY,)
    return made_up if supplied is None else (*made_up, Credential.OTHER_AUTHORITY)


def _demanded(si: System, access: Access) -> None:
    """Hold that a certificate is needed at all: where none is, another one proves nothing."""
    bare = si.perform(access, credential=Credential.NO_CERTIFICATE)
    if bare.mentions(access.object.canaries):
        raise CannotTell(
            Cause.PRECONDITION,
            Text(
                fr="l'opération montre le dossier même sans certificat client",
                en="the operation shows the record even without a client certificate",
            ),
        )
