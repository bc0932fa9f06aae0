"""The catalogue and the profile that travel with the product, and the loaders that read them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from tgv_suite import locations
from tgv_suite.errors import InputFaults
from tgv_suite.load.catalogue import load_catalogue, load_family, load_profile, profile_names
from tgv_suite.load.dump import dump
from tgv_suite.load.schema import KINDS, file_name, json_schema, published
from tgv_suite.model.catalogue import Catalogue, Level, Method, level_of
from tgv_suite.text import Text

FOLDER = locations.profiles()
FILES = sorted(FOLDER.rglob("*.yaml"))

FAMILY = """\
schema: tgv-requirements/1
family: TLS
title: {fr: Transport, en: Transport layer}
requirements:
  - id: TLS-01
    role: client
    safety: passive
    severity: critical
    title: {fr: a, en: b}
    statement: {fr: a, en: b}
    why: {fr: a, en: b}
    remedy: {fr: a, en: b}
    limits: {fr: a, en: b}
    sources:
      - {name: RFC 8996}
"""
PROFILE = """\
schema: tgv-profile/1
id: essai
version: "1"
title: {fr: Essai, en: Test}
purpose: {fr: Essayer, en: To test}
category: appointment-booking
orientation: texte
requirements:
  - id: TLS-01
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(FOLDER)


def folder(tmp_path: Path, **families: str) -> Path:
    (tmp_path / "requirements").mkdir(exist_ok=True)
    for name, text in families.items():
        (tmp_path / "requirements" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def told(error: InputFaults) -> str:
    return "\n".join(error.lines("en"))


def test_every_text_of_the_catalogue_exists_in_both_languages(catalogue: Catalogue) -> None:
    texts: list[Text] = list(catalogue.families.values())
    for one in catalogue.requirements.values():
        texts += [one.title, one.statement, one.why, one.remedy, one.limits]
        texts += [source.state for source in one.sources if source.state is not None]
    for text in texts:
        assert text.fr.strip()
        assert text.en.strip()
        assert text.fr != text.en


def test_every_requirement_names_its_sources_and_every_law_its_state(catalogue: Catalogue) -> None:
    for one in catalogue.requirements.values():
        assert one.sources, one.id
        for source in one.sources:
            if source.name in ("R-22.1", "P-39.1", "A-2.1", "P-9.0001"):
                assert source.state is not None, one.id
                assert source.seen is not None, one.id


def test_the_french_is_written_with_its_own_punctuation(catalogue: Catalogue) -> None:
    for one in catalogue.requirements.values():
        for text in (one.title, one.statement, one.why, one.remedy, one.limits):
            assert "« " not in text.fr, one.id
            assert " »" not in text.fr, one.id
            assert " :" not in text.fr, one.id
            assert '"' not in text.fr.replace('"Patient"', ""), one.id


def test_the_booking_profile_binds_by_what_is_critical_or_high(catalogue: Catalogue) -> None:
    profile = load_profile("rendez-vous", FOLDER, catalogue)
    known = catalogue.requirements
    levels = {s.id: level_of(s, known[s.id]) for s in profile.requirements}
    grave = {name for name in levels if known[name].severity.value in ("critical", "high")}
    assert {name for name, level in levels.items() if level is Level.MUST} == grave
    assert "TLS-05" not in grave
    assert profile.orientation.startswith("Dans le cas des systèmes privés de prise de rendez-vous")
    assert profile.orientation.endswith("pour que les échanges soient approuvés.")


def test_the_documents_that_bind_a_booking_system_are_asked_before_its_first_certificate(
    catalogue: Catalogue,
) -> None:
    profile = load_profile("rendez-vous", FOLDER, catalogue)
    levels = {s.id: level_of(s, catalogue.requirements[s.id]) for s in profile.requirements}
    documents = {name: level for name, level in levels.items() if name.startswith("DOC-")}
    binding = {name for name, level in documents.items() if level is Level.MUST}
    assert binding == {"DOC-01", "DOC-02", "DOC-03", "DOC-05", "DOC-07", "DOC-15"}
    every = {name for name in catalogue.requirements if name.startswith("DOC-")}
    assert every == {f"DOC-{number:02}" for number in range(1, 19)}
    # Condition 1 is the manifest's; the others follow a severance or a first certificate.
    assert every - documents.keys() == {"DOC-04", "DOC-16", "DOC-18"}
    assert {catalogue.requirements[name].method for name in every} == {Method.ATTESTATION}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_that_is_shipped_follows_its_published_schema(path: Path) -> None:
    data = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))
    schema = json.loads(
        (FOLDER / "schemas" / file_name(data["schema"])).read_text(encoding="utf-8")
    )
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid(data)
    assert not validator.is_valid({**data, "extra": 1})
    assert not validator.is_valid({**data, "requirements": [{"id": "TLS-1"}]})


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_schemas_are_up_to_date_and_closed(kind: str) -> None:
    assert (FOLDER / "schemas" / file_name(kind)).read_text(encoding="utf-8") == published(kind)
    assert json_schema(kind)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for node in _objects(json_schema(kind)):
        assert node.get("additionalProperties") is False


def _objects(node: object) -> list[dict[str, object]]:
    """Every part of a schema that describes an object by its properties."""
    if isinstance(node, list):
        return [found for item in node for found in _objects(item)]
    if not isinstance(node, dict):
        return []
    here = [node] if node.get("type") == "object" and "properties" in node else []
    return here + [found for item in node.values() for found in _objects(item)]


def test_a_dumped_profile_and_family_load_back_equal(tmp_path: Path, catalogue: Catalogue) -> None:
    profile = load_profile("rendez-vous", FOLDER, catalogue)
    again = tmp_path / "again.yaml"
    again.write_text(dump(profile), encoding="utf-8")
    assert load_profile(str(again), tmp_path, catalogue) == profile
    family = load_family(FOLDER / "requirements" / "JRN.yaml")
    again.write_text(dump(family), encoding="utf-8")
    assert load_family(again) == family


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: TLS-01", "id: AUT-01", "TLS.yaml:5:9: “AUT-01” isn't of the family “TLS”"),
        ("id: TLS-01", "id: TLS-1", "TLS.yaml:5:9: a requirement is written as three capitals"),
        ("why: {fr: a, en: b}", "why: {fr: '', en: b}", "this text is empty"),
        ("why: {fr: a, en: b}", "why: {fr: a}", "the key “en” is missing"),
        ("severity: critical", "severity: critic", "did you mean “critical”?"),
        ("- {name: RFC 8996}", "- {name: RFC 8996, seen: hier}", "a date YYYY-MM-DD"),
        (
            "- {name: RFC 8996}",
            "- {name: RFC 8996, section: 4.2}",
            'put it in quotes: section: "4.2"',
        ),
    ],
)
def test_a_faulty_family_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InputFaults) as caught:
        load_catalogue(folder(tmp_path, TLS=FAMILY.replace(old, new)))
    assert said in told(caught.value)


def test_a_requirement_defined_twice_is_told_with_the_first_place(tmp_path: Path) -> None:
    both = folder(tmp_path, A=FAMILY, B=FAMILY)
    with pytest.raises(InputFaults) as caught:
        load_catalogue(both)
    assert f"{both}/requirements/B.yaml:5:9: “TLS-01” is already defined" in told(caught.value)
    assert f"{both}/requirements/A.yaml:5:9" in told(caught.value)


def test_the_faults_of_every_family_are_told_at_once(tmp_path: Path) -> None:
    broken = FAMILY.replace("role: client", "role: cliente")
    with pytest.raises(InputFaults) as caught:
        load_catalogue(folder(tmp_path, A=broken, B=broken, C="schema: tgv-profile/1\n"))
    assert len(caught.value.faults) == 3


def test_a_folder_without_requirements_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as caught:
        load_catalogue(tmp_path)
    assert "no family of requirements" in told(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "id: TLS-01",
            "id: TLS-99",
            "9:9: the requirement “TLS-99” is unknown\n  → did you mean “TLS-",
        ),
        (
            "- id: TLS-01\n",
            "- id: TLS-01\n  - id: TLS-01\n",
            "10:9: the requirement “TLS-01” is already selected on line 9",
        ),
        ("- id: TLS-01\n", "- id: TLS-01\n    level: most\n", "did you mean “must”?"),
        ('version: "1"', "version: 1", 'put it in quotes: version: "1"'),
        ("appointment-booking", "apointment-booking", "did you mean “appointment-booking”?"),
        ("requirements:", "parametres: {}\nrequirements:", "did you mean “parameters”?"),
    ],
)
def test_a_faulty_profile_is_told(
    tmp_path: Path, catalogue: Catalogue, old: str, new: str, said: str
) -> None:
    path = tmp_path / "essai.yaml"
    path.write_text(PROFILE.replace(old, new), encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        load_profile(str(path), tmp_path, catalogue)
    assert said in told(caught.value)


def test_an_unknown_profile_is_told_with_the_known_ones(catalogue: Catalogue) -> None:
    with pytest.raises(InputFaults) as caught:
        load_profile("rendezvous", FOLDER, catalogue)
    assert "did you mean “rendez-vous”?" in told(caught.value)
    assert "rendez-vous" in caught.value.faults[0].message.fr
    assert "rendez-vous" in profile_names(FOLDER)
