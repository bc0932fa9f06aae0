"""A bundle verified as a whole: its seal, its archive, and its verdicts judged again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tgv_suite.errors import UserError, VerificationFailed
from tgv_suite.evidence.archive import opened_bundle, same_archive
from tgv_suite.evidence.keys import load_trust
from tgv_suite.evidence.verify import FindingKind, Verification, found, verify
from tgv_suite.exit_code import ExitCode
from tgv_suite.noun import noun
from tgv_suite.rejudge import Rejudgement, rejudge
from tgv_suite.text import Text


class NotJudgedAgain(UserError):
    """Some verdicts of a bundle can't be derived again here, so nothing may rest on them."""

    exit_code = ExitCode.UNDETERMINED


@noun
class Checked:
    """A verification, with the judgement over again when it was asked for."""

    verification: Verification
    rejudgement: Rejudgement | None

    @property
    def sound(self) -> bool:
        """Whether nothing at all is wrong."""
        return self.intact and self.verification.sound

    @property
    def untold(self) -> bool:
        """Whether a verdict couldn't be derived again for want of the code that judged."""
        return self.rejudgement is not None and bool(self.rejudgement.untold)

    def require_told(self) -> None:
        """Hold that every verdict could be derived again.

        Raises
        ------
        NotJudgedAgain
            When one couldn't, for want of the code that judged.
        """
        if self.rejudgement is None or not self.untold:
            return
        again = self.rejudgement
        wanted = (
            " ".join(f"{pack.name}=={pack.judged}" for pack in again.other_packs) or "tgv-suite"
        )
        raise NotJudgedAgain(
            message=Text(
                fr=f"{len(again.untold)} verdict(s) ne peuvent être refaits ici : ce n'est pas le "
                f"code qui a jugé ({', '.join(again.other_code)})",
                en=f"{len(again.untold)} verdict(s) can't be derived again here: this isn't the code "
                f"that judged ({', '.join(again.other_code)})",
            ),
            remedy=Text(
                fr=f"installez ce qui a jugé : {wanted}", en=f"install what judged: {wanted}"
            ),
        )

    def require_intact(self, bundle: Path) -> None:
        """Hold that nothing was altered, whoever sealed it.

        Parameters
        ----------
        bundle:
            What was verified, by the name that the user gave.

        Raises
        ------
        VerificationFailed
            When something was.
        """
        if not self.intact:
            raise VerificationFailed(
                message=Text(
                    fr="ce dossier n'est plus celui qui a été scellé",
                    en="this bundle is no longer what was sealed",
                ),
                remedy=Text(
                    fr="« tgv verify » dit ce qui a changé", en="“tgv verify” says what changed"
                ),
                place=str(bundle),
            )

    @property
    def intact(self) -> bool:
        """Whether nothing was altered, whoever sealed it."""
        again = self.rejudgement
        others = [f for f in self.verification.findings if f.kind is not FindingKind.UNTRUSTED]
        return not others and (again is None or not again.differences)


def check(bundle: Path, trust: Path | None, *, again: bool) -> Checked:
    """Verify a bundle, and judge it again when asked.

    Parameters
    ----------
    bundle:
        Its folder or its archive.
    trust:
        The folder of the keys that are believed.
    again:
        Whether to derive every verdict again.
    """
    keys = None if trust is None else load_trust(trust)
    with opened_bundle(bundle) as folder:
        checked = Checked(verification=verify(folder, trust=keys), rejudgement=None)
        if checked.intact and bundle.is_file() and not same_archive(folder, bundle):
            findings = (*checked.verification.findings, found(FindingKind.ALTERED, bundle.name))
            checked = replace(
                checked, verification=replace(checked.verification, findings=findings)
            )
        return (
            replace(checked, rejudgement=rejudge(folder)) if again and checked.intact else checked
        )
