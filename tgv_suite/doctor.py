"""Before a run: whether everything that it will need works, and how to mend what doesn't."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tgv_suite.load.target import LoadedTarget
from tgv_suite.material import inspect
from tgv_suite.model.facts import Answer, Failure, Refusal, Truncated
from tgv_suite.model.target import (
    AuditService,
    NoAuthentication,
    OAuth2Authentication,
    OperationKind,
    SignatureAuthentication,
    Target,
    TokenLoginAuthentication,
)
from tgv_suite.model.tls import ChainFact, ChainOutcome
from tgv_suite.noun import noun
from tgv_suite.session import probing
from tgv_suite.subjects.audit import every_audited_reading
from tgv_suite.subjects.declared import READS, permitted_accesses
from tgv_suite.subjects.readings import every_protected_reading
from tgv_suite.subjects.subject import Access, AuditedReading, Endpoint, Undeclared
from tgv_suite.subjects.transport import every_tls_endpoint
from tgv_suite.system import Call, Probes, unanswered
from tgv_suite.text import Text


@noun
class Diagnosis:
    """One thing that a run needs.

    Parameters
    ----------
    subject:
        What was tried: an endpoint, an actor, an operation.
    works:
        Whether it was tried and seen to work, or is there where trying it would change something.
    found:
        What was found.
    remedy:
        How to mend it; None when a run can do without.
    """

    subject: str
    works: bool
    found: Text
    remedy: Text | None = None


_FORBIDDEN = 403  # a right that is missing here (RFC 9110 §15.5.4); elsewhere there may be one
_ASKED_FOR = (OAuth2Authentication, TokenLoginAuthentication)
"""Who obtains a token before anything else."""
_WORKS = Text(fr="fonctionne", en="works")
_REMEDIES: dict[Failure, Text] = {
    Failure.UNREACHABLE: Text(
        fr="vérifiez l'hôte, le port et le pare-feu", en="check the host, the port and the firewall"
    ),
    Failure.TIMEOUT: Text(
        fr="vérifiez que le service répond d'ici", en="check that the service answers from here"
    ),
    Failure.NOT_TRUSTED: Text(
        fr="corrigez le certificat, ou déclarez votre autorité privée sous « trust_anchors »",
        en="mend the certificate, or declare your private authority under “trust_anchors”",
    ),
    Failure.TLS_REFUSED: Text(
        fr="vérifiez le certificat client de cet acteur : son échéance, son autorité",
        en="check this actor's client certificate: its expiry, its authority",
    ),
    Failure.NO_CREDENTIAL: Text(
        fr="vérifiez l'authentification de cet acteur (client, clé, portée)",
        en="check this actor's authentication (client, key, scope)",
    ),
    Failure.MALFORMED: Text(
        fr="vérifiez que cette adresse est celle d'un service HTTP",
        en="check that this address is an HTTP service's",
    ),
    Failure.HALTED: Text(
        fr="corrigez d'abord ce qui a arrêté le diagnostic",
        en="first mend what stopped the diagnosis",
    ),
    Failure.OUT_OF_SCOPE: Text(
        fr="ajoutez cette adresse à « scope.hosts », si l'essai y est autorisé",
        en="add this address to “scope.hosts”, if the test is authorised there",
    ),
}
_TEMPLATE = Text(
    fr="comparez le chemin, l'objet et ses repères (« canaries ») à ce que le SI montre",
    en="compare the path, the object and its canaries to what the system shows",
)
_RIGHTS = Text(
    fr="donnez-lui ce droit dans le SI, ou retirez cet acteur des « actors » de l'opération",
    en="give them that right in the system, or remove this actor from the operation's “actors”",
)
_BREAKDOWN = Text(
    fr="cherchez cette erreur dans les journaux du SI",
    en="look for this error in the system's logs",
)
_DECLARE = Text(
    fr="déclarez une lecture que cet acteur peut faire (« operations »), et un objet qui lui appartient",
    en="declare a reading that this actor may do (“operations”), and an object of theirs",
)


def examine(loaded: LoadedTarget) -> Iterator[Diagnosis]:
    """Try each endpoint, each actor's credentials, and one permitted reading an operation.

    What can't be read or doesn't work is told, and the rest is tried all the same.

    Parameters
    ----------
    loaded:
        The system.

    Raises
    ------
    RunRefused
        When this machine can't listen at the callback address; nothing was sent.
    """
    material = inspect(loaded)
    ailing = set()
    for fault in material.unusable:
        ailing.add(fault.subject)
        yield Diagnosis(subject=fault.subject, works=False, found=fault.found, remedy=fault.remedy)
    target = material.usable.target
    with probing(material.usable, jobs=1) as open_:
        yield from _endpoints(target, open_.probes)
        for name, actor in target.actors.items():
            if isinstance(actor.authentication, _ASKED_FOR):
                diagnosis = _token(name, open_.probes)
                ailing |= set() if diagnosis.works else {name}
                yield diagnosis
        yield from _readings(target, ailing, open_.probes)
        yield from _audit_trail(target, ailing, open_.probes)
        halted = open_.recorder.halted
    if halted is not None:
        subject = loaded.target.system.name
        remedy = _REMEDIES[Failure.UNREACHABLE]
        yield Diagnosis(subject=subject, works=False, found=halted, remedy=remedy)
    yield from _untried(target)
    readings = every_protected_reading(loaded.target)
    if isinstance(readings, Undeclared):
        yield Diagnosis(subject="operations", works=False, found=readings.missing, remedy=_DECLARE)


def _endpoints(target: Target, probes: Probes) -> Iterator[Diagnosis]:
    endpoints = every_tls_endpoint(target)
    for endpoint in [] if isinstance(endpoints, Undeclared) else endpoints:
        if isinstance(endpoint, Endpoint):
            yield _endpoint(f"{endpoint.host}:{endpoint.port}", probes.chain(endpoint))


def _endpoint(subject: str, chain: ChainFact) -> Diagnosis:
    if chain.outcome is ChainOutcome.UNREACHABLE:
        said = f" ({chain.cause})" if chain.cause else ""
        found = Text(fr=f"n'est pas joignable{said}", en=f"can't be reached{said}")
        remedy = _REMEDIES[Failure.UNREACHABLE]
        return Diagnosis(subject=subject, works=False, found=found, remedy=remedy)
    outdated = _outdated(chain)
    if outdated is not None:
        remedy = _REMEDIES[Failure.NOT_TRUSTED]
        return Diagnosis(subject=subject, works=False, found=outdated, remedy=remedy)
    if chain.chain_error is not None or chain.host_matches is False or not chain.certificates:
        said = chain.chain_error or chain.cause or "host name"
        found = Text(fr=f"certificat non vérifié ({said})", en=f"certificate not verified ({said})")
        remedy = _REMEDIES[Failure.NOT_TRUSTED]
        return Diagnosis(subject=subject, works=False, found=found, remedy=remedy)
    return Diagnosis(subject=subject, works=True, found=_WORKS)


def _outdated(chain: ChainFact) -> Text | None:
    """Which certificate of a chain isn't valid today, when one isn't."""
    for certificate in chain.certificates:
        if certificate.not_after < chain.verified_at:
            since = certificate.not_after
            return Text(
                fr=f"un certificat est expiré depuis le {since}",
                en=f"a certificate expired on {since}",
            )
        if certificate.not_before > chain.verified_at:
            until = certificate.not_before
            return Text(
                fr=f"un certificat n'est pas valide avant le {until}",
                en=f"a certificate isn't valid before {until}",
            )
    return None


def _token(name: str, probes: Probes) -> Diagnosis:
    token = probes.token(name, "shared")
    if token.failure is None:
        return Diagnosis(subject=name, works=True, found=_WORKS)
    found = Text(
        fr=f"n'obtient pas de jeton ({token.failure})", en=f"obtains no token ({token.failure})"
    )
    remedy = _REMEDIES[Failure.NO_CREDENTIAL]
    return Diagnosis(subject=name, works=False, found=found, remedy=remedy)


def _readings(target: Target, ailing: Collection[str], probes: Probes) -> Iterator[Diagnosis]:
    """One reading an operation, and one an actor, by the fewest that tell both.

    An actor whose credential is refused leaves the operation to the next one.
    """
    spent, operations, actors = set(ailing), set[str](), set[str]()
    accesses = permitted_accesses(target, READS)
    for access in sorted(accesses, key=lambda access: access.actor.sacrificial):
        known = access.operation_id in operations and access.actor_id in actors
        if known or access.actor_id in spent:
            continue
        answer = probes.perform(Call.of(access))
        actors.add(access.actor_id)
        if not answer.refused(Refusal.CREDENTIAL):
            operations.add(access.operation_id)
        elif answer.status != _FORBIDDEN:
            spent.add(access.actor_id)
        yield _reading(access, answer)


def _reading(access: Access, answer: Answer) -> Diagnosis:
    if not answer.served:
        return _unserved(access.name, answer)
    if not access.object.canaries:
        found = Text(
            fr="répond, et l'objet n'a pas de repère (« canaries ») par lequel le reconnaître",
            en="answers, and the object has no canaries to know it by",
        )
        return Diagnosis(subject=access.name, works=True, found=found)
    try:
        shown = answer.mentions(access.object.canaries)
    except Truncated:
        shown = False
    if shown:
        return Diagnosis(subject=access.name, works=True, found=_WORKS)
    found = Text(
        fr="répond sans montrer l'objet attendu", en="answers without showing the expected object"
    )
    return Diagnosis(subject=access.name, works=False, found=found, remedy=_TEMPLATE)


def _audit_trail(target: Target, ailing: Collection[str], probes: Probes) -> Iterator[Diagnosis]:
    """The audit trail of the first person whose trace a run will look for."""
    audited = every_audited_reading(target)
    for reading in [] if isinstance(audited, Undeclared) else audited[:1]:
        if isinstance(reading, AuditedReading) and reading.service.actor not in ailing:
            operation, actor = reading.service.operation, reading.service.actor
            answer = probes.perform(
                Call(operation=operation, actor=actor, object=reading.access.object_id)
            )
            subject = f"{operation}.{actor}"
            if answer.served:
                yield Diagnosis(subject=subject, works=True, found=_WORKS)
            else:
                yield _unserved(subject, answer)


def _unserved(subject: str, answer: Answer) -> Diagnosis:
    said = unanswered(answer, Text(fr="la lecture permise", en="the permitted reading")).reason
    return Diagnosis(subject=subject, works=False, found=said, remedy=_remedy(answer))


def _remedy(answer: Answer) -> Text:
    if answer.failure is not None:
        return _REMEDIES[answer.failure]
    if answer.status == _FORBIDDEN:
        return _RIGHTS
    if answer.refused(Refusal.CREDENTIAL):
        return _REMEDIES[Failure.NO_CREDENTIAL]
    return _BREAKDOWN if (answer.status or 0) >= 500 else _TEMPLATE


_SIGNS = Text(
    fr="a sa clé ; ce qu'il signe modifie quelque chose, et n'est pas envoyé ici",
    en="has its key; what it signs changes something, and isn't sent here",
)


def _untried(target: Target) -> Iterator[Diagnosis]:
    """The actors whose credential nothing harmless could try."""
    reading = {access.actor_id for access in permitted_accesses(target, READS)}
    reading |= {s.actor for s in target.services.values() if isinstance(s, AuditService)}
    acting = {access.actor_id for access in permitted_accesses(target, tuple(OperationKind))}
    for name, actor in target.actors.items():
        alone = isinstance(actor.authentication, (NoAuthentication, *_ASKED_FOR))
        if alone or name in reading:
            continue
        if isinstance(actor.authentication, SignatureAuthentication):
            yield Diagnosis(subject=name, works=True, found=_SIGNS)
            continue
        found = Text(
            fr="n'a pu être éprouvé : aucune lecture permise à cet acteur n'est déclarée",
            en="couldn't be tried: no reading that this actor may do is declared",
        )
        unused = Text(
            fr=f"{found.fr} ; aucun essai ne s'en servira",
            en=f"{found.en}; no run will use it",
        )
        needed = name in acting
        yield Diagnosis(
            subject=name,
            works=False,
            found=found if needed else unused,
            remedy=_DECLARE if needed else None,
        )
