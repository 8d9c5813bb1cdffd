"""The connections to an endpoint: one request, and what came of it."""

from __future__ import annotations

import asyncio
import io
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vibench.engines.openai.address import Address, is_near
from vibench.engines.openai.failures import trouble_of
from vibench.engines.openai.pace import backoff
from vibench.engines.openai.replies import Answer, Trouble, read_answer

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

__all__ = ["Wire", "proxy_for"]

LARGEST = 2**25
"""Bytes of an answer; more is no chat completion."""
PIECEMEAL = 2**19
"""Bytes of a request from which on it is sent in pieces."""
KNOCKS = 3
"""How often at least it is tried whether anything listens."""


def proxy_for(base_url: str) -> str | None:
    """The proxy that the environment names for an endpoint; none for one that is near."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_near(host) or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


class Wire:
    """A pool of kept connections. Made and used on the loop's thread."""

    def __init__(self, address: Address, connections: int, timeout: float) -> None:
        import aiohttp
        from yarl import URL

        from vibench.version import __version__

        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"vibench/{__version__}",
        }
        if address.key:
            headers["Authorization"] = f"Bearer {address.key}"
        self._timeout = timeout
        self._proxy = proxy_for(address.base_url)
        self._models: URL = URL(f"{address.base_url}/models")
        self._chat: URL = URL(f"{address.base_url}/chat/completions")
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(30.0, timeout)),
        )

    async def close(self) -> None:
        await self._http.close()

    async def knock(self, patience: float = 0.0, strict: bool = False) -> Trouble | None:
        """See whether anything listens, for so many seconds at least; the trouble if not.

        What the list of models says is left aside: many endpoints have none, or show it to
        few. If `strict`, one that takes connections and says nothing is in trouble too.
        """
        import aiohttp

        brief = aiohttp.ClientTimeout(total=min(10.0, self._timeout), sock_connect=3.0)
        begun, tried = time.monotonic(), 0
        while True:
            tried += 1
            try:
                async with self._http.get(
                    self._models, allow_redirects=False, timeout=brief, proxy=self._proxy
                ):
                    return None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                trouble = trouble_of(error)
            if not trouble.unreachable:
                return trouble if trouble.wrong or strict else None
            left = patience - (time.monotonic() - begun)
            if trouble.wrong or (tried >= KNOCKS and left <= 0):
                return trouble
            wait = backoff(tried, 0.1, 3, 1.0)
            await asyncio.sleep(min(wait, left) if tried >= KNOCKS else wait)

    async def ask(self, body: bytes) -> Answer | Trouble:
        """Send a chat completion's body, read what comes back."""
        import aiohttp

        data = body if len(body) < PIECEMEAL else io.BytesIO(body)
        try:
            async with self._http.post(
                self._chat, data=data, allow_redirects=False, proxy=self._proxy
            ) as response:
                raw = await _bounded(response)
                return read_answer(response.status, response.headers, raw)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return trouble_of(error)


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """The whole body. Raises ValueError if it is larger than any chat completion."""
    chunk = await response.content.readany()
    if response.content.at_eof():
        return chunk
    chunks = [chunk]
    size = len(chunk)
    while chunk := await response.content.readany():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise ValueError(f"the answer is larger than {LARGEST // 2**20} MiB")
    return b"".join(chunks)
