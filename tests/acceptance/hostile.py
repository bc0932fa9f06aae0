"""Small hostile systems on real TLS, for the harness to meet."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from reference_si.pki import Authority, Request, write

Answer = Callable[[BaseHTTPRequestHandler, bytes], tuple[int, dict[str, str], bytes]]


@contextmanager
def serving(folder: Path, answer: Answer) -> Iterator[int]:
    """An HTTPS server that answers as it is told; its root is ``folder/pki/root.pem``."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, headers, content = answer(self, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    authority = Authority("Hostile")
    leaf = authority.issue(Request())
    write(folder / "pki" / "root.pem", authority.root.pem)
    write(folder / "server.pem", leaf.pem + authority.intermediate.pem)
    write(folder / "server.key", leaf.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def manifest(folder: Path, port: int, password: str) -> Path:
    """A manifest of one service, with a Basic actor and one object."""
    write(folder / "password.txt", password.encode())
    path = folder / "target.yaml"
    path.write_text(
        f"""schema: tgv-target/1
system:
  name: Zzt
  vendor: Zzt
  version: "1"
  category: appointment-booking
  environment: test
scope:
  authorised_by: {{name: Zzt, organisation: Zzt, on: 2026-01-01}}
  until: 2099-01-01
  hosts: [{{host: localhost, port: {port}}}]
  rate: {{per_second: 500, in_flight: 4}}
  safety: [passive, active]
trust_anchors: ["file:pki/root.pem"]
services:
  api: {{type: openapi, url: "https://localhost:{port}/api"}}
actors:
  staff:
    role: clinician
    authentication: {{type: basic, username: staff, password: "file:password.txt"}}
objects:
  one: {{kind: thing, locator: one, owners: [staff], canaries: [zzt-marque-0001]}}
operations:
  thing-read:
    service: api
    kind: read
    path: /things/{{object}}
    object: thing
    actors: [staff]
""",
        encoding="utf-8",
    )
    return path
