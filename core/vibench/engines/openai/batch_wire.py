"""What an endpoint is sent for batches: files, batches, and what came of them."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from vibench.engines.openai.address import Address
from vibench.engines.openai.failures import complaint, trouble_of
from vibench.engines.openai.pace import backoff
from vibench.engines.openai.patience import Patience, waiting
from vibench.engines.openai.replies import Trouble, read_answer
from vibench.engines.openai.traffic import Limits
from vibench.engines.openai.wire import Wire, proxy_for
from vibench.errors import EndpointError, UsageError

if TYPE_CHECKING:
    import aiohttp

__all__ = ["BatchWire", "Gone"]

T = TypeVar("T")
Json = dict[str, Any]
OUTAGE = ("rate limit", "server error", "time-out", "connection")
"""The causes of what is waited out; a reply that cannot be read is not."""
PAGES = 50
"""How many pages of the endpoint's list of batches are looked through."""


class Gone(Exception):
    """What was asked for is not at the endpoint (any more)."""


class _Failed(Exception):
    """A request did not come through; `trouble` says why."""

    def __init__(self, trouble: Trouble, status: int = 0) -> None:
        super().__init__(trouble.detail)
        self.trouble, self.status = trouble, status


class BatchWire:
    """The calls of the Batch API, each tried several times. They block.

    Raise UsageError if the endpoint refuses, EndpointError if it cannot be reached within its
    patience or wants to be paid. `notice` is told what is waited for.
    """

    def __init__(self, address: Address, model: str, limits: Limits) -> None:
        self.address, self.model = address, model
        self.timeout, self.attempts = limits.timeout, limits.attempts
        self.patience = Patience(address.base_url, limits.patience)
        self.notice: Callable[[str], None] = lambda line: None
        self._proxy = proxy_for(address.base_url)

    def reach(self) -> None:
        """See that something listens there."""

        async def knock() -> Trouble | None:
            wire = Wire(self.address, 1, self.timeout)
            try:
                return await wire.knock(self.patience.at_opening, self.patience.in_vain)
            finally:
                await wire.close()

        trouble = asyncio.run(knock())
        if trouble is not None:
            if trouble.unreachable:
                self.patience.give_up()
            raise complaint(trouble, self.address, self.model)

    def upload(self, path: Path) -> str:
        """Send a file of requests; its id."""

        async def send() -> Json:
            import aiohttp

            data = aiohttp.FormData()
            data.add_field("purpose", "batch")
            with path.open("rb") as file:
                data.add_field("file", file, filename=path.name, content_type="application/jsonl")
                return await self._json("POST", "/files", data=data)

        return str(self._tried(send)["id"])

    def create(self, file: str, name: str) -> Json:
        """Have a file's requests answered; the batch.

        One that was made although its making was not answered is found, not made again.
        """
        said = {
            "input_file_id": file,
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {"vibench": name},
        }
        failed = False

        async def make() -> Json:
            nonlocal failed
            found = await self._find(file) if failed else None
            failed = True
            return found or await self._json("POST", "/batches", json=said)

        return self._tried(make)

    def find(self, file: str) -> Json | None:
        """The batch of a file's requests, if there is one."""
        return self._tried(lambda: self._find(file))

    async def _find(self, file: str) -> Json | None:
        after = ""
        for _ in range(PAGES):
            page = await self._json("GET", f"/batches?limit=100{after}")
            for batch in page["data"]:
                if batch["input_file_id"] == file:
                    return dict(batch)
            if not page.get("has_more") or not page["data"]:
                return None
            after = f"&after={page['data'][-1]['id']}"
        return None

    def retrieve(self, batch: str) -> Json:
        """How a batch is. Raises Gone."""
        return self._tried(lambda: self._json("GET", f"/batches/{batch}"), missing=True)

    def download(self, file: str, into: Path) -> None:
        """Fetch a file. Raises Gone."""

        async def fetch() -> None:
            async with (
                self._http() as http,
                self._request(http, "GET", f"/files/{file}/content") as response,
            ):
                await _sound(response)
                with into.open("wb") as out:
                    async for chunk in response.content.iter_chunked(2**20):
                        out.write(chunk)

        self._tried(fetch, missing=True)

    # --- one request, and several tries ---

    def _http(self) -> aiohttp.ClientSession:
        import aiohttp

        from vibench.version import __version__

        headers = {"User-Agent": f"vibench/{__version__}", "Accept-Encoding": "identity"}
        if self.address.key:
            headers["Authorization"] = f"Bearer {self.address.key}"
        # A file takes as long as it takes, so long as something moves.
        limits = aiohttp.ClientTimeout(
            total=None, sock_connect=min(30.0, self.timeout), sock_read=self.timeout
        )
        return aiohttp.ClientSession(headers=headers, timeout=limits)

    def _request(self, http: aiohttp.ClientSession, method: str, path: str, **more: Any) -> Any:
        return http.request(
            method, f"{self.address.base_url}{path}", allow_redirects=False, proxy=self._proxy,
            **more,
        )  # fmt: skip

    async def _json(self, method: str, path: str, **more: Any) -> Json:
        async with self._http() as http, self._request(http, method, path, **more) as response:
            await _sound(response)
            found = json.loads(await response.read())
            if not isinstance(found, dict):
                raise ValueError("what came back is no JSON object")
            return found

    def _tried(self, ask: Callable[[], Coroutine[Any, Any, T]], missing: bool = False) -> T:
        """What a request gives, tried again where that may help."""
        import aiohttp

        tried, begun = 0, time.monotonic()
        while True:
            tried += 1
            try:
                answer = asyncio.run(ask())
            except _Failed as failed:
                trouble = failed.trouble
                if missing and failed.status == 404:
                    raise Gone(trouble.detail) from None
                if failed.status in (404, 405):
                    raise self._no_batches(trouble) from None
            except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
                trouble = trouble_of(error)
            else:
                self.patience.answered(time.monotonic())
                return answer
            self._hopeless(trouble, tried, begun)
            wait = max(backoff(tried, 0.2, 2, random.random()), trouble.retry_after or 0.0)
            self.notice(waiting(self.address.base_url, time.monotonic() - begun, wait))
            time.sleep(wait)

    def _hopeless(self, trouble: Trouble, tried: int, begun: float) -> None:
        """Raise what ends the tries, if something does."""
        if trouble.wrong in ("key", "quota", "certificate"):
            raise complaint(trouble, self.address, self.model)
        if trouble.final:
            raise self._refused(trouble)
        if (trouble.retry_after or 0.0) > self.patience.seconds:
            raise complaint(replace(trouble, wrong="away"), self.address, self.model)
        if tried < self.attempts:
            return
        self.patience.failed(begun)
        silence = self.patience.silence(time.monotonic())
        outage = trouble.unreachable or trouble.cause in OUTAGE
        if not outage or self.patience.spent(time.monotonic()):
            raise complaint(replace(trouble, wrong=None), self.address, self.model, silence)

    def _no_batches(self, trouble: Trouble) -> UsageError:
        return UsageError(
            f"The endpoint {self.address.base_url} has no Batch API "
            f"({self.address.scrub(trouble.detail)}).",
            "Leave out --set openai.batch=true.",
        )

    def _refused(self, trouble: Trouble) -> EndpointError:
        said = self.address.scrub(f"{trouble.cause}: {trouble.detail}")
        return EndpointError(
            f"The endpoint {self.address.base_url} does not take a batch ({said}).",
            "Batches under way and everything that was answered are kept: rerun the same command "
            "to resume.",
        )


async def _sound(response: aiohttp.ClientResponse) -> None:
    """Raises _Failed for anything but a 200."""
    if response.status == 200:
        return
    found = read_answer(response.status, response.headers, (await response.read())[: 2**16])
    assert isinstance(found, Trouble)
    raise _Failed(found, response.status)
