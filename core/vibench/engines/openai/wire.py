"""The connections to an endpoint: one request and its response."""

from __future__ import annotations

import asyncio
import io
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vibench.engines.openai.address import Address, is_near
from vibench.engines.openai.failures import failure_of
from vibench.engines.openai.pace import backoff
from vibench.engines.openai.replies import CallFailure, ChatReply, read_answer

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

__all__ = ["Wire", "proxy_for"]

MAX_BYTES = 2**25
"""Bytes of a response; a longer one is not a chat completion, and could fill the memory."""
CHUNKED_BYTES = 2**19
"""Bytes of a request from which on it is sent in chunks: aiohttp warns of larger bodies, which
hold up the loop while they are sent in one piece."""
KNOCKS = 3
"""Attempts, at least, to see whether anything listens."""


def proxy_for(base_url: str) -> str | None:
    """Return the proxy that the environment names for an endpoint; None for one that is near."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_near(host) or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


class Wire:
    """A pool of persistent connections. Made and used on the loop's thread."""

    def __init__(self, address: Address, connections: int, timeout: float) -> None:
        import aiohttp
        from yarl import URL

        from vibench.version import __version__

        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            # Replies are short, and unpacking each of them would take time of the loop.
            "Accept-Encoding": "identity",
            "User-Agent": f"vibench/{__version__}",
        }
        if address.key:
            headers["Authorization"] = f"Bearer {address.key}"
        self._timeout = timeout
        self._proxy = proxy_for(address.base_url)
        self._models: URL = URL(f"{address.base_url}/models")
        self._chat: URL = URL(f"{address.base_url}/chat/completions")
        # Without cookies, so that no answer depends on an earlier one.
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(30.0, timeout)),
        )

    async def close(self) -> None:
        await self._http.close()

    async def knock(self, patience: float = 0.0, strict: bool = False) -> CallFailure | None:
        """Try for `patience` seconds whether anything listens; return the failure if not.

        With `strict`, an endpoint that takes connections and does not respond has failed too.
        """
        import aiohttp

        # By the list of models, whose content is ignored: many endpoints have none, or show it to
        # few. It costs nothing, unlike a completion.
        brief = aiohttp.ClientTimeout(total=min(10.0, self._timeout), sock_connect=3.0)
        start, tried = time.monotonic(), 0
        while True:
            tried += 1
            try:
                async with self._http.get(
                    self._models, allow_redirects=False, timeout=brief, proxy=self._proxy
                ):
                    return None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                failure = failure_of(error)
            if not failure.unreachable:
                return failure if failure.wrong or strict else None
            remaining = patience - (time.monotonic() - start)
            if failure.wrong or (tried >= KNOCKS and remaining <= 0):
                return failure
            wait = backoff(tried, 0.1, 3, 1.0)
            await asyncio.sleep(min(wait, remaining) if tried >= KNOCKS else wait)

    async def ask(self, body: bytes) -> ChatReply | CallFailure:
        """Send a chat completion's body and read the response. Never raises for a failure."""
        import aiohttp

        # Redirects are refused (here and below): they could take the key to another host.
        data = body if len(body) < CHUNKED_BYTES else io.BytesIO(body)
        try:
            async with self._http.post(
                self._chat, data=data, allow_redirects=False, proxy=self._proxy
            ) as response:
                raw = await _bounded(response)
                return read_answer(response.status, response.headers, raw)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return failure_of(error)


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return the complete body. Raises ValueError if it is larger than any chat completion."""
    # Most responses come in one piece, which needs no joining.
    chunk = await response.content.readany()
    if response.content.at_eof():
        return chunk
    chunks = [chunk]
    size = len(chunk)
    while chunk := await response.content.readany():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            raise ValueError(f"the response is larger than {MAX_BYTES // 2**20} MiB")
    return b"".join(chunks)
