"""The page on loopback: its transcripts come from the store, a page at a time.

Only this machine can reach it, and only with the address, which begins with a random token. The
Host header is checked, so that a foreign name that resolves to this machine gets nothing.
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
from vibench.page.contents import Options, PageTranscripts, Supplement, page
from vibench.page.html_file import NOTHING, catalogue, finished
from vibench.page.search import Query, Search
from vibench.report.run_report import RunReport

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["HOST", "Server", "serve"]

HOST = "127.0.0.1"
MAX_ROWS = 500
"""Transcripts in one answer."""

# No other site may frame this page or read from it, and no cache may keep it.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Server(ThreadingHTTPServer):
    """Serves one page and its transcripts at `url`, for reading only."""

    daemon_threads = True
    # On Windows a second server could otherwise take over the port of a running one.
    allow_reuse_address = False

    def __init__(self, port: int, html: str, search: Search) -> None:
        self.html = html.encode()
        self.search = search
        self.token = secrets.token_urlsafe(16)
        super().__init__((HOST, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a reader who leaves before the answer is complete."""
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
    supplement: Supplement = NOTHING,
) -> Server:
    """Return a server that is ready to `serve_forever`. `port` 0 takes any that is free.

    Raise StoreError without a finished cell, UsageError for a port that is not available.
    """
    sets = finished(store, collected)
    total = sum(transcripts.rows for transcripts in sets)
    summary = f"All {total:,} transcripts, read from the store on demand."
    if options.redact:
        summary += " Harmful answers and their prompts are left out."
    about_sets = catalogue(sets, "served", options.redact) | {"facts": []}
    holding = PageTranscripts(about_sets, summary, served=True)
    html = "".join(page(store, collected, sets, options, holding, supplement))
    try:
        return Server(port, html, Search(sets, options.redact))
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"Port {port} of {HOST} is not available ({why}).",
            "Choose another with --port, or leave it out to use any free port.",
        ) from error


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version = "vibench"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    # Seconds: a connection that stays silent must not hold a thread for ever.
    timeout = 60

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        # A page on the web could point its own name at 127.0.0.1 (DNS rebinding) and read along.
        if self.headers.get("Host") not in (f"{HOST}:{port}", f"localhost:{port}"):
            self._answer(HTTPStatus.FORBIDDEN, "This server answers only at its own address.")
            return
        address = urlsplit(self.path)
        parts = address.path.split("/")
        # compare_digest takes the same time for any guess, so that timing tells nothing.
        if len(parts) != 3 or not hmac.compare_digest(parts[1].encode(), self._token()):
            self._answer(HTTPStatus.NOT_FOUND, "There is nothing here.")
            return
        if parts[2] == "":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.html)
            return
        parameters = {name: values[-1] for name, values in parse_qs(address.query, True).items()}
        try:
            answer = self._content(parts[2], parameters)
        except (ValueError, IndexError, KeyError):
            self._answer(HTTPStatus.BAD_REQUEST, "The request is malformed.")
        except VibenchError as error:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        else:
            # NaN is not JSON: fail here rather than in the browser.
            text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            self._send(HTTPStatus.OK, "application/json; charset=utf-8", text.encode())

    def _content(self, name: str, parameters: Mapping[str, str]) -> Any:
        search = self.server.search
        if name == "list":
            words = {f.name: parameters.get(f.name) for f in fields(Query) if f.name != "facts"}
            numbers = frozenset(int(n) for n in parameters.get("facts", "").split(",") if n)
            query = Query(**{**words, "facts": numbers, "text": parameters.get("text", "")})  # type: ignore[arg-type]
            offset, limit = int(parameters.get("offset", 0)), int(parameters.get("limit", 50))
            if offset < 0 or not 0 <= limit <= MAX_ROWS:
                raise ValueError(offset, limit)
            return search.page(query, offset, limit)
        if name == "open":
            set_number = int(parameters["set"])
            # Python would take -1 as the last set.
            if set_number < 0:
                raise IndexError(set_number)
            return search.one(set_number, parameters["sample"])
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
        """Log nothing: the address contains the token."""
