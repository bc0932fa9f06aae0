"""Callbacks: how they are signed, spoilt and sent again, and over whom they are tried."""

from __future__ import annotations

import base64
import hmac
import re
from typing import Any

import pytest

from tests.unit.test_subjects import actor, change, note, reading, target
from tgv_suite.model.credential import Credential
from tgv_suite.model.target import Actor, SignatureAuthentication, Target
from tgv_suite.probes.signature import Signer
from tgv_suite.probes.template import Filled
from tgv_suite.subjects.subject import Callback, Undeclared
from tgv_suite.subjects.webhooks import every_signed_callback

KEY = "zzt-key"


def declared(**more: Any) -> SignatureAuthentication:
    return SignatureAuthentication(
        **{"type": "signature", "secret": "env:ZZT", "header": "X-Signature", **more}
    )


def filled(body: str) -> Filled:
    kept = (("Content-Type", "application/json"),)
    return Filled(method="POST", path="/x", headers=kept, body=body.encode(), unique=body)


def signature(message: str, key: str = KEY) -> bytes:
    return hmac.new(key.encode(), message.encode(), "sha256").digest()


def headers(signer: Signer, body: str, credential: Credential = Credential.OWN) -> dict[str, str]:
    signed = signer.signed(filled(body), credential)
    assert signed is not None
    return dict(signed.headers)


def test_a_body_is_signed_alone_and_its_other_headers_stay() -> None:
    sent = headers(Signer(declared(value="sha256={signature}"), KEY), "zzt")
    assert sent == {
        "Content-Type": "application/json",
        "X-Signature": f"sha256={signature('zzt').hex()}",
    }


def test_the_time_of_sending_is_signed_and_told_where_it_is_declared() -> None:
    stripe = declared(value="t={timestamp},v1={signature}", signed="{timestamp}.{body}")
    found = re.fullmatch(r"t=(\d+),v1=(\w+)", headers(Signer(stripe, KEY), "zzt")["X-Signature"])
    assert found is not None
    assert found[2] == signature(f"{found[1]}.zzt").hex()
    slack = declared(signed="v0:{timestamp}:{body}", timestamp_header="X-Time", encoding="base64")
    sent = headers(Signer(slack, KEY), "a {body} {timestamp}")
    told = signature(f"v0:{sent['X-Time']}:a {{body}} {{timestamp}}")
    assert sent["X-Signature"] == base64.b64encode(told).decode()


@pytest.mark.parametrize("time_header", [None, "X-Time"])
def test_a_signature_is_left_out_made_with_another_key_or_taken_from_another_body(
    time_header: str | None,
) -> None:
    signer = Signer(declared(timestamp_header=time_header), KEY)
    good = headers(signer, "first")
    assert headers(signer, "zzt", Credential.NONE).keys() == {"Content-Type"}
    assert headers(signer, "zzt", Credential.SIGNATURE_OF_ANOTHER_BODY) == good
    other = headers(signer, "zzt", Credential.SIGNATURE_BY_ANOTHER_KEY)
    assert other.keys() == good.keys()
    assert other["X-Signature"] not in (signature("zzt").hex(), signature("first").hex())


def test_what_is_replayed_is_the_last_but_one_as_it_was() -> None:
    signer = Signer(declared(), KEY)
    sent = [signer.signed(filled(body), Credential.OWN) for body in ("a", "b", "c")]
    signer.signed(filled("z"), Credential.SIGNATURE_BY_ANOTHER_KEY)
    assert signer.signed(filled("d"), Credential.REPLAYED) == sent[1]


def test_nothing_is_replayed_nor_taken_before_something_was_signed() -> None:
    signer = Signer(declared(), KEY)
    assert signer.signed(filled("zzt"), Credential.SIGNATURE_OF_ANOTHER_BODY) is None
    signer.signed(filled("zzt"), Credential.OWN)
    assert signer.signed(filled("zzt"), Credential.REPLAYED) is None


def called(**more: Any) -> Target:
    actors = {
        "gateway": Actor(role="gateway", authentication=declared(delay_s=1.5)),
        "clinic-a": actor("a"),
        "clinic-b": actor("b"),
    }
    objects = {"note-b": note("clinic-b"), "note-a": note("clinic-a")}
    shared = more.pop("owners", ("clinic-a", "gateway"))
    objects["note-a"] = type(objects["note-a"])(
        kind="note", locator="id-a", owners=shared, canaries=("zzt-marque-a",)
    )
    operations = {"note-read": reading(), "answer": change(method="POST", actors=("gateway",))}
    return target({**operations, **more}, actors=actors, objects=objects)


def test_the_effect_of_a_callback_is_read_by_somebody_who_owns_its_object_too() -> None:
    (subject,) = every_signed_callback(called())  # type: ignore[misc]
    assert isinstance(subject, Callback)
    assert (subject.write.actor_id, subject.reading.actor_id) == ("gateway", "clinic-a")
    assert subject.write.object_id == subject.reading.object_id == "note-a"
    assert subject.delay_s == 1.5


def test_without_a_reader_nothing_is_judged_and_without_a_signer_there_are_no_callbacks() -> None:
    unread = every_signed_callback(called(owners=("gateway",)))
    assert isinstance(unread, Undeclared)
    assert unread.offered
    unsigned = every_signed_callback(target({"note-read": reading(), "note-change": change()}))
    assert isinstance(unsigned, Undeclared)
    assert not unsigned.offered
