"""What a browser does with a file that a system gives back."""

from __future__ import annotations

import pytest

from tests.unit.test_response_headers import answer
from tgv_suite.model.files import climbs, kept_from_browsers, run_by_browsers

HTML = {"Content-Type": "text/html; charset=utf-8"}
SNIFFED = {"X-Content-Type-Options": "nosniff"}
SAVED = {"Content-Disposition": 'attachment; filename="a.html"'}


@pytest.mark.parametrize(
    ("headers", "runs"),
    [
        (HTML, True),
        ({**HTML, **SNIFFED}, True),
        ({"Content-Type": "image/svg+xml"}, True),
        ({}, True),
        ({**HTML, "Content-Disposition": "inline"}, True),
        ({**HTML, **SAVED}, False),
        ({**HTML, "Content-Security-Policy": "default-src 'none'; sandbox"}, False),
        (SNIFFED, False),
        ({"Content-Type": "text/plain"}, False),
        ({"Content-Type": "application/fhir+json"}, False),
    ],
)
def test_a_browser_runs_a_page_that_it_is_sent_to_unless_it_is_told_to_save_or_confine_it(
    headers: dict[str, str], runs: bool
) -> None:
    assert run_by_browsers(answer(*headers.items())) is runs


def test_only_a_file_that_is_saved_and_never_guessed_at_is_kept_from_browsers() -> None:
    assert kept_from_browsers(answer(*SAVED.items(), *SNIFFED.items()))
    assert not kept_from_browsers(answer(*SAVED.items()))
    assert not kept_from_browsers(answer(*SNIFFED.items()))


@pytest.mark.parametrize(
    ("disposition", "leads_out"),
    [
        ('attachment; filename="../../a.txt"', True),
        ("attachment; filename*=UTF-8''..%2F..%2Fa.txt", True),
        ('attachment; filename="..\\a.txt"', True),
        ('attachment; filename=".._.._a.txt"', False),
        ('attachment; filename="a..txt"', False),
        ("attachment", False),
    ],
)
def test_a_name_leads_out_of_its_folder_in_whatever_form_it_is_written(
    disposition: str, leads_out: bool
) -> None:
    assert climbs(answer(("Content-Disposition", disposition))) is leads_out
