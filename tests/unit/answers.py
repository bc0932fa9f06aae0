"""Answers as the recorder keeps them, in what a test is about."""

from __future__ import annotations

from typing import Any

from tgv_suite.model.facts import Answer, Request


def answer(
    status: int | None = 200,
    body: str = "",
    *,
    method: str = "GET",
    url: str = "https://localhost/",
    **more: Any,
) -> Answer:
    """An answer that is ordinary in all else."""
    told: dict[str, Any] = {
        "actor": "a",
        "credential": "own",
        "unique": "",
        "headers": (),
        "truncated": False,
        "failure": None,
        "detail": "",
        "sent_at": "2026-01-01T00:00:00+00:00",
        "elapsed_s": 0.0,
        **more,
    }
    request = Request(method=method, url=url, headers=(), body="")
    return Answer(request=request, status=status, body=body, **told)
