"""The target manifest: read, checked against itself and its scope; its secrets aren't read here."""

from __future__ import annotations

from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final

from tgv_suite.load import target_references as references
from tgv_suite.load import target_rules as rules
from tgv_suite.load import target_scope as scope
from tgv_suite.load.declared import declared
from tgv_suite.load.document import faults, load_document, read_source, validate
from tgv_suite.load.yaml_tree import Finding, Tree
from tgv_suite.model.target import Target
from tgv_suite.noun import noun

SCHEMA: Final = "tgv-target/1"


@noun
class LoadedTarget:
    """A sound manifest.

    Parameters
    ----------
    target:
        What it declares.
    folder:
        Where its relative ``file:`` references start.
    text_sha256:
        The digest of the file's bytes, in hexadecimal.
    """

    target: Target
    folder: Path
    text_sha256: str


def load_target(
    path: Path, *, today: date | None = None, absent_files: bool = False
) -> LoadedTarget:
    """Read a target manifest.

    Parameters
    ----------
    path:
        The manifest.
    today:
        The day on which the scope must still hold; the machine's, when it isn't given.
    absent_files:
        Whether the files that it refers to may be missing, for a caller who tells each of them.

    Raises
    ------
    InputFaults
        With every fault of the manifest: its form, its references, its scope, its missing files.
    """
    source = read_source(path, schema=SCHEMA)
    folder = path.parent
    target, findings = validate(source, Target)
    where = None if absent_files else folder
    findings += _together(source.tree, findings, where, today or date.today())
    if target is None or findings:
        raise faults(path, findings)
    return LoadedTarget(target=target, folder=folder, text_sha256=source.sha256)


def load_recorded_target(path: Path) -> Target:
    """Read a manifest for what it says, such as the copy that a bundle holds.

    Its form alone is checked: the files it refers to may have stayed with the vendor, and its
    authorisation may have ended since.

    Parameters
    ----------
    path:
        The manifest.

    Raises
    ------
    InputFaults
        With every fault of its form.
    """
    return load_document(path, Target, schema=SCHEMA).content


def _together(tree: Tree, found: list[Finding], folder: Path | None, today: date) -> list[Finding]:
    """The faults between declarations, less those that only follow from a fault already found.

    The files are looked for when there is a folder to start from.
    """
    known = declared(tree)
    findings = chain(
        references.dangling_names(known),
        references.dangling_kinds(known),
        references.wrong_sorts(known),
        references.readings_that_read(known),
        () if folder is None else references.missing_files(known, folder),
        rules.incomplete_credentials(known),
        rules.operations_for_nobody(known),
        references.unknown_accounts(known),
        rules.misplaced_hooks(known),
        rules.unreadable_codes(known),
        rules.unreadable_audits(known),
        rules.unfair_quotas(known),
        rules.unremovable_creations(known),
        rules.unknown_templates(known),
        rules.unknown_clinics(known),
        scope.outside_scope(known),
        scope.malformed_hosts(known),
        scope.expired_scope(known, today),
        scope.intrusion_in_production(known),
    )
    return [new for new in findings if not any(_under(old, new) for old in found)]


def _under(old: Finding, new: Finding) -> bool:
    return old.address[: len(new.address)] == new.address
