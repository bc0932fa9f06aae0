"""Rights that are withdrawn: whoever loses them loses them at once, and nobody else does."""

from __future__ import annotations

from tgv_suite.check import (
    Answer,
    AskPerson,
    AuditFact,
    AuditRecord,
    Refusal,
    Removal,
    Restricted,
    System,
    Text,
    cause_of,
    every_access_removal,
    every_restriction,
    requirement,
    settled,
)
from tgv_suite.model.facts import Failure
from tgv_suite.noun import noun


@requirement("AZN-11", removal=every_access_removal, alone=True)
def test_whoever_loses_their_access_opens_nothing(si: System, removal: Removal) -> None:
    """A reading before, then with the same token and with a new one once access is withdrawn."""
    reading, shown = removal.reading, removal.reading.object.canaries
    delay = min(removal.delay_s, si.parameters.revocation_cap_s)
    si.control(si.perform(reading, token="before"), sees=shown)

    closed = si.perform(removal.closing)
    kept = si.perform(reading, token="before", retry_for_s=delay)
    anew = si.perform(reading, token="anew")
    reopened = si.perform(removal.reopening)

    si.control(closed)
    assert not kept.mentions(shown), Text(
        fr=f"un accès retiré ouvrait encore le dossier après {delay} s",
        en=f"an access that was withdrawn still opened the record after {delay} s",
    )
    assert not anew.mentions(shown), Text(
        fr="un accès retiré a ouvert le dossier par une nouvelle connexion",
        en="an access that was withdrawn opened the record by a new login",
    )
    settled(kept, Refusal.CREDENTIAL)
    si.control(reopened)
    si.control(si.perform(reading, token="after"), sees=shown)


@requirement("AZN-12", restricted=every_restriction, alone=True)
def test_a_restriction_stops_the_provider_whom_it_names(si: System, restricted: Restricted) -> None:
    """Two providers' readings of a person before and after she refuses one of them, and the trail."""
    hidden, spared = restricted.hidden, restricted.spared
    for access in (*restricted.readings, spared):
        si.control(si.perform(access), sees=access.object.canaries)

    done = _set(si, restricted)
    refused = [
        (access, si.perform(access, after_s=0 if number else restricted.delay_s))
        for number, access in enumerate(restricted.readings)
    ]
    allowed = si.perform(spared)
    lifted = si.perform(restricted.lifting)
    again = si.perform(spared)

    done.hold(si)
    opened = ", ".join(access.operation_id for access, one in refused if one.mentions(hidden))
    assert not opened, Text(
        fr=f"l'intervenant que la personne a refusé voit encore ses renseignements ({opened})",
        en=f"the provider whom the person refused still sees her information ({opened})",
    )
    si.control(lifted)
    si.control(again, sees=spared.object.canaries)
    shut_out = allowed.refused(Refusal.OBJECT) or allowed.refused(Refusal.CREDENTIAL)
    assert not shut_out, Text(
        fr="un intervenant que la personne n'a pas refusé ne voit plus ses renseignements "
        f"(statut {allowed.status})",
        en="a provider whom the person didn't refuse no longer sees her information "
        f"(status {allowed.status})",
    )
    si.control(allowed, sees=spared.object.canaries)
    for _, answer in refused:
        _withheld(answer)
    for access in restricted.readings:
        si.control(si.perform(access), sees=access.object.canaries)
    events = done.events(si)
    assert any(_tells_of(event, restricted) for event in events), Text(
        fr=f"le journal ne dit pas qui a posé la restriction, pour quelle personne ({len(events)} "
        "événement(s) nouveaux)",
        en=f"the audit trail doesn't say who set the restriction, for which person ({len(events)} "
        "new event(s))",
    )


@noun
class _Setting:
    """How the setting of a restriction was answered, and the trail of it where one is read."""

    status: int | None
    failure: Failure | None
    trail: AuditFact | None

    def hold(self, si: System) -> None:
        """Hold that the restriction was set."""
        si.hold(
            self.status is not None and 200 <= self.status < 300,
            Text(
                fr=f"la restriction n'a pas été posée ({self.failure or self.status})",
                en=f"the restriction wasn't set ({self.failure or self.status})",
            ),
            cause_of(self.failure),
        )

    def events(self, si: System) -> tuple[AuditRecord, ...]:
        """The events that appeared, where the trail could be read."""
        trail = self.trail
        if trail is None:
            raise AskPerson(
                Text(
                    fr="le manifeste ne dit pas où lire le journal d'accès, ou comment il nomme qui "
                    "pose la restriction : une personne doit vérifier qu'elle y est",
                    en="the manifest doesn't say where to read the audit trail, or how it names who "
                    "sets the restriction: a person has to verify that it is there",
                )
            )
        si.hold(
            trail.status == 200,
            Text(
                fr=f"le journal n'a pas répondu ({trail.failure or trail.status})",
                en=f"the audit trail didn't answer ({trail.failure or trail.status})",
            ),
            cause_of(trail.failure),
        )
        return trail.new


def _set(si: System, restricted: Restricted) -> _Setting:
    """Set the restriction, and wait for its trace where one can be read."""
    setting, service = restricted.setting, restricted.service
    if service is None or setting.actor.audit_identity is None:
        answer = si.perform(setting)
        return _Setting(status=answer.status, failure=answer.failure, trail=None)
    trail = si.audited(setting, by=service)
    return _Setting(status=trail.performed, failure=trail.performed_failure, trail=trail)


def _tells_of(event: AuditRecord, restricted: Restricted) -> bool:
    """Whether an event is of who set the restriction, and of the person whom it protects."""
    setting = restricted.setting
    return event.by(setting.actor.audit_identity or "") and event.about(restricted.person)


def _withheld(answer: Answer) -> None:
    """Hold that a reading that showed nothing was refused, or found nothing."""
    if not answer.served:
        settled(answer, Refusal.OBJECT, Refusal.CREDENTIAL)
