"""Makes the example again: one run of the reference SI with a defect, and all its renderings.

Run it from the checkout after a change of the bundle's form: ``.venv/bin/python reports/example/make.py``.
After a change of the templates alone, ``--render`` keeps the bundle and renders it again.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tgv_suite import locations
from tgv_suite.bundle import read_bundle
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.evidence.keys import ephemeral
from tgv_suite.evidence.verify import verify
from tgv_suite.load.catalogue import load_catalogue, load_profile
from tgv_suite.load.target import load_target
from tgv_suite.reference import running
from tgv_suite.rendering import FORMATS, view
from tgv_suite.run import run
from tgv_suite.session import Order
from tgv_suite.text import LANGUAGES

HERE = Path(__file__).parent
BUNDLE = HERE / "bundle.tgv.zip"
ENDINGS = {"html": "html", "md": "md", "junit": "junit.xml", "sarif": "sarif.json"}


def make_bundle() -> None:
    """Run three requirements against the reference SI with one defect planted."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "si", defects=["search-total-counts-everything"]) as system,
    ):
        catalogue = load_catalogue(locations.profiles())
        order = Order(
            target=load_target(system.manifest),
            profile=load_profile("rendez-vous", locations.profiles(), catalogue),
            catalogue=catalogue,
            only=("TLS-01", "AZN-03", "LIM-01"),
        )
        out = Path(folder) / "bundle"
        finished = run(order, out=out, key=ephemeral(), on_case=lambda case, judged: None)
        BUNDLE.write_bytes(finished.archive.read_bytes())


def renderings() -> dict[str, str]:
    """The example in every format and language, by file name."""
    with opened_bundle(BUNDLE) as folder:
        recorded = read_bundle(folder)
        signer = verify(folder, trust=None).signer
        seen = view(
            folder,
            results=recorded.results,
            catalogue=recorded.catalogue,
            target=recorded.target,
            key_id=signer.key_id if signer else None,
        )
    return {
        f"report.{language}.{ENDINGS[name]}": render(seen, language)
        for name, render in FORMATS.items()
        for language in LANGUAGES
    }


if __name__ == "__main__":
    if "--render" not in sys.argv:
        make_bundle()
    for name, text in renderings().items():
        (HERE / name).write_text(text, encoding="utf-8")
