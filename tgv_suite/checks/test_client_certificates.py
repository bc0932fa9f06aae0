"""Client certificates: where one is demanded, neither its absence nor a stranger's opens anything."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.check import (
    Access,
    CannotTell,
    Cause,
    Credential,
    Refusal,
    System,
    Text,
    every_certificate_access,
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
