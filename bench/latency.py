"""A network 50 ms away: relays of ours on loopback, one before each listener of the reference SI.

Each relay listens at the port of its listener on another address of this machine, 127.0.0.2, and the
names of this process lead there: addresses, certificates and issuers stay the same. It holds what it
carries for half the latency each way, and a connection for one more round trip, as its handshake
would take.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

AWAY = "127.0.0.2"
_HERE = "127.0.0.1"
_CHUNK = 64 * 1024


@contextmanager
def far_away(ports: Iterable[int], latency_s: float) -> Iterator[None]:
    """Put a distance before each port of this machine, for whoever resolves a name here.

    Parameters
    ----------
    ports:
        The ports of the listeners.
    latency_s:
        A round trip, in seconds.
    """
    command = [sys.executable, __file__, str(latency_s), *map(str, ports)]
    relays = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert relays.stdout is not None
        relays.stdout.readline()  # they listen
        with patch.object(socket, "getaddrinfo", _away(socket.getaddrinfo)):
            yield
    finally:
        relays.kill()
        relays.wait()


def _away(resolve: Any) -> Any:
    """A resolution in which this machine is elsewhere."""

    def resolved(host: Any, *arguments: Any, **options: Any) -> Any:
        return resolve(AWAY if host == "localhost" else host, *arguments, **options)

    return resolved


async def _relays(ports: list[int], latency_s: float) -> None:
    for port in ports:
        await asyncio.start_server(_relaying(port, latency_s), AWAY, port)
    print("ready", flush=True)
    await asyncio.Event().wait()


def _relaying(port: int, latency_s: float) -> Any:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(latency_s)
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(_HERE, port)
            await asyncio.gather(
                _carry(reader, far_writer, latency_s / 2), _carry(far_reader, writer, latency_s / 2)
            )
        writer.close()

    return relay


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float
) -> None:
    """Carry one direction, each piece after a delay; none waits for the one before it."""
    loop, pieces = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

    async def read() -> None:
        with suppress(OSError):
            while piece := await reader.read(_CHUNK):
                await pieces.put((loop.time() + delay_s, piece))
        await pieces.put((loop.time() + delay_s, b""))

    async def write() -> None:
        with suppress(OSError):
            while True:
                due, piece = await pieces.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
        writer.close()

    await asyncio.gather(read(), write())


if __name__ == "__main__":
    asyncio.run(_relays([int(port) for port in sys.argv[2:]], float(sys.argv[1])))
