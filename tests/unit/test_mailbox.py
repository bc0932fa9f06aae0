"""The harness's mailbox: it keeps what comes for an awaited address, whatever a sender does."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage

import pytest

from tgv_suite.probes.mailbox import Mailbox

AWAITED = "zzt@example.org"


@pytest.fixture
def place() -> tuple[str, int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return "127.0.0.1", port


@pytest.fixture
def mailbox(place: tuple[str, int]) -> Iterator[Mailbox]:
    box = Mailbox(*place)
    assert box.listen(AWAITED)
    yield box
    box.close()


def mail(to: str, text: str, html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "si@example.org", to, "Zzt é"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def send(place: tuple[str, int], *messages: EmailMessage) -> None:
    with smtplib.SMTP(*place, timeout=10) as relay:
        for message in messages:
            relay.send_message(message)


def test_a_mail_is_read_in_each_of_its_texts_as_a_person_would(
    place: tuple[str, int], mailbox: Mailbox
) -> None:
    dotted = f"été\n.\n..deux\nhttps://x.test/?jeton={'a' * 90}"
    send(place, mail("ZZT@example.org", dotted, '<a href="https://x.test/?a=1&amp;jeton=bb">x</a>'))
    text = mailbox.next(AWAITED, 0, 10.0)
    assert text is not None
    assert f"?jeton={'a' * 90}" in text
    assert "?a=1&jeton=bb" in text
    assert "été" in text
    assert [line.strip() for line in text.splitlines()][1:3] == [".", "..deux"]


def test_what_nobody_awaits_is_not_kept_and_the_next_is_told_from_the_last(
    place: tuple[str, int], mailbox: Mailbox
) -> None:
    send(place, mail("other@example.org", "zzt-autre"), mail(AWAITED, "un"), mail(AWAITED, "deux"))
    assert (mailbox.next(AWAITED, 1, 10.0) or "").strip() == "deux"
    assert mailbox.count(AWAITED) == 2
    assert mailbox.count("other@example.org") == 0
    assert mailbox.next(AWAITED, 2, 0.0) is None


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff" * 20_000,
        b"DATA\r\n" + b"x" * 300_000,
        b"RCPT TO:<zzt@example.org>\r\nDATA\r\nbroken off",
        b"STARTTLS\r\nAUTH PLAIN AA==\r\nQUIT\r\n",
        b"RCPT TO:<zzt@example.org>\r\nDATA\r\n"
        + b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
            for n in range(3_000)
        )
        + b"\r\n.\r\nQUIT\r\n",
    ],
    ids=["nothing", "endless line", "too long", "broken off", "unoffered", "nested"],
)
def test_a_hostile_sender_leaves_the_next_one_heard(
    said: bytes, place: tuple[str, int], mailbox: Mailbox
) -> None:
    with suppress(OSError), socket.create_connection(place, timeout=10) as connection:
        connection.sendall(said)  # which the mailbox may break off
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    before = mailbox.count(AWAITED)
    send(place, mail(AWAITED, "entendu"))
    assert (mailbox.next(AWAITED, before, 10.0) or "").strip() == "entendu"


def test_a_port_that_is_taken_is_told_and_one_that_is_let_go_is_free(
    place: tuple[str, int], mailbox: Mailbox
) -> None:
    other = Mailbox(*place)
    assert not other.listen(AWAITED)
    mailbox.close()
    assert other.listen(AWAITED)
    other.close()
