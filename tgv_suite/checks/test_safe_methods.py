"""Safe methods: to read is not to change (RFC 9110 §9.2.1)."""

from __future__ import annotations

import re

from tgv_suite.check import (
    AskPerson,
    CannotTell,
    Cause,
    Effectless,
    System,
    Text,
    differences,
    every_reading_seen_otherwise,
    requirement,
)

# What an object may say of its last reader changes nothing of what it is about.
_LAST_SEEN = re.compile(r"/[^/]*(?:last|seen|viewed|accessed|dernier|consult)[^/]*$", re.IGNORECASE)


@requirement("API-14", effectless=every_reading_seen_otherwise, alone=True)
def test_a_reading_changes_nothing(si: System, effectless: Effectless) -> None:
    """The object as another operation shows it, before and after a GET of it."""
    reading, shown = effectless.reading, effectless.reading.object.canaries
    for view in effectless.views:
        before = [si.perform(view), si.perform(view)]
        for one in before:
            si.control(one, sees=shown)

        si.control(si.perform(reading), sees=shown)

        after = si.perform(view)
        si.control(after, sees=shown)
        changed = differences(after.body, [one.body for one in before])
        if changed is None:
            raise CannotTell(
                Cause.NO_OBSERVATION,
                Text(
                    fr=f"l'objet change de lui-même d'une lecture à l'autre ({view.operation_id})",
                    en=f"the object changes by itself between readings ({view.operation_id})",
                ),
            )
        told = [place for place in changed if not _LAST_SEEN.search(place)]
        assert not told, Text(
            fr=f"lire l'objet par « {reading.operation_id} » l'a changé, comme « {view.operation_id} » "
            f"le montre ({', '.join(told[:3])}) ; attendu : le même objet avant et après",
            en=f"reading the object by “{reading.operation_id}” changed it, as “{view.operation_id}” "
            f"shows ({', '.join(told[:3])}); expected the same object before and after",
        )
        if changed:
            raise AskPerson(
                Text(
                    fr=f"lire l'objet y change {', '.join(changed[:3])} : une personne dit si ce n'est "
                    "que la trace de la lecture",
                    en=f"reading the object changes {', '.join(changed[:3])} in it: a person says "
                    "whether that is only the trace of the reading",
                )
            )
