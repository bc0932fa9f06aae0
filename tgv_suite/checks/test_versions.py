"""Other versions: what this version of a service refuses, no forgotten one serves."""

from __future__ import annotations

from tgv_suite.check import (
    Answer,
    Credential,
    NotApplicable,
    Refusal,
    System,
    Text,
    Variant,
    Versioned,
    every_versioned_reading,
    requirement,
    unanswered,
)

_OVERLOADED = 429


@requirement("API-08", versioned=every_versioned_reading)
def test_no_other_version_serves_what_this_one_refuses(si: System, versioned: Versioned) -> None:
    """The permitted reading, then in other versions; where one serves it, what it must refuse."""
    own = versioned.own
    si.control(si.perform(own), sees=own.object.canaries)
    for foreign in versioned.foreign:
        si.control(si.perform(foreign), sees=foreign.object.canaries)
    unlikely = [si.perform(own, variant=variant) for variant in versioned.unlikely]
    _hold_told_apart(unlikely, own.object.canaries)
    nowhere = {answer.status for answer in unlikely}

    for variant in _serving(si, versioned, nowhere):
        unknown = si.perform(own, credential=Credential.NONE, variant=variant)

        assert not unknown.mentions(own.object.canaries), Text(
            fr=f"une autre version ({variant.base}) montre l'objet à qui ne présente rien ; attendu : "
            "401, ou aucune autre version",
            en=f"another version ({variant.base}) shows the object to whoever presents nothing; "
            "expected 401, or no other version",
        )
        _answered(unknown)
        for foreign in versioned.foreign:
            crossed = si.perform(own, on=foreign, variant=variant)

            assert not crossed.mentions(foreign.object.canaries), Text(
                fr=f"une autre version ({variant.base}) montre à « {own.actor_id} » un objet qui lui est "
                "refusé ici ; attendu : 403 ou 404",
                en=f"another version ({variant.base}) shows “{own.actor_id}” an object that is refused "
                "to them here; expected 403 or 404",
            )
            _answered(crossed)
    si.control(si.perform(own), sees=own.object.canaries)


def _hold_told_apart(unlikely: list[Answer], marks: tuple[str, ...]) -> None:
    """Hold that a version that no service ever had isn't served as this one."""
    if any(answer.mentions(marks) for answer in unlikely):
        raise NotApplicable(
            Text(
                fr="le service répond de la même façon sous n'importe quel nom de version : il n'y en a "
                "qu'une",
                en="the service answers alike under any version's name: there is only one",
            )
        )


def _serving(si: System, versioned: Versioned, nowhere: set[int | None]) -> list[Variant]:
    """The other versions that serve the reading to its actor; each is told of."""
    own, serving = versioned.own, []
    for variant in versioned.versions:
        answer = si.perform(own, variant=variant)
        if answer.mentions(own.object.canaries):
            serving.append(variant)
            si.note(
                Text(
                    fr=f"une autre version du service est en service ({variant.base})",
                    en=f"another version of the service is in service ({variant.base})",
                )
            )
        elif answer.status not in nowhere or answer.status is None:
            _answered(answer)
    return serving


def _answered(answer: Answer) -> None:
    """Hold that the system answered by itself, and didn't only fail."""
    if answer.refused(Refusal.CREDENTIAL):
        return
    said = answer.status
    if said is None or said >= 500 or said == _OVERLOADED:
        raise unanswered(answer, Text(fr="l'autre version", en="the other version"))
