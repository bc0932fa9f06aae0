"""``tgv verify``: offline, whether a bundle is what was sealed, and by whom."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.evidence.verify import Verification
from tgv_suite.exit_code import ExitCode
from tgv_suite.rejudge import OtherPack, Rejudgement
from tgv_suite.report.visible import visible
from tgv_suite.verification import Checked, check


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(bundle: Path, trust: Path | None, rejudge: bool, format_: str) -> ExitCode:
        checked = check(bundle, trust, again=rejudge)
        if format_ == "json":
            click.echo(json.dumps(_data(checked), ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(visible(line) for line in _lines(checked, speak)))
        if not checked.sound:
            return ExitCode.VERIFICATION_FAILED
        return ExitCode.UNDETERMINED if checked.untold else ExitCode.CONFORMANT

    return click.Command(
        "verify",
        callback=callback,
        help=speak(
            fr="Vérifie hors ligne un dossier de preuves : rien d'ajouté, de retiré ni de modifié ; qui a scellé.\n\n"
            "\b\nExemples :\n  tgv verify essai.tgv.zip\n  tgv verify essai --trust cles/ --rejudge",
            en="Verifies a bundle offline: nothing added, removed or altered; who sealed it.\n\n"
            "\b\nExamples:\n  tgv verify run.tgv.zip\n  tgv verify run --trust keys/ --rejudge",
        ),
        params=[
            click.Argument(["bundle"], type=click.Path(path_type=Path)),
            click.Option(
                ["--trust"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help=speak(
                    fr="Le dossier des clés publiques (*.pub.pem) auxquelles on se fie.",
                    en="The folder of the public keys (*.pub.pem) that are trusted.",
                ),
            ),
            click.Option(
                ["--rejudge"],
                is_flag=True,
                help=speak(
                    fr="Refaire chaque verdict d'après les faits consignés.",
                    en="Derive every verdict again from the recorded facts.",
                ),
            ),
            options.output_format(speak),
        ],
    )


def _lines(checked: Checked, speak: Speaker) -> list[str]:
    verification, again = checked.verification, checked.rejudgement
    lines = [f"✗ {f.path} {speak.say(f.message)}" for f in verification.findings]
    claim = verification.claim
    if claim is not None:
        lines.append(
            speak(
                fr=f"{claim.system} {claim.version} — {claim.conclusion} — essai {claim.run_id} ({claim.role})",
                en=f"{claim.system} {claim.version} — {claim.conclusion} — run {claim.run_id} ({claim.role})",
            )
        )
    lines.append(_signer(verification, speak))
    lines += _rejudged(again, speak) if again else []
    if checked.sound:
        lines.append(
            speak(
                fr="✓ rien d'ajouté, de retiré ni de modifié",
                en="✓ nothing added, removed or altered",
            )
        )
    return lines


def _rejudged(again: Rejudgement, speak: Speaker) -> list[str]:
    """What judging again found, and what it couldn't tell for want of the code that judged."""
    lines = [f"✗ {d.what} : {d.sealed} → {d.rejudged}" for d in again.differences]
    lines += [_other_pack(pack, speak) for pack in again.other_packs]
    lines += [
        speak(
            fr=f"! {module} : ce n'est pas le code qui a jugé (ce n'est pas une altération)",
            en=f"! {module}: this isn't the code that judged (that isn't tampering)",
        )
        for module in again.other_code
    ]
    lines += [
        speak(
            fr=f"? {check} : {cases} verdict(s) ne peuvent être refaits sans le code qui a jugé",
            en=f"? {check}: {cases} verdict(s) can't be derived again without the code that judged",
        )
        for check, cases in Counter(case.partition("[")[0] for case in again.untold).items()
    ]
    same = again.cases - len(again.untold)
    if same and not again.differences:
        said = speak(
            fr=f"✓ {same} verdicts refaits d'après les faits consignés : les mêmes",
            en=f"✓ {same} verdicts derived again from the recorded facts: the same",
        )
        lines.append(said)
    return lines


def _other_pack(pack: OtherPack, speak: Speaker) -> str:
    wanted = f"{pack.name}=={pack.judged}"
    if pack.installed is None:
        return speak(
            fr=f"! le paquet {pack.name} {pack.judged}, qui a jugé, n'est pas installé ici "
            f"(ce n'est pas une altération) : pip install {wanted}",
            en=f"! the pack {pack.name} {pack.judged}, which judged, isn't installed here "
            f"(that isn't tampering): pip install {wanted}",
        )
    return speak(
        fr=f"! le paquet {pack.name} {pack.judged} a jugé ; c'est {pack.installed} qui est "
        f"installé ici (ce n'est pas une altération) : pip install {wanted}",
        en=f"! the pack {pack.name} {pack.judged} judged; {pack.installed} is installed here "
        f"(that isn't tampering): pip install {wanted}",
    )


def _signer(verification: Verification, speak: Speaker) -> str:
    signer = verification.signer
    if signer is None:
        return speak(fr="Le sceau n'a pu être lu.", en="The seal couldn't be read.")
    if verification.trusted:
        return speak(
            fr=f"Scellé par {signer.name} ({signer.key_id[:16]}…)",
            en=f"Sealed by {signer.name} ({signer.key_id[:16]}…)",
        )
    if verification.trusted is None:
        return speak(
            fr=f"Sceau cohérent ; signataire non vérifié, faute de --trust (clé {signer.key_id[:16]}…)",
            en=f"Consistent seal; the signer isn't verified without --trust (key {signer.key_id[:16]}…)",
        )
    return speak(
        fr=f"Signataire inconnu : clé {signer.key_id}", en=f"Unknown signer: key {signer.key_id}"
    )


def _data(checked: Checked) -> dict[str, object]:
    verification, again = checked.verification, checked.rejudgement
    return {
        "sound": checked.sound,
        "findings": [{"kind": f.kind.value, "path": f.path} for f in verification.findings],
        "signer": verification.signer.key_id if verification.signer else None,
        "trusted": verification.trusted,
        "rejudged": None if again is None else again.cases,
        "differences": [
            {"what": d.what, "sealed": d.sealed, "rejudged": d.rejudged}
            for d in (again.differences if again else ())
        ],
        "other_code": list(again.other_code) if again else [],
        "other_packs": [
            {"name": pack.name, "judged": pack.judged, "installed": pack.installed}
            for pack in (again.other_packs if again else ())
        ],
        "untold": list(again.untold) if again else [],
    }
