"""What the orientation of 1 May 2019 decides of a system: pure, two conditions in their order.

The first condition is prerequisite to the second: without it on record, no evidence authorises.
"""

from __future__ import annotations

from datetime import date, timedelta

from tgv_suite.model.orientation import (
    BundleOnRecord,
    Decision,
    Orientation,
    Rule,
    Status,
    Step,
)
from tgv_suite.model.results import Conclusion, Mode
from tgv_suite.model.target import FirstCondition, SystemIdentity
from tgv_suite.text import Text

_BASES = {
    "ramq-recognition": Text(
        fr="reconnaissance par la RAMQ dans un processus d'arrimage",
        en="recognition by RAMQ in an integration process",
    ),
    "msss-approval": Text(
        fr="approbation du MSSS pour l'apport à la prestation de service",
        en="approval by the MSSS for the contribution to service delivery",
    ),
}


def decide(
    orientation: Orientation,
    *,
    system: SystemIdentity,
    condition_1: FirstCondition | None,
    bundle: BundleOnRecord | None,
    on: date,
    renewal: bool = False,
) -> Decision:
    """Decide of the exchange between a system and an EMR.

    Parameters
    ----------
    orientation:
        The edition that applies.
    system:
        The system, in its version.
    condition_1:
        The first condition on record, when there is one.
    bundle:
        The second condition's evidence, when there is some.
    on:
        The day of the decision.
    renewal:
        Whether it is made in the renewal of an EMR's certification.
    """
    rule = orientation.categories[system.category]
    if rule.rule is Rule.APPROVED:
        text = Text(fr="SI du gouvernement : approuvé", en="government system: approved")
        return _decision(Status.APPROVED, Step(text=text, passage=rule.passage))
    applicable = _applicable(orientation, on, renewal=renewal)
    if on < orientation.in_force and not (renewal and on >= orientation.renewals_from):
        return _decision(Status.NOT_AUTHORISED, applicable)
    if rule.rule is Rule.CUT:
        text = Text(
            fr="assurance ou voûte : tous les liens à couper, immédiatement et de manière irréversible",
            en="insurance or vault: every link to be cut, immediately and irreversibly",
        )
        return _decision(Status.TO_CUT, applicable, Step(text=text, passage=rule.passage))
    concerned = Step(
        text=Text(
            fr=f"catégorie « {system.category} » : deux conditions, dans cet ordre",
            en=f"category “{system.category}”: two conditions, in this order",
        ),
        passage=rule.passage,
    )
    if condition_1 is None:
        return _decision(Status.NOT_AUTHORISED, applicable, concerned, _missing(), *_consequence())
    status, second = _second(orientation, system, bundle, on)
    after = _consequence() if status is Status.NOT_AUTHORISED else (_both(status),)
    return _decision(status, applicable, concerned, _first(condition_1), second, *after)


def _decision(status: Status, *steps: Step) -> Decision:
    return Decision(status=status, steps=steps)


def _applicable(orientation: Orientation, on: date, *, renewal: bool) -> Step:
    """Which orientation applies on that day."""
    if on >= orientation.in_force:
        return Step(
            text=Text(
                fr=f"en vigueur depuis le {orientation.in_force}",
                en=f"in force since {orientation.in_force}",
            ),
            passage="in-force",
        )
    if renewal and on >= orientation.renewals_from:
        return Step(
            text=Text(
                fr="renouvellement de la certification d'un DMÉ : application permise",
                en="renewal of an EMR's certification: application allowed",
            ),
            passage="renewals",
        )
    return Step(
        text=Text(
            fr=f"avant le {orientation.in_force}, seuls les SI gouvernementaux étaient autorisés",
            en=f"before {orientation.in_force}, only government systems were authorised",
        ),
        passage="former",
    )


def _missing() -> Step:
    return Step(
        text=Text(
            fr="condition 1 : rien au dossier ; elle est préalable à la deuxième",
            en="condition 1: nothing on record; it is prerequisite to the second",
        ),
        passage="order",
    )


def _first(condition: FirstCondition) -> Step:
    basis = _BASES[condition.basis]
    return Step(
        text=Text(
            fr=f"condition 1 : {basis.fr} ({condition.reference})",
            en=f"condition 1: {basis.en} ({condition.reference})",
        ),
        passage="condition-1",
    )


def _second(
    orientation: Orientation, system: SystemIdentity, bundle: BundleOnRecord | None, on: date
) -> tuple[Status, Step]:
    """The second condition: the TGV verification of this very version, still valid."""
    if bundle is None:
        return _judged(Status.NOT_AUTHORISED, "aucune preuve", "no evidence")
    fault = _fault(orientation, system, bundle, on)
    if fault is not None:
        return _judged(Status.NOT_AUTHORISED, fault.fr, fault.en)
    if bundle.trusted is None:
        return _judged(
            Status.UNDETERMINED,
            "le signataire n'est pas vérifié, faute de dossier de confiance",
            "the signer isn't verified, for want of a trust folder",
        )
    if bundle.conclusion == Conclusion.UNDETERMINED:
        return _judged(Status.UNDETERMINED, "l'essai n'a pas conclu", "the run didn't conclude")
    if bundle.conclusion == Conclusion.NON_CONFORMANT:
        return _judged(
            Status.NOT_AUTHORISED,
            "l'essai a conclu à la non-conformité",
            "the run found non-conformity",
        )
    return _judged(
        Status.AUTHORISED,
        f"vérification réussie le {bundle.ended} ({bundle.role})",
        f"verification passed on {bundle.ended} ({bundle.role})",
    )


def _judged(status: Status, fr: str, en: str) -> tuple[Status, Step]:
    return status, Step(
        text=Text(fr=f"condition 2 : {fr}", en=f"condition 2: {en}"), passage="condition-2"
    )


def _fault(
    orientation: Orientation, system: SystemIdentity, bundle: BundleOnRecord, on: date
) -> Text | None:
    """Why evidence can't count for this system on that day, when it can't: the first reason."""
    about, wanted = f"{bundle.system} {bundle.version}", f"{system.name} {system.version}"
    expired = on > bundle.ended + timedelta(days=orientation.validity_days)
    categories = {bundle.category, bundle.profile_category, system.category}
    reasons = (
        (not bundle.sound, "les preuves ne sont pas intactes", "the evidence isn't intact"),
        (
            bundle.trusted is False,
            "les preuves sont signées par une clé inconnue",
            "the evidence is signed by an unknown key",
        ),
        (
            bundle.role == Mode.VENDOR,
            "les preuves sont une auto-déclaration du fournisseur",
            "the evidence is the vendor's own declaration",
        ),
        (
            about != wanted,
            f"les preuves sont celles de {about}, non de {wanted}",
            f"the evidence is of {about}, not of {wanted}",
        ),
        (
            len(categories) > 1,
            "le profil éprouvé est celui d'une autre catégorie",
            "the profile that was tested is another category's",
        ),
        (
            bundle.ended > on,
            "les preuves sont d'après ce jour",
            "the evidence is later than that day",
        ),
        (
            expired,
            f"les preuves du {bundle.ended} ne valent plus ({orientation.validity_days} jours)",
            f"the evidence of {bundle.ended} no longer counts ({orientation.validity_days} days)",
        ),
    )
    return next((Text(fr=fr, en=en) for holds, fr, en in reasons if holds), None)


def _both(status: Status) -> Step:
    if status is Status.AUTHORISED:
        text = Text(
            fr="les deux conditions sont au dossier : l'échange peut être autorisé par le MSSS",
            en="both conditions are on record: the exchange may be authorised by the MSSS",
        )
    else:
        text = Text(
            fr="les deux conditions n'ont pas été vérifiées : rien ne peut être décidé",
            en="both conditions haven't been verified: nothing can be decided",
        )
    return Step(text=text, passage="both")


def _consequence() -> tuple[Step]:
    return (
        Step(
            text=Text(
                fr="l'échange n'est pas autorisé ; les liens sont à couper de manière irréversible",
                en="the exchange isn't authorised; the links are to be cut irreversibly",
            ),
            passage="otherwise",
        ),
    )


def refusal(
    orientation: Orientation,
    *,
    system: SystemIdentity,
    condition_1: FirstCondition | None,
    mode: Mode,
    rehearsal: bool,
) -> Step | None:
    """Why a profile may not be run against a system, when it may not.

    Parameters
    ----------
    orientation:
        The edition that applies.
    system, condition_1:
        The system, and its first condition on record.
    mode:
        Who runs.
    rehearsal:
        Whether a certifier asked for a run that certifies nothing.
    """
    rule = orientation.categories[system.category]
    if rule.rule is Rule.CUT:
        text = Text(
            fr="les liens de cette catégorie sont à couper : seul le profil de la coupure s'y applique",
            en="the links of this category are to be cut: only the cut's profile applies to it",
        )
        return Step(text=text, passage=rule.passage)
    if mode is Mode.CERTIFIER and condition_1 is None and not rehearsal:
        text = Text(
            fr="la condition 1 n'est pas au dossier, et elle est préalable (--rehearsal : répéter sans certifier)",
            en="condition 1 isn't on record, and it is prerequisite (--rehearsal: run without certifying)",
        )
        return Step(text=text, passage="order")
    return None
