"""The paths that are put where a reading carries a value, as they are sent."""

from __future__ import annotations

from tests.unit.test_subjects import found, reading, target
from tgv_suite.model.target import Operation, OperationKind
from tgv_suite.probes.template import fill
from tgv_suite.subjects.subject import Traversal
from tgv_suite.subjects.traversal import every_traversable_reading

CLIMB = "../" * 8 + "etc/passwd"


def sent(operation: Operation) -> dict[str, str]:
    told = target({"file-read": operation})
    (subject,) = found(every_traversable_reading(told))
    assert isinstance(subject, Traversal)
    filled = {v.name: fill(told, operation, "note-a", v) for v in subject.variants}
    return {name: one.path + (one.body or b"").decode() for name, one in filled.items()}


def test_a_path_takes_the_place_of_a_segment_in_each_writing() -> None:
    paths = sent(reading(path="/files/{object}"))
    once = CLIMB.replace("/", "%2F")
    assert paths["as-is-object"] == f"/files/{CLIMB}"
    assert paths["segments-object"] == f"/files/{once}"
    assert paths["encoded-object"] == f"/files/{once.replace('%', '%25')}"
    assert paths["absolute-object"] == "/files/%2Fetc%2Fpasswd"
    assert paths["absolute-windows-object"] == "/files/C%3A%5CWindows%5Cwin.ini"
    assert paths["behind-a-name-object"] == f"/files/id-clinic-a%2F{once}"


def test_a_path_takes_the_place_of_a_parameter_and_leaves_the_others() -> None:
    paths = sent(reading(kind=OperationKind.SEARCH, path="/files?of={object}&name=zzt.pdf"))
    assert paths["absolute-name"] == "/files?of=id-clinic-a&name=%2Fetc%2Fpasswd"
    assert paths["absolute-of"] == "/files?of=%2Fetc%2Fpasswd&name=zzt.pdf"
    assert "as-is-name" not in paths


def test_a_path_takes_the_place_of_a_value_in_xml() -> None:
    asked = reading(method="POST", path="/soap", body='<a b="c=d&amp;e=f">{object}</a>')
    paths = sent(asked)
    assert paths["absolute-object"] == '/soap<a b="c=d&amp;e=f">/etc/passwd</a>'
    assert {name.rpartition("-")[2] for name in paths} == {"object"}


def test_a_path_takes_the_place_of_a_field_in_json() -> None:
    asked = reading(method="POST", path="/files/_search", body={"of": "{object}", "page": 1})
    paths = sent(asked)
    assert paths["absolute-of"] == '/files/_search{"of": "/etc/passwd", "page": 1}'
    assert paths["absolute-windows-of"].endswith(r"""{"of": "C:\\Windows\\win.ini", "page": 1}""")
