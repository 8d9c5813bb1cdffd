"""The calls of the Batch API: files of requests, batches, and files of results."""

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
from vibench.engines.openai.failures import endpoint_error, failure_of
from vibench.engines.openai.limits import Limits
from vibench.engines.openai.pace import backoff
from vibench.engines.openai.patience import Patience, waiting_line
from vibench.engines.openai.replies import CallFailure, read_answer
from vibench.engines.openai.wire import Wire, proxy_for
from vibench.errors import EndpointError, UsageError

if TYPE_CHECKING:
    import aiohttp

__all__ = ["BatchWire", "Gone"]

T = TypeVar("T")
Json = dict[str, Any]
OUTAGE = ("rate limit", "server error", "time-out", "connection")
"""The causes of failures that pass with time; a reply that cannot be read does not."""
MAX_PAGES = 50
"""Pages of the endpoint's list of batches that are searched, of 100 batches each."""


class Gone(Exception):
    """A batch or a file that the endpoint does not have, or not any more."""


class _Failed(Exception):
    """A call that failed; `failure` is the cause and `status` the response's."""

    def __init__(self, failure: CallFailure, status: int = 0) -> None:
        super().__init__(failure.detail)
        self.failure, self.status = failure, status


class BatchWire:
    """The calls of the Batch API, each attempted several times. They block.

    They raise UsageError if the endpoint refuses, EndpointError if it cannot be reached within
    its patience or its credit is spent. `notice` gets a line for each wait.
    """

    def __init__(self, address: Address, model: str, limits: Limits) -> None:
        self.address, self.model = address, model
        self.timeout, self.attempts = limits.timeout, limits.attempts
        self.patience = Patience(address.base_url, limits.patience)
        self.notice: Callable[[str], None] = lambda line: None
        self._proxy = proxy_for(address.base_url)

    def reach(self) -> None:
        """Check that something listens at the address."""

        async def knock() -> CallFailure | None:
            wire = Wire(self.address, 1, self.timeout)
            try:
                return await wire.knock(self.patience.at_opening, self.patience.in_vain)
            finally:
                await wire.close()

        failure = asyncio.run(knock())
        if failure is not None:
            if failure.unreachable:
                self.patience.give_up()
            raise endpoint_error(failure, self.address, self.model)

    def upload(self, path: Path) -> str:
        """Send a file of requests; return its id."""

        async def send() -> Json:
            import aiohttp

            data = aiohttp.FormData()
            data.add_field("purpose", "batch")
            with path.open("rb") as file:
                data.add_field("file", file, filename=path.name, content_type="application/jsonl")
                return await self._json("POST", "/files", data=data)

        return str(self._tried(send)["id"])

    def create(self, file: str, name: str) -> Json:
        """Create a batch of a file's requests; return its status."""
        fields = {
            "input_file_id": file,
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {"vibench": name},
        }
        failed = False

        async def make() -> Json:
            nonlocal failed
            # A call that failed may have created the batch before its response was lost. A second
            # batch of the same requests would be paid for a second time.
            status = await self._find(file) if failed else None
            failed = True
            return status or await self._json("POST", "/batches", json=fields)

        return self._tried(make)

    def find(self, file: str) -> Json | None:
        """Return the status of the batch of a file's requests, None if there is no such batch."""
        return self._tried(lambda: self._find(file))

    async def _find(self, file: str) -> Json | None:
        after = ""
        for _ in range(MAX_PAGES):
            page = await self._json("GET", f"/batches?limit=100{after}")
            for batch in page["data"]:
                if batch["input_file_id"] == file:
                    return dict(batch)
            if not page.get("has_more") or not page["data"]:
                return None
            after = f"&after={page['data'][-1]['id']}"
        return None

    def retrieve(self, batch: str) -> Json:
        """Return the status of a batch. Raises Gone."""
        return self._tried(lambda: self._json("GET", f"/batches/{batch}"), may_be_gone=True)

    def download(self, file: str, into: Path) -> None:
        """Download a file. Raises Gone."""

        async def fetch() -> None:
            async with (
                self._http() as http,
                self._request(http, "GET", f"/files/{file}/content") as response,
            ):
                await _sound(response)
                with into.open("wb") as out:
                    async for chunk in response.content.iter_chunked(2**20):
                        out.write(chunk)

        self._tried(fetch, may_be_gone=True)

    # --- one call, and several attempts at it ---

    def _http(self) -> aiohttp.ClientSession:
        import aiohttp

        from vibench.version import __version__

        headers = {"User-Agent": f"vibench/{__version__}", "Accept-Encoding": "identity"}
        if self.address.key:
            headers["Authorization"] = f"Bearer {self.address.key}"
        # No limit for a transfer as a whole, which may take an hour, but one for every pause in it.
        limits = aiohttp.ClientTimeout(
            total=None, sock_connect=min(30.0, self.timeout), sock_read=self.timeout
        )
        return aiohttp.ClientSession(headers=headers, timeout=limits)

    def _request(self, http: aiohttp.ClientSession, method: str, path: str, **options: Any) -> Any:
        url = f"{self.address.base_url}{path}"
        # A redirect could take the key to another host.
        return http.request(method, url, allow_redirects=False, proxy=self._proxy, **options)

    async def _json(self, method: str, path: str, **options: Any) -> Json:
        async with self._http() as http, self._request(http, method, path, **options) as response:
            await _sound(response)
            body = json.loads(await response.read())
            if not isinstance(body, dict):
                raise ValueError("the response is not a JSON object")
            return body

    def _tried(self, ask: Callable[[], Coroutine[Any, Any, T]], may_be_gone: bool = False) -> T:
        """Return the result of a call, attempted again where that may help."""
        import aiohttp

        # A loop of its own for each attempt: these calls are rare, and no connection is worth
        # keeping between them.
        tried, start = 0, time.monotonic()
        while True:
            tried += 1
            try:
                answer = asyncio.run(ask())
            except _Failed as failed:
                failure = failed.failure
                if may_be_gone and failed.status == 404:
                    raise Gone(failure.detail) from None
                # Many endpoints serve chat completions and nothing else.
                if failed.status in (404, 405):
                    raise self._no_batches(failure) from None
            except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
                failure = failure_of(error)
            else:
                self.patience.answered(time.monotonic())
                return answer
            self._check_hope(failure, tried, start)
            wait = max(backoff(tried, 0.2, 2, random.random()), failure.retry_after or 0.0)
            self.notice(waiting_line(self.address.base_url, time.monotonic() - start, wait))
            time.sleep(wait)

    def _check_hope(self, failure: CallFailure, tried: int, start: float) -> None:
        """Raise the error of a call that is not worth another attempt."""
        if failure.wrong in ("key", "access", "quota", "certificate"):
            raise endpoint_error(failure, self.address, self.model)
        if failure.final:
            raise self._refused(failure)
        if (failure.retry_after or 0.0) > self.patience.seconds:
            raise endpoint_error(replace(failure, wrong="away"), self.address, self.model)
        if tried < self.attempts:
            return
        # With one call at a time, `attempts` says little about an outage: patience decides.
        self.patience.failed(start)
        silence = self.patience.silence(time.monotonic())
        outage = failure.unreachable or failure.cause in OUTAGE
        if not outage or self.patience.spent(time.monotonic()):
            raise endpoint_error(replace(failure, wrong=None), self.address, self.model, silence)

    def _no_batches(self, failure: CallFailure) -> UsageError:
        return UsageError(
            f"The endpoint {self.address.base_url} has no Batch API "
            f"({self.address.scrub(failure.detail)}).",
            "Leave out --set openai.batch=true.",
        )

    def _refused(self, failure: CallFailure) -> EndpointError:
        cause = self.address.scrub(f"{failure.cause}: {failure.detail}")
        return EndpointError(
            f"The endpoint {self.address.base_url} does not accept a batch ({cause}).",
            "Batches under way and all answers so far are kept: rerun the same command to resume.",
        )


async def _sound(response: aiohttp.ClientResponse) -> None:
    """Raise _Failed for any status but 200."""
    if response.status == 200:
        return
    failure = read_answer(response.status, response.headers, (await response.read())[: 2**16])
    assert isinstance(failure, CallFailure)
    raise _Failed(failure, response.status)
