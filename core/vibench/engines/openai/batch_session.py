"""A session that asks by the Batch API: requests go in files, answers come within a day.

Which requests are in which batch is on disk before a batch is paid for. A process that is
killed and run again finds a request in the batch that it is in, and does not put it again.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vibench.engines.openai.address import Address
from vibench.engines.openai.batch_files import Batch, Batches, Put, chunks, line_id
from vibench.engines.openai.batch_wire import BatchWire, Gone
from vibench.engines.openai.failures import complaint, failed
from vibench.engines.openai.replies import Answer, Trouble, read_answer
from vibench.engines.openai.requests import Dialect
from vibench.errors import EndpointError, VibenchError
from vibench.interfaces import Session
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Model,
    Sampling,
)

__all__ = ["BatchLimits", "BatchSession"]

ENDED = ("completed", "failed", "expired", "cancelled")
UNASKED = ("batch_expired", "batch_cancelled")
"""What an endpoint says of a request that it did not come to."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """Requests and bytes of one file, and seconds between two looks at a batch."""

    requests: int
    size: int
    interval: float


class BatchSession(Session):
    """A model at an endpoint that is asked in batches. `scratch` is where they are on record."""

    def __init__(
        self, model: Model, address: Address, dialect: Dialect, wire: BatchWire, limits: BatchLimits
    ) -> None:
        self.base, self.shard = model, max(1, limits.requests // 4)
        self._address, self._dialect, self._wire, self._limits = address, dialect, wire, limits
        self._fresh: list[ChatRequest] = []
        self._waiting: dict[str, ChatRequest] = {}
        self._batches: Batches | None = None
        self._ready: list[Completion | Loglikelihood] = []
        self._failure: VibenchError | None = None
        self._answered = False
        wire.notice = self._notice
        wire.reach()

    def _notice(self, line: str) -> None:
        if self.notice is not None:
            self.notice(line)

    def left_out(self, sampling: Sampling) -> tuple[str, ...]:
        """What the endpoint refused to know."""
        return self._dialect.left_out(sampling)

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        """Queue a request for the next batch."""
        if isinstance(request, LoglikelihoodRequest):
            why = "chat endpoints give no log-likelihoods"
            self._ready.append(Loglikelihood(request.id, 0.0, 0, False, error=why))
            return
        self._fresh.append(request)

    def poll(self) -> Sequence[Completion | Loglikelihood]:
        """Put what is queued into batches, wait until one has ended, and return its answers.

        Raises EndpointError once these are returned if the batch did not end well, UsageError
        if every request of it was refused for what is wrong with all.
        """
        while True:
            self._put()
            if self._ready:
                found, self._ready = self._ready, []
                return found
            if self._failure is not None:
                failure, self._failure = self._failure, None
                self.close()
                raise failure
            if not self._waiting:
                return []
            if not self._look():
                time.sleep(self._limits.interval)

    def close(self) -> None:
        """Nothing is cancelled: batches go on at the endpoint, and are found there again."""
        self._fresh.clear()
        self._waiting.clear()
        self._ready.clear()

    # --- into batches ---

    @property
    def batches(self) -> Batches:
        if self._batches is None:
            folder = self.scratch / "batches" if self.scratch else None
            self._batches = Batches(folder, self._address.base_url, self.base.source)
            for batch in list(self._batches.known.values()):
                if not batch.batch:
                    self._recover(batch)
        return self._batches

    def _recover(self, batch: Batch) -> None:
        """A process ended while it began a batch: find it, or forget what never was one."""
        assert self._batches is not None
        found = self._wire.find(batch.file) if batch.file else None
        if found is None:
            self._batches.forget(batch)
        else:
            self._batches.save(replace(batch, batch=found["id"]))

    def _put(self) -> None:
        """See that every queued request is in a batch."""
        fresh, self._fresh = self._fresh, []
        new: list[Put] = []
        for request in fresh:
            body = self._dialect.body(request)
            put = Put(line_id(request, body), request, body)
            if len(put.line) > self._limits.size:
                error = "bad request: it is larger than a batch's file may be"
                self._ready.append(Completion(request.id, "", "error", error=error, free=True))
                continue
            self._waiting[put.id] = request
            if put.id not in self.batches.holder:
                new.append(put)
        for chunk in chunks(new, self._limits.requests, self._limits.size):
            self._begin(chunk)

    def _begin(self, puts: Sequence[Put]) -> None:
        batch = self.batches.begin(puts)
        with self._file(f"{batch.name}.jsonl") as path:
            with path.open("wb") as out:
                out.writelines(put.line for put in puts)
            batch = self.batches.save(replace(batch, file=self._wire.upload(path)))
        made = self._wire.create(batch.file, batch.name)
        self.batches.save(replace(batch, batch=made["id"]))

    @contextlib.contextmanager
    def _file(self, name: str) -> Iterator[Path]:
        """A file beside the records, for a while."""
        with tempfile.TemporaryDirectory(prefix="batch-", dir=self.scratch) as folder:
            yield Path(folder) / name

    # --- out of batches ---

    def _look(self) -> bool:
        """See how each batch is in which something is waited for; whether that is news."""
        news = False
        for name in dict.fromkeys(self.batches.holder[id] for id in self._waiting):
            batch = self.batches.known[name]
            if batch.ended:
                self._take_again(batch)
                news = True
                continue
            try:
                found = self._wire.retrieve(batch.batch)
            except Gone:
                self._queue_again(batch)
                news = True
                continue
            if found["status"] in ENDED:
                self._take(batch, found)
                news = True
        return news

    def _take(self, batch: Batch, found: Mapping[str, Any]) -> None:
        """The answers of a batch that has ended, well or not."""
        answered: list[str] = []
        output = found.get("output_file_id") or ""
        for file in filter(None, (output, found.get("error_file_id"))):
            with contextlib.suppress(Gone):
                answered += [id for line in self._lines(file) if (id := self._receive(line))]
        lost = [request for id in batch.requests if (request := self._waiting.pop(id, None))]
        self.batches.save(replace(batch, requests=tuple(answered), ended=True, output=output))
        if found["status"] == "completed":
            error = "malformed reply: the batch's results do not have it"
            self._ready += [Completion(r.id, "", "error", error=error, passing=True) for r in lost]
        elif self._failure is None:
            self._failure = self._ended_badly(batch, found, len(answered))

    def _take_again(self, batch: Batch) -> None:
        """The answers of a batch that had ended in an earlier life."""
        with contextlib.suppress(Gone):
            for line in self._lines(batch.output):
                self._receive(line)
        self._queue_again(batch)

    def _queue_again(self, batch: Batch) -> None:
        """Put into another batch what is still waited for in this one."""
        lost = [id for id in batch.requests if id in self._waiting]
        gone = set(lost) if batch.ended else set(batch.requests)
        rest = tuple(id for id in batch.requests if id not in gone)
        self.batches.save(replace(batch, requests=rest))
        self._fresh += [self._waiting.pop(id) for id in lost]

    def _receive(self, line: Mapping[str, Any]) -> str | None:
        """One line of a batch's results; its id if that is an answer."""
        id, response, error = str(line.get("custom_id")), line.get("response"), line.get("error")
        found: Answer | Trouble
        if response:
            body = json.dumps(response.get("body")).encode()
            found = read_answer(response.get("status_code") or 200, {}, body)
        elif error and error.get("code") in UNASKED:
            return None
        else:
            found = Trouble("server error", str((error or {}).get("message") or "no answer"))
        request = self._waiting.pop(id, None)
        if isinstance(found, Answer):
            self._answered = True
            if request is not None:
                used = found.prompt_tokens, found.completion_tokens
                said = Completion(
                    request.id, found.text, found.finish, *used, thought=found.thought
                )
                self._ready.append(said)
            return id
        if request is not None:
            self._give_up(id, request, found)
        return None

    def _give_up(self, id: str, request: ChatRequest, found: Trouble) -> None:
        """Say why a request was not answered, unless it can be put in other words."""
        if found.parameter is not None:
            self._dialect.drop(found.parameter)
            if line_id(request, self._dialect.body(request)) != id:
                self._fresh.append(request)
                return
        if found.wrong is not None and not (found.at_first and self._answered):
            # It ends all asking, and is no answer to this request.
            self._failure = self._failure or complaint(found, self._address, self._dialect.model)
            return
        self._ready.append(failed(request.id, found, self._address.scrub(found.detail)))

    def _lines(self, file: str) -> Iterator[Mapping[str, Any]]:
        """A file of results, line by line. Raises Gone."""
        with self._file("results.jsonl") as path:
            self._wire.download(file, path)
            with path.open("rb") as lines:
                for line in lines:
                    with contextlib.suppress(ValueError):
                        found = json.loads(line)
                        if isinstance(found, dict):
                            yield found

    def _ended_badly(self, batch: Batch, found: Mapping[str, Any], answered: int) -> EndpointError:
        how = {"failed": "failed", "expired": "expired", "cancelled": "was cancelled"}
        listed = (found.get("errors") or {}).get("data") or [{}]
        said = listed[0].get("message")
        why = f" ({self._address.scrub(str(said))})" if said else ""
        return EndpointError(
            f"The batch {batch.batch} at {self._address.base_url} {how[found['status']]}{why}: "
            f"{answered:,} of its {len(batch.requests):,} requests were answered.",
            "What came back is kept: rerun the same command to ask the rest.",
        )
