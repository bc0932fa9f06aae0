"""Safe methods: to read is not to change (RFC 9110 §9.2.1)."""

from __future__ import annotations

from tgv_suite.check import (
    CannotTell,
    Cause,
    Effectless,
    System,
    Text,
    differences,
    every_reading_seen_otherwise,
    requirement,
)


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
        assert not changed, Text(
            fr=f"lire l'objet par « {reading.operation_id} » l'a changé, comme « {view.operation_id} » "
            f"le montre ({', '.join(changed[:3])}) ; attendu : le même objet avant et après",
            en=f"reading the object by “{reading.operation_id}” changed it, as “{view.operation_id}” "
            f"shows ({', '.join(changed[:3])}); expected the same object before and after",
        )
