"""What a profile may demand beyond the booking profile is judged as it says."""

from __future__ import annotations

from dataclasses import replace

from tgv_suite.load.target import LoadedTarget
from tgv_suite.model.results import Verdict
from tgv_suite.prove import judged, reference_order
from tgv_suite.reference import ReferenceSystem
from tgv_suite.session import planned

CHECK = "oauth_clients.a_client_is_not_known_without_its_key"


def test_a_shared_secret_is_a_fault_only_where_the_profile_says_so(
    system: ReferenceSystem, target: LoadedTarget
) -> None:
    order = reference_order(target, jobs=1)
    stricter = replace(order.profile.parameters, shared_client_secrets=False)
    demanding = replace(order, profile=replace(order.profile, parameters=stricter))
    system.plant([])
    cases = [case.id for case in planned(order)[0].cases if case.check == CHECK]
    tolerated, accused = (
        {result.subject.split(".")[1]: result for result in judged(each, cases=cases)}
        for each in (order, demanding)
    )
    assert {result.verdict for result in tolerated.values()} == {Verdict.PASS}
    shared = {actor for actor, result in tolerated.items() if result.notes}
    assert shared
    failed = {actor for actor, result in accused.items() if result.verdict is Verdict.FAIL}
    assert failed == shared < set(tolerated)
