"""Limits: one caller can neither harvest nor starve the others."""

from __future__ import annotations

from tgv_suite.check import (
    CannotTell,
    Cause,
    Environment,
    Limit,
    System,
    Text,
    every_declared_quota,
    requirement,
)


@requirement("LIM-01", limit=every_declared_quota, alone=True)
def test_the_declared_quota_is_enforced(si: System, limit: Limit) -> None:
    """The quota and a fifth more, within its window; a bystander must not feel it."""
    quota = limit.quota
    if si.target.system.environment is Environment.PRODUCTION:
        raise CannotTell(
            Cause.PRECONDITION,
            Text(
                fr="un quota n'est jamais épuisé en production",
                en="a quota is never spent in production",
            ),
        )
    si.control(si.perform(limit.bystander))
    rate = si.target.scope.rate.per_second
    si.hold(
        quota.requests * 1.2 <= rate * quota.window_s,
        Text(
            fr=f"la portée ({rate:g} requêtes/s) ne permet pas d'atteindre le quota déclaré",
            en=f"the scope ({rate:g} requests/s) doesn't allow the declared quota to be reached",
        ),
        Cause.PRECONDITION,
    )

    burst = si.burst(limit)

    si.hold(
        bool(burst.statuses) and burst.statuses[0] < 300,
        Text(fr="la première requête a été refusée", en="the first request was refused"),
    )
    if burst.failure is not None or (burst.sent < burst.allowed and burst.limited_after is None):
        raise CannotTell(
            Cause.TIMEOUT,
            Text(
                fr=f"seules {burst.sent} requêtes ont abouti en {quota.window_s:g} s",
                en=f"only {burst.sent} requests were answered in {quota.window_s:g} s",
            ),
        )
    assert burst.limited_after is not None, Text(
        fr=f"{burst.sent} requêtes ont été servies en {burst.elapsed_s} s ; "
        f"le quota déclaré est de {quota.requests} en {quota.window_s:g} s",
        en=f"{burst.sent} requests were served in {burst.elapsed_s} s; "
        f"the declared quota is {quota.requests} in {quota.window_s:g} s",
    )

    bystander = si.perform(limit.bystander)

    assert bystander.status != 429, Text(
        fr="un autre acteur est refusé parce que le premier a épuisé son quota",
        en="another actor is refused because the first one spent its quota",
    )
    si.control(bystander)
