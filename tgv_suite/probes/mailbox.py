"""The harness's own mailbox: a listener that mail is sent to, kept for the addresses that are awaited.

It speaks the least that RFC 5321 §4.5.1 asks of a receiver, without encryption. What
isn't for an awaited address is forgotten at once.
"""

from __future__ import annotations

import contextlib
import email
import html
import re
import socket
import threading
from collections.abc import Callable
from email.message import Message

_PATIENCE_S = 10.0
_LONGEST_LINE = 4096
_LONGEST_MESSAGE = 256 * 1024
_MOST_KEPT = 50
_MOST_CALLERS = 8
_REPLIES = {
    b"QUIT": b"221 bye\r\n",
    b"STAR": b"502 not offered\r\n",
    b"AUTH": b"502 not offered\r\n",
}
_ReadLine = Callable[[int], bytes]
_ADDRESS = re.compile(rb"<([^<>\s]{1,254})>")


class Mailbox:
    """A mailbox that opens when it is first asked to.

    Parameters
    ----------
    host, port:
        Where the system sends its mail.
    """

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._socket: socket.socket | None = None
        self._kept: list[tuple[str, str]] = []
        self._awaited: set[str] = set()
        self._changed = threading.Condition()
        self._callers = threading.BoundedSemaphore(_MOST_CALLERS)

    def listen(self, address: str) -> bool:
        """Keep from now on what comes for an address; False when this machine can't listen."""
        with self._changed:
            self._awaited.add(address.lower())
            if self._socket is None:
                try:
                    self._socket = socket.create_server(self._place)
                except OSError:
                    return False
                threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()
        return True

    def count(self, address: str) -> int:
        """How many messages came for an address."""
        with self._changed:
            return len(self._of(address))

    def next(self, address: str, after: int, within_s: float) -> str | None:
        """The text of the message that comes for an address after so many, within a time in seconds."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self._of(address)) > after, within_s)
            return self._of(address)[after] if came else None

    def close(self) -> None:
        """Stop listening, and forget what came."""
        with self._changed:
            listening, self._socket = self._socket, None
            self._kept.clear()
        if listening is not None:
            with contextlib.suppress(OSError):  # where a listening socket can't be shut down
                listening.shutdown(socket.SHUT_RDWR)  # closing alone doesn't wake who accepts
            listening.close()

    def _of(self, address: str) -> list[str]:
        return [text for to, text in self._kept if to == address.lower()]

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:  # the mailbox was closed
                return
            if not self._callers.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """One conversation; a caller that breaks it off has sent nothing more."""
        try:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(_PATIENCE_S)
                with connection.makefile("rb") as lines:
                    self._converse(connection, lines.readline)
        finally:
            self._callers.release()

    def _converse(self, connection: socket.socket, readline: _ReadLine) -> None:
        recipients: list[str] = []
        connection.sendall(b"220 tgv ESMTP\r\n")
        while line := readline(_LONGEST_LINE):
            word = line[:4].upper()
            if word == b"DATA":
                connection.sendall(b"354 go on\r\n")
                if not self._take(readline, recipients):
                    return
                recipients = []
            elif word == b"RCPT":
                recipients += [found.decode("latin-1") for found in _ADDRESS.findall(line)[:1]]
            elif word in (b"EHLO", b"HELO", b"RSET"):
                recipients = []
            connection.sendall(_REPLIES.get(word, b"250 ok\r\n"))
            if word == b"QUIT":
                return

    def _take(self, readline: _ReadLine, recipients: list[str]) -> bool:
        """Keep a message for those who are awaited; False when it never ends."""
        lines: list[bytes] = []
        size = 0
        while (line := readline(_LONGEST_LINE)) not in (b".\r\n", b".\n"):
            size += len(line)
            if not line or size > _LONGEST_MESSAGE:
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        text = _text(b"".join(lines))
        with self._changed:
            wanted = {one.lower() for one in recipients} & self._awaited
            room = _MOST_KEPT - len(self._kept)
            self._kept += [(address, text) for address in sorted(wanted)[: max(room, 0)]]
            self._changed.notify_all()
        return True


def _text(message: bytes) -> str:
    """What a message says, in each of its texts, without the entities of HTML."""
    try:
        parts = list(email.message_from_bytes(message).walk())
    except RecursionError:  # parts within parts without end
        return ""
    return "\n".join(html.unescape(_said(part)) for part in parts if _is_text(part))


def _is_text(part: Message) -> bool:
    return part.get_content_maintype() == "text"


def _said(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
