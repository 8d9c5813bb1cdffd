"""The page on loopback: its transcripts come from the store, a page at a time.

Only this machine can reach it, and only who has the address: a random token is its first part.
The Host header is checked, so that a name that somebody points at this machine gets nothing.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import fields
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from vibench.errors import UsageError, VibenchError
from vibench.page.document import Besides, Holding, Options, page
from vibench.page.export import NOTHING, catalogue, finished
from vibench.page.search import Asked, Search
from vibench.report.run_report import RunReport

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["HOST", "Server", "serve"]

HOST = "127.0.0.1"
MOST = 500
"""Transcripts in one answer."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Server(ThreadingHTTPServer):
    """Serves one page and its transcripts; `url` is where. Nothing can be changed by it."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, port: int, html: str, search: Search) -> None:
        self.html = html.encode()
        self.search = search
        self.token = secrets.token_urlsafe(16)
        super().__init__((HOST, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader who leaves before the answer is whole is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}/{self.token}/"


def serve(
    store: Store,
    collected: RunReport,
    port: int,
    options: Options,
    besides: Besides = NOTHING,
) -> Server:
    """A server that is ready to `serve_forever`. `port` 0 takes any that is free.

    Raises StoreError without a finished cell, UsageError for a port that cannot be had.
    """
    sets = finished(store, collected)
    total = sum(one.rows for one in sets)
    told = f"All {total:,} transcripts, read from the store as they are asked for."
    if options.redact:
        told += " Answers that may do harm, and what was asked, are left out."
    known = catalogue(sets, "served", options.redact) | {"facts": []}
    holding = Holding(known, told, served=True)
    html = "".join(page(store, collected, sets, options, holding, besides))
    try:
        return Server(port, html, Search(sets, options.redact))
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"Port {port} of {HOST} cannot be had ({why}).",
            "Name another with --port, or leave it out: any free one is taken.",
        ) from error


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version = "vibench"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        if self.headers.get("Host") not in (f"{HOST}:{port}", f"localhost:{port}"):
            self._answer(HTTPStatus.FORBIDDEN, "This server answers to its own address alone.")
            return
        asked = urlsplit(self.path)
        parts = asked.path.split("/")
        if len(parts) != 3 or not hmac.compare_digest(parts[1].encode(), self._token()):
            self._answer(HTTPStatus.NOT_FOUND, "There is nothing here.")
            return
        if parts[2] == "":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.html)
            return
        said = {name: values[-1] for name, values in parse_qs(asked.query, True).items()}
        try:
            found = self._found(parts[2], said)
        except (ValueError, IndexError, KeyError):
            self._answer(HTTPStatus.BAD_REQUEST, "That cannot be asked.")
        except VibenchError as error:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        else:
            text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            self._send(HTTPStatus.OK, "application/json; charset=utf-8", text.encode())

    def _found(self, name: str, said: Mapping[str, str]) -> Any:
        search = self.server.search
        if name == "list":
            words = {f.name: said.get(f.name) for f in fields(Asked) if f.name != "facts"}
            numbers = frozenset(int(n) for n in said.get("facts", "").split(",") if n)
            asked = Asked(**{**words, "facts": numbers, "text": said.get("text", "")})  # type: ignore[arg-type]
            offset, limit = int(said.get("offset", 0)), int(said.get("limit", 50))
            if offset < 0 or not 0 <= limit <= MOST:
                raise ValueError(offset, limit)
            return search.page(asked, offset, limit)
        if name == "open":
            place = int(said["set"])
            if place < 0:
                raise IndexError(place)
            return search.one(place, said["sample"])
        if name == "facts":
            return search.learn()
        raise KeyError(name)

    def _token(self) -> bytes:
        return self.server.token.encode()

    def _answer(self, status: HTTPStatus, text: str) -> None:
        self._send(status, "text/plain; charset=utf-8", text.encode())

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address, with its token, belongs in no log."""
