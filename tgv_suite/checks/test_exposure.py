"""Exposure: a server shows whoever asks nothing of how it is made, and nothing that isn't declared."""

from __future__ import annotations

from tgv_suite import inventory
from tgv_suite.check import (
    Access,
    Answer,
    AskPerson,
    CannotTell,
    Cause,
    Described,
    DescribedSite,
    ExposedFile,
    ExposureFact,
    Site,
    System,
    Text,
    Variant,
    every_described_reading,
    every_description,
    every_reading_by_each_actor,
    every_site,
    paths_to,
    requirement,
    unanswered,
)
from tgv_suite.model.response_headers import versions_told

_TOLD = 5
_FAULTS = ("unknown-object", "unknown-path")
_SECRET = "[secret:"


@requirement("API-06", site=every_site)
def test_no_banner_tells_a_version(si: System, site: Site) -> None:
    """The headers of a permitted reading and of an error."""
    good = si.perform(site.access)
    si.control(good, sees=site.access.object.canaries)
    error = si.fetch(f"{site.origin}/zzt-inconnu")

    told = [*versions_told(good), *versions_told(error)]

    assert not told, Text(
        fr=f"un en-tête donne la version d'un logiciel : « {told[0]} » ; attendu : au plus son nom",
        en=f"a header gives the version of a program: “{told[0]}”; expected at most its name",
    )


@requirement("API-07", site=every_site)
def test_no_file_of_the_inside_is_served(si: System, site: Site) -> None:
    """A fixed list of files, known by their content, beside a path that can't exist."""
    si.control(si.perform(site.access), sees=site.access.object.canaries)

    served = _served(si.exposure(site.origin))

    assert not served, Text(
        fr=f"{served[0].path} est servi, et son contenu est celui d'un fichier « {served[0].content} »",
        en=f"{served[0].path} is served, and its content is that of a “{served[0].content}” file",
    )
    si.control(si.perform(site.access), sees=site.access.object.canaries)


@requirement("API-13", access=every_reading_by_each_actor)
def test_no_answer_shows_a_secret(si: System, access: Access) -> None:
    """A permitted reading and two errors; what stands in them of the run's own secrets."""
    good = si.perform(access)
    si.control(good, sees=access.object.canaries)
    errors = [si.malformed(access, fault) for fault in _FAULTS]
    secrets = si.secrets().marks
    si.hold(bool(secrets), Text(fr="aucun secret n'est connu", en="no secret is known"))

    for answer in (good, *errors):
        assert not answer.mentions(secrets), _shown_at(answer, secrets)
    si.control(si.perform(access), sees=access.object.canaries)
    _left_to_a_person([good, *errors])


@requirement("API-12", site=every_site)
def test_no_debugging_page_is_served(si: System, site: Site) -> None:
    """A fixed list of pages below the service, known by their content, in an ordinary user's name."""
    si.control(si.perform(site.access), sees=site.access.object.canaries)

    served = _served(si.debug_pages(site))

    assert not served, Text(
        fr=f"{served[0].path} est servi à un usager ordinaire (« {site.access.actor.role} »), et montre "
        f"l'intérieur de « {served[0].content} »",
        en=f"{served[0].path} is served to an ordinary user (“{site.access.actor.role}”), and shows "
        f"the inside of “{served[0].content}”",
    )
    si.control(si.perform(site.access), sees=site.access.object.canaries)


@requirement("API-12", described=every_described_reading)
def test_no_described_debugging_operation_shows_the_inside(
    si: System, described: DescribedSite
) -> None:
    """What the service's own description offers whoever debugs it, asked for by an ordinary user."""
    answer = si.fetch(described.url)
    si.control(answer)
    si.control(si.perform(described.access), sees=described.access.object.canaries)
    inside = (*si.secrets().marks, *described.hidden)
    si.hold(bool(inside), Text(fr="aucun secret n'est connu", en="no secret is known"))

    paths = inventory.debugging(answer.json(), described.service)[:_TOLD]
    pages = [
        si.perform(described.access, variant=Variant(name=f"described-{number}", path=path))
        for number, path in enumerate(paths, 1)
    ]

    for page in pages:
        if page.status is None:
            raise unanswered(page, Text(fr="l'opération décrite", en="the described operation"))
    showing = [path for path, page in zip(paths, pages, strict=True) if page.mentions(inside)]
    assert not showing, Text(
        fr=f"{showing[0]} montre à un usager ordinaire un secret de l'essai ou des dossiers qu'il ne "
        "peut voir ; attendu : aucune opération de débogage",
        en=f"{showing[0]} shows an ordinary user a secret of the run or records that they may not see; "
        "expected no debugging operation",
    )
    si.control(si.perform(described.access), sees=described.access.object.canaries)
    _left_to_a_person(pages)


@requirement("API-09", described=every_description)
def test_nothing_undeclared_is_described(si: System, described: Described) -> None:
    """What the service's own description offers, held against its manifest."""
    answer = si.fetch(described.url)
    si.control(answer)
    offered = inventory.described(answer.json(), described.service)
    if not offered:
        raise unanswered(
            answer, Text(fr="la description du service", en="the service's description")
        )

    beyond = inventory.beyond(offered, si.target, described.service_id)

    assert not beyond, Text(
        fr=f"la description offre {len(beyond)} opération(s) que le manifeste ne déclare pas : "
        f"{', '.join(beyond[:_TOLD])}",
        en=f"the description offers {len(beyond)} operation(s) that the manifest doesn't declare: "
        f"{', '.join(beyond[:_TOLD])}",
    )


def _served(exposure: ExposureFact) -> list[ExposedFile]:
    """What an origin serves of a list, each of whose addresses was answered."""
    if exposure.failure is not None:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr=f"une adresse de la liste n'a pas reçu de réponse ({exposure.failure})",
                en=f"an address of the list got no answer ({exposure.failure})",
            ),
        )
    return [file for file in exposure.files if file.content is not None]


def _left_to_a_person(answers: list[Answer]) -> None:
    """Ask for a person where a field is named as a secret is."""
    named = sorted({path for one in answers for path in paths_to(one.json(), _SECRET)})
    if named:
        raise AskPerson(
            Text(
                fr=f"un champ porte un nom de secret : {', '.join(named)[:200]} ; une personne doit "
                "dire ce que c'est",
                en=f"a field has a secret's name: {', '.join(named)[:200]}; a person has to say what "
                "it is",
            )
        )


def _shown_at(answer: Answer, secrets: tuple[str, ...]) -> Text:
    """That an answer shows a secret, and in which fields."""
    content = answer.json()
    at = ", ".join(sorted({path for mark in secrets for path in paths_to(content, mark)}))
    return Text(
        fr=f"une réponse (statut {answer.status}) montre un secret de l'essai, ou son empreinte "
        f"({at[:100] or 'hors de tout champ JSON'}) ; attendu : aucun",
        en=f"an answer (status {answer.status}) shows a secret of the run, or its digest "
        f"({at[:100] or 'outside of any JSON field'}); expected none",
    )
