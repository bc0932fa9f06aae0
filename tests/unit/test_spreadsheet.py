"""What a spreadsheet makes of a file that a system gives for it."""

from __future__ import annotations

import pytest

from tgv_suite.model.spreadsheet import cells, computes


@pytest.mark.parametrize(
    "text",
    [
        "id,comment\r\n1,zzt\r\n",
        "\ufeffid;comment\n1;zzt\n",
        "id\tcomment\n1\tzzt",
        '"id"|"comment"\n"1"|"zzt"',
    ],
)
def test_cells_are_read_whatever_separates_them(text: str) -> None:
    assert cells(text) == ("id", "comment", "1", "zzt")


def test_a_quoted_cell_keeps_what_it_holds() -> None:
    assert cells('id,comment\n1,"=A(""x"",\n1)"\n') == ("id", "comment", "1", '=A("x",\n1)')


def test_what_no_spreadsheet_could_read_has_no_cells() -> None:
    assert cells("a,b\n" + "x" * 200_000) is None


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@A", "\t=1", "\r=1", '="a"&A1', "=A1"])
def test_a_cell_that_begins_with_a_sign_computes(cell: str) -> None:
    assert computes(cell)


@pytest.mark.parametrize("cell", ["'=1", "zzt", "", " =1", '="00123"', '="say ""a"""'])
def test_a_cell_that_is_a_text_doesn_t(cell: str) -> None:
    assert not computes(cell)
