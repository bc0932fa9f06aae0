"""Limits: one caller can neither harvest nor starve the others."""

from __future__ import annotations

from tgv_suite.check import (
    CannotTell,
    Cause,
    Environment,
    Limit,
    Paging,
    Refusal,
    System,
    Text,
    Variant,
    Writing,
    every_bounded_writing,
    every_declared_quota,
    every_paged_search,
    requirement,
    settled,
    unanswered,
)

_LENGTHS = (1_000_000, -1, 0)


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


@requirement("LIM-02", paging=every_paged_search)
def test_a_page_is_never_longer_than_declared(si: System, paging: Paging) -> None:
    """The longest page, then one of a million, of minus one and of none."""
    access, page = paging.access, paging.page
    longest = si.perform(access, variant=_of_length(paging, page.maximum))
    si.control(longest)
    si.hold(
        longest.shown == page.maximum and longest.goes_on,
        Text(
            fr=f"rien ne montre qu'il y a plus de {page.maximum} résultats à couper "
            f"({longest.shown} montrés) : semez-en davantage",
            en=f"nothing shows that there are more than {page.maximum} results to cut "
            f"({longest.shown} shown): seed more",
        ),
        Cause.PRECONDITION,
    )

    for length in _LENGTHS:
        answer = si.perform(access, variant=_of_length(paging, length))

        shown = answer.shown if answer.served else 0
        assert shown is None or shown <= page.maximum, Text(
            fr=f"{shown} résultats en une page quand on en demande {length} ; "
            f"le maximum déclaré est de {page.maximum}",
            en=f"{shown} results on one page when {length} are asked for; "
            f"the declared maximum is {page.maximum}",
        )
        if shown is None or not (answer.served or answer.refused(Refusal.INPUT)):
            raise unanswered(answer, Text(fr="la page démesurée", en="the oversized page"))
    si.control(si.perform(access, variant=_of_length(paging, page.maximum)))


@requirement("LIM-04", writing=every_bounded_writing, alone=True)
def test_an_oversized_body_is_refused(si: System, writing: Writing) -> None:
    """The permitted change, then the same with a field that makes it twice the declared length."""
    largest = writing.write.operation.largest_body or 0
    permitted = si.perform(writing.write)
    si.control(permitted)
    si.control(si.perform(writing.reading), sees=[permitted.unique])

    attempt = si.perform(writing.write, variant=_padded(2 * largest))
    after = si.perform(writing.reading)

    taken = attempt.served or after.mentions([attempt.unique])
    assert not taken, Text(
        fr=f"un corps deux fois plus long que le maximum déclaré ({largest} octets) a été pris (statut "
        f"{attempt.status}) ; attendu : 413",
        en=f"a body twice as long as the declared maximum ({largest} bytes) was taken (status "
        f"{attempt.status}); expected 413",
    )
    si.control(after, sees=[permitted.unique])
    settled(attempt, Refusal.INPUT)
    si.control(si.perform(writing.write))


def _padded(length: int) -> Variant:
    return Variant(name="oversized", fields=(("zzt_long", "x" * length),))


def _of_length(paging: Paging, length: int) -> Variant:
    return Variant(name=f"page-of-{length}", query=((paging.page.parameter, str(length)),))
