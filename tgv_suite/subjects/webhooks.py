"""Subjects of the checks of what other systems tell the system by calling it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.target import OperationKind, SignatureAuthentication, Target
from tgv_suite.subjects.declared import access_of, permitted_accesses
from tgv_suite.subjects.subject import Callback, Subject, Undeclared
from tgv_suite.text import Text


def every_signed_callback(target: Target) -> Sequence[Subject] | Undeclared:
    """Each change that is made by whoever signs it, with the reading that shows its effect."""
    signing = [
        actor
        for actor in target.actors.values()
        if isinstance(actor.authentication, SignatureAuthentication)
    ]
    if not signing:
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, aucun acteur n'appelle le SI en signant ce qu'il envoie",
                en="by the manifest, no actor calls the system by signing what it sends",
            ),
            offered=False,
        )
    return list(_callbacks(target)) or Undeclared(
        missing=Text(
            fr="aucune modification signée n'est déclarée, avec la lecture qui en montre l'effet à "
            "quelqu'un",
            en="no signed change is declared, with the reading that shows its effect to somebody",
        )
    )


def _callbacks(target: Target) -> Iterator[Callback]:
    for write in permitted_accesses(target, [OperationKind.UPDATE]):
        declared, shows = write.actor.authentication, write.operation.read_back
        if not isinstance(declared, SignatureAuthentication) or shows is None:
            continue
        for reader in target.operations[shows].actors:
            if reader in write.object.owners and not target.actors[reader].sacrificial:
                reading = access_of(target, shows, reader, write.object_id)
                yield Callback(write=write, reading=reading, delay_s=declared.delay_s)
                break
