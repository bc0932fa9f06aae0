"""Before a run: whether everything that it will need works, and how to mend what doesn't."""

from __future__ import annotations

from collections.abc import Iterator

from tgv_suite.load.target import LoadedTarget
from tgv_suite.model.facts import Answer, Failure
from tgv_suite.model.target import OAuth2Authentication
from tgv_suite.model.tls import ChainOutcome
from tgv_suite.noun import noun
from tgv_suite.session import probing
from tgv_suite.subjects.readings import every_protected_reading
from tgv_suite.subjects.subject import Access, Endpoint, Undeclared
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
    found:
        What was found.
    remedy:
        How to mend it; None when there is nothing to mend.
    """

    subject: str
    found: Text
    remedy: Text | None = None


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
    Failure.NO_CREDENTIAL: Text(
        fr="vérifiez l'authentification de cet acteur (client, clé, portée)",
        en="check this actor's authentication (client, key, scope)",
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


def examine(loaded: LoadedTarget) -> Iterator[Diagnosis]:
    """Try each endpoint, each actor's credentials, and one permitted reading an operation.

    Parameters
    ----------
    loaded:
        The system.

    Raises
    ------
    SecretUnavailable
        When a secret of the manifest can't be read; nothing was sent.
    """
    target = loaded.target
    endpoints, readings = every_tls_endpoint(target), every_protected_reading(target)
    with probing(loaded, jobs=1) as open_:
        for endpoint in [] if isinstance(endpoints, Undeclared) else endpoints:
            if isinstance(endpoint, Endpoint):
                yield _endpoint(endpoint, open_.probes)
        for name, actor in target.actors.items():
            if isinstance(actor.authentication, OAuth2Authentication):
                yield _actor(name, open_.probes)
        for access in [] if isinstance(readings, Undeclared) else readings:
            if isinstance(access, Access):
                yield _reading(access, open_.probes)
    if isinstance(readings, Undeclared):
        yield Diagnosis(subject="operations", found=readings.missing, remedy=_TEMPLATE)


def _endpoint(endpoint: Endpoint, probes: Probes) -> Diagnosis:
    chain = probes.chain(endpoint)
    subject = f"{endpoint.host}:{endpoint.port}"
    if chain.outcome is ChainOutcome.UNREACHABLE:
        found = Text(fr="n'est pas joignable", en="can't be reached")
        return Diagnosis(subject=subject, found=found, remedy=_REMEDIES[Failure.UNREACHABLE])
    if chain.chain_error is not None or chain.host_matches is False or not chain.certificates:
        said = chain.chain_error or chain.cause or "host name"
        found = Text(fr=f"certificat non vérifié ({said})", en=f"certificate not verified ({said})")
        return Diagnosis(subject=subject, found=found, remedy=_REMEDIES[Failure.NOT_TRUSTED])
    return Diagnosis(subject=subject, found=_WORKS)


def _actor(name: str, probes: Probes) -> Diagnosis:
    token = probes.token(name, "shared")
    if token.failure is None:
        return Diagnosis(subject=name, found=_WORKS)
    found = Text(
        fr=f"n'obtient pas de jeton ({token.failure})", en=f"obtains no token ({token.failure})"
    )
    return Diagnosis(subject=name, found=found, remedy=_REMEDIES[Failure.NO_CREDENTIAL])


def _reading(access: Access, probes: Probes) -> Diagnosis:
    call = Call(operation=access.operation_id, actor=access.actor_id, object=access.object_id)
    answer = probes.perform(call)
    if answer.served and answer.mentions(access.object.canaries):
        return Diagnosis(subject=access.name, found=_WORKS)
    return Diagnosis(subject=access.name, found=_said(answer), remedy=_remedy(answer))


def _said(answer: Answer) -> Text:
    if answer.served:
        return Text(
            fr="répond sans montrer l'objet attendu",
            en="answers without showing the expected object",
        )
    return unanswered(answer, Text(fr="la lecture permise", en="the permitted reading")).reason


def _remedy(answer: Answer) -> Text:
    return _TEMPLATE if answer.failure is None else _REMEDIES.get(answer.failure, _TEMPLATE)
