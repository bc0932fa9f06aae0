"""What the orientation of 1 May 2019 decides of a system: pure, two conditions in their order.

The first condition is prerequisite to the second: without it on record, no evidence authorises.
"""

from __future__ import annotations

from datetime import date, timedelta

from tgv_suite.model.orientation import (
    BundleOnRecord,
    CategoryRule,
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
    applicable = _applicable(orientation, on, renewal=renewal)
    if rule.rule is Rule.APPROVED:
        return Decision(status=Status.APPROVED, steps=(applicable, *_approved(rule)))
    if on < orientation.in_force and not (renewal and on >= orientation.renewals_from):
        return _refused(applicable)
    if rule.rule is Rule.CUT:
        return _cut(orientation, rule, applicable, system, bundle, on)
    concerned = (applicable, _two_conditions(system, rule))
    if condition_1 is None:
        return _refused(*concerned, _missing(bundle))
    status, second = _second(orientation, system, bundle, on)
    steps = (*concerned, _first(condition_1), second)
    if status is Status.NOT_AUTHORISED:
        return _refused(*steps)
    because = second.text if status is Status.UNDETERMINED else None
    return Decision(status=status, because=because, steps=(*steps, _both(status)))


def _approved(rule: CategoryRule) -> tuple[Step, ...]:
    approved = Text(fr="SI du gouvernement : approuvé", en="government system: approved")
    pursue = Text(
        fr="l'arrimage avec lui se poursuit", en="the integration with it goes on as it was"
    )
    return Step(text=approved, passage=rule.passage), Step(text=pursue, passage="pursue")


def _two_conditions(system: SystemIdentity, rule: CategoryRule) -> Step:
    return Step(
        text=Text(
            fr=f"catégorie « {system.category} » : deux conditions, dans cet ordre",
            en=f"category “{system.category}”: two conditions, in this order",
        ),
        passage=rule.passage,
    )


def _refused(*steps: Step) -> Decision:
    """Not authorised, because of the last step; what follows for the links is told after it."""
    return Decision(
        status=Status.NOT_AUTHORISED,
        because=steps[-1].text,
        steps=(*steps, *_consequence()) if len(steps) > 1 else steps,
    )


def _cut(
    orientation: Orientation,
    rule: CategoryRule,
    applicable: Step,
    system: SystemIdentity,
    bundle: BundleOnRecord | None,
    on: date,
) -> Decision:
    """An insurer's or a vault's links: to be cut, until evidence shows that they are."""
    text = Text(
        fr="assurance ou voûte : tous les liens à couper, immédiatement et de manière irréversible",
        en="insurance or vault: every link to be cut, immediately and irreversibly",
    )
    status, verified = _severed(orientation, system, bundle, on)
    return Decision(
        status=status, steps=(applicable, Step(text=text, passage=rule.passage), verified)
    )


def _severed(
    orientation: Orientation, system: SystemIdentity, bundle: BundleOnRecord | None, on: date
) -> tuple[Status, Step]:
    def judged(status: Status, fr: str, en: str) -> tuple[Status, Step]:
        return status, Step(
            text=Text(fr=f"coupure : {fr}", en=f"cut: {en}"), passage="links-to-cut"
        )

    if bundle is None:
        return judged(Status.TO_CUT, "aucune preuve", "no evidence")
    flaw = _flaw(orientation, system, bundle, on, severance=True)
    if flaw is not None:
        return judged(Status.TO_CUT, flaw.text.fr, flaw.text.en)
    if not (bundle.trusted and bundle.rederived) or bundle.conclusion != Conclusion.CONFORMANT:
        return judged(Status.TO_CUT, "elle n'est pas vérifiée", "it isn't verified")
    return judged(
        Status.CUT_VERIFIED,
        f"vérifiée le {bundle.ended} ({_by(bundle)})",
        f"verified on {bundle.ended} ({_by(bundle)})",
    )


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


def _missing(bundle: BundleOnRecord | None) -> Step:
    beside = bundle is not None
    more_fr = ", et aucune preuve n'y supplée" if beside else ""
    more_en = ", and no evidence makes up for it" if beside else ""
    return Step(
        text=Text(
            fr=f"condition 1 : rien au dossier ; elle est préalable à la deuxième{more_fr}",
            en=f"condition 1: nothing on record; it is prerequisite to the second{more_en}",
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
    flaw = _flaw(orientation, system, bundle, on)
    if flaw is not None:
        return _judged(Status.NOT_AUTHORISED, flaw.text.fr, flaw.text.en, flaw.passage)
    if bundle.trusted is None:
        return _judged(
            Status.UNDETERMINED,
            "le signataire n'est pas vérifié, faute de dossier de confiance (--trust)",
            "the signer isn't verified, for want of a trust folder (--trust)",
            "both",
        )
    if not bundle.rederived:
        return _judged(
            Status.UNDETERMINED,
            "des verdicts n'ont pu être refaits, faute du code qui a jugé",
            "some verdicts couldn't be derived again, for want of the code that judged",
        )
    return _concluded(bundle, on)


def _concluded(bundle: BundleOnRecord, on: date) -> tuple[Status, Step]:
    """What follows from the conclusion of evidence that counts, on that day."""
    if bundle.conclusion == Conclusion.UNDETERMINED:
        return _judged(Status.UNDETERMINED, "l'essai n'a pas conclu", "the run didn't conclude")
    if bundle.conclusion == Conclusion.NON_CONFORMANT:
        return _judged(
            Status.NOT_AUTHORISED,
            "l'essai a conclu à la non-conformité",
            "the run found non-conformity",
        )
    lapsed = [paper for paper in bundle.papers if paper.expiry < on]
    for paper in sorted(lapsed, key=lambda each: (not each.is_waiver, each.expiry)):
        if paper.is_waiver:
            return _judged(
                Status.NOT_AUTHORISED,
                f"la dérogation à {paper.requirement} a expiré le {paper.expiry}",
                f"the waiver of {paper.requirement} expired on {paper.expiry}",
            )
        return _judged(
            Status.UNDETERMINED,
            f"l'attestation de {paper.requirement} a expiré le {paper.expiry}",
            f"the attestation of {paper.requirement} expired on {paper.expiry}",
        )
    waived = [paper for paper in bundle.papers if paper.is_waiver]
    listed = ", ".join(f"{paper.requirement} → {paper.expiry}" for paper in waived)
    return _judged(
        Status.AUTHORISED,
        f"vérification réussie le {bundle.ended} ({_by(bundle)})"
        + (f", sous dérogation ({listed}) : au MSSS de l'accepter" if waived else ""),
        f"verification passed on {bundle.ended} ({_by(bundle)})"
        + (f", with waivers ({listed}): for the MSSS to accept" if waived else ""),
    )


def _by(bundle: BundleOnRecord) -> str:
    """Who verified, by what."""
    return f"{bundle.role}, {bundle.profile} {bundle.profile_version}"


def _judged(status: Status, fr: str, en: str, passage: str = "condition-2") -> tuple[Status, Step]:
    text = Text(fr=f"condition 2 : {fr}", en=f"condition 2: {en}")
    return status, Step(text=text, passage=passage)


def _flaw(
    orientation: Orientation,
    system: SystemIdentity,
    bundle: BundleOnRecord,
    on: date,
    *,
    severance: bool = False,
) -> Step | None:
    """Why evidence can't count for this system on that day, when it can't: the first reason."""
    about, wanted = f"{bundle.system} {bundle.version}", f"{system.name} {system.version}"
    expired = on > bundle.ended + timedelta(days=orientation.validity_days)
    if severance:
        other_profile = bundle.profile != orientation.severance_profile
        other_profile = other_profile or bundle.category != system.category
    else:
        other_profile = {bundle.category, bundle.profile_category} != {system.category}
    reasons = (
        (
            not bundle.sound,
            "les preuves ne sont pas intactes",
            "the evidence isn't intact",
            "condition-2",
        ),
        (
            bundle.trusted is False,
            "les preuves sont signées par une clé inconnue : personne ne répond de la vérification",
            "the evidence is signed by an unknown key: nobody answers for the verification",
            "both",
        ),
        (
            bundle.role == Mode.VENDOR,
            "les preuves sont une auto-déclaration du fournisseur, non une vérification par le MSSS",
            "the evidence is the vendor's own declaration, not a verification by the MSSS",
            "both",
        ),
        (
            bundle.role == Mode.SURVEILLANCE,
            "les preuves sont celles d'une surveillance, qui n'éprouve pas tout le profil",
            "the evidence is that of surveillance, which doesn't try the whole profile",
            "condition-2",
        ),
        (
            bundle.rehearsal and not severance,
            "les preuves sont celles d'une répétition, faite avant la condition 1",
            "the evidence is that of a rehearsal, made before condition 1",
            "order",
        ),
        (
            about != wanted,
            f"les preuves sont celles de {about}, non de {wanted}",
            f"the evidence is of {about}, not of {wanted}",
            "condition-2",
        ),
        (
            other_profile,
            "le profil éprouvé est celui d'une autre catégorie",
            "the profile that was tested is another category's",
            "condition-2",
        ),
        (
            bundle.ended > on,
            "les preuves sont d'après ce jour",
            "the evidence is later than that day",
            "both",
        ),
        (
            expired,
            f"les preuves du {bundle.ended} ne valent plus ({orientation.validity_days} jours)",
            f"the evidence of {bundle.ended} no longer counts ({orientation.validity_days} days)",
            "condition-2",
        ),
    )
    return next(
        (
            Step(text=Text(fr=fr, en=en), passage=passage)
            for holds, fr, en, passage in reasons
            if holds
        ),
        None,
    )


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


def _consequence() -> tuple[Step, Step]:
    return (
        Step(
            text=Text(fr="l'échange n'est pas autorisé", en="the exchange isn't authorised"),
            passage="otherwise",
        ),
        Step(
            text=Text(
                fr="les liens qui existent sont à couper de manière irréversible",
                en="the links that exist are to be cut irreversibly",
            ),
            passage="links-to-cut",
        ),
    )


def refusal(
    orientation: Orientation,
    *,
    system: SystemIdentity,
    condition_1: FirstCondition | None,
    profile: str,
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
    profile:
        The profile's name.
    mode:
        Who runs.
    rehearsal:
        Whether a certifier asked for a run that certifies nothing.
    """
    rule = orientation.categories[system.category]
    if profile == orientation.severance_profile:
        return None
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
