"""A session that uses the Batch API: requests go out in files, answers come within a day.

The requests of each batch are on record on disk before the batch is paid for. A process that is
killed and run again finds each request in the batch that it is in, and does not send it again.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vibench.engines.openai.address import Address
from vibench.engines.openai.batch_files import Batch, Batches, Put, chunks, line_id
from vibench.engines.openai.batch_wire import BatchWire, Gone
from vibench.engines.openai.failures import endpoint_error, failed_completion
from vibench.engines.openai.limits import BatchLimits
from vibench.engines.openai.replies import CallFailure, ChatReply, read_answer
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

__all__ = ["BatchSession"]

ENDED = ("completed", "failed", "expired", "cancelled")
UNASKED = ("batch_expired", "batch_cancelled")
"""Error codes of requests that the endpoint did not get to before the batch ended."""


class BatchSession(Session):
    """A model at an endpoint that gets its requests in batches, on record in `scratch`."""

    def __init__(
        self, model: Model, address: Address, dialect: Dialect, wire: BatchWire, limits: BatchLimits
    ) -> None:
        # A quarter of a batch's requests: a shard's conversations may ask several questions each,
        # and are to fit into one batch, which takes hours.
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
        """Return the parameters that the endpoint did not accept."""
        return self._dialect.left_out(sampling)

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        """Queue a request for the next batch."""
        if isinstance(request, LoglikelihoodRequest):
            error = "chat endpoints give no log-likelihoods"
            self._ready.append(Loglikelihood(request.id, 0.0, 0, False, error=error))
            return
        self._fresh.append(request)

    def poll(self) -> Sequence[Completion | Loglikelihood]:
        """Put queued requests into batches, wait until one has ended, and return its answers.

        After these are returned, raises EndpointError if the batch failed, UsageError if its
        requests were refused for a reason that holds for all of them.
        """
        while True:
            self._put()
            if self._ready:
                answers, self._ready = self._ready, []
                return answers
            # Not before: the answers of a batch that failed are paid for, and are stored first.
            if self._failure is not None:
                failure, self._failure = self._failure, None
                self.close()
                raise failure
            if not self._waiting:
                return []
            if not self._check_batches():
                time.sleep(self._limits.interval)

    def close(self) -> None:
        """Forget the requests. Nothing is cancelled: batches go on at the endpoint, and the next
        session finds them there."""
        self._fresh.clear()
        self._waiting.clear()
        self._ready.clear()

    # --- requests into batches ---

    @property
    def batches(self) -> Batches:
        """The batches on record, read when `scratch` is set: it is not yet in `__init__`."""
        if self._batches is None:
            folder = self.scratch / "batches" if self.scratch else None
            self._batches = Batches(folder, self._address.base_url, self.base.source)
            for batch in list(self._batches.by_name.values()):
                if not batch.batch:
                    self._recover(batch)
        return self._batches

    def _recover(self, batch: Batch) -> None:
        """Find a batch at the endpoint that a process was creating when it ended; forget it if the
        endpoint has none."""
        assert self._batches is not None
        status = self._wire.find(batch.file) if batch.file else None
        if status is None:
            self._batches.forget(batch)
        else:
            self._batches.save(replace(batch, batch=status["id"]))

    def _put(self) -> None:
        """Put every queued request into a batch, unless it is in one already."""
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
        """Send requests as a batch, with a record of each step before the next."""
        batch = self.batches.begin(puts)
        with self._file(f"{batch.name}.jsonl") as path:
            with path.open("wb") as out:
                out.writelines(put.line for put in puts)
            batch = self.batches.save(replace(batch, file=self._wire.upload(path)))
        status = self._wire.create(batch.file, batch.name)
        self.batches.save(replace(batch, batch=status["id"]))

    @contextlib.contextmanager
    def _file(self, name: str) -> Iterator[Path]:
        """A temporary file beside the records."""
        # Not in the machine's temporary folder, which is memory on some clusters: a batch's file
        # may have 200 MB.
        with tempfile.TemporaryDirectory(prefix="batch-", dir=self.scratch) as folder:
            yield Path(folder) / name

    # --- answers out of batches ---

    def _check_batches(self) -> bool:
        """Ask for the status of each batch with waiting requests; return whether one has ended."""
        news = False
        for name in dict.fromkeys(self.batches.holder[id] for id in self._waiting):
            batch = self.batches.by_name[name]
            if batch.ended:
                self._take_again(batch)
                news = True
                continue
            try:
                status = self._wire.retrieve(batch.batch)
            except Gone:
                self._queue_again(batch)
                news = True
                continue
            if status["status"] in ENDED:
                self._take(batch, status)
                news = True
        return news

    def _take(self, batch: Batch, status: Mapping[str, Any]) -> None:
        """Take the answers of a batch that has ended, well or not."""
        answered: list[str] = []
        output = status.get("output_file_id") or ""
        for file in filter(None, (output, status.get("error_file_id"))):
            with contextlib.suppress(Gone):
                answered += [id for line in self._lines(file) if (id := self._receive(line))]
        lost = [request for id in batch.requests if (request := self._waiting.pop(id, None))]
        # Of an ended batch only what was answered stays on record: it can be read again if this
        # process dies before its answers are stored. The rest is to be sent again.
        self.batches.save(replace(batch, requests=tuple(answered), ended=True, output=output))
        if status["status"] == "completed":
            error = "malformed reply: the batch's results do not have it"
            self._ready += [Completion(r.id, "", "error", error=error, passing=True) for r in lost]
        elif self._failure is None:
            self._failure = self._batch_error(batch, status, len(answered))

    def _take_again(self, batch: Batch) -> None:
        """Take the answers of a batch that ended in an earlier process."""
        with contextlib.suppress(Gone):
            for line in self._lines(batch.output):
                self._receive(line)
        self._queue_again(batch)

    def _queue_again(self, batch: Batch) -> None:
        """Queue the requests that are still waiting in a batch for another one."""
        # Of an ended batch the others were answered, and may be read again; of one that the
        # endpoint has lost none can be.
        lost = [id for id in batch.requests if id in self._waiting]
        gone = set(lost) if batch.ended else set(batch.requests)
        rest = tuple(id for id in batch.requests if id not in gone)
        self.batches.save(replace(batch, requests=rest))
        self._fresh += [self._waiting.pop(id) for id in lost]

    def _receive(self, line: Mapping[str, Any]) -> str | None:
        """Take one line of a batch's results; return its id if it is an answer."""
        id, response, error = str(line.get("custom_id")), line.get("response"), line.get("error")
        reply: ChatReply | CallFailure
        if response:
            body = json.dumps(response.get("body")).encode()
            reply = read_answer(response.get("status_code") or 200, {}, body)
        elif error and error.get("code") in UNASKED:
            return None
        else:
            reply = CallFailure("server error", str((error or {}).get("message") or "no answer"))
        request = self._waiting.pop(id, None)
        if isinstance(reply, ChatReply):
            self._answered = True
            if request is not None:
                tokens = reply.prompt_tokens, reply.completion_tokens
                self._ready.append(
                    Completion(request.id, reply.text, reply.finish, *tokens, thought=reply.thought)
                )
            return id
        if request is not None:
            self._give_up(id, request, reply)
        return None

    def _give_up(self, id: str, request: ChatRequest, failure: CallFailure) -> None:
        """Answer a request with its failure, unless it can go without the refused parameter."""
        if failure.parameter is not None:
            self._dialect.drop(failure.parameter)
            if line_id(request, self._dialect.body(request)) != id:
                self._fresh.append(request)
                return
        if failure.wrong is not None and not (failure.at_first and self._answered):
            # It ends the session, and is no answer to this request: it is asked again next time.
            error = endpoint_error(failure, self._address, self._dialect.model)
            self._failure = self._failure or error
            return
        self._ready.append(
            failed_completion(request.id, failure, self._address.scrub(failure.detail))
        )

    def _lines(self, file: str) -> Iterator[Mapping[str, Any]]:
        """Download a file of results and yield its lines. Raises Gone."""
        with self._file("results.jsonl") as path:
            self._wire.download(file, path)
            with path.open("rb") as lines:
                for text in lines:
                    # A line that cannot be read is a request without an answer, and is counted so.
                    with contextlib.suppress(ValueError):
                        line = json.loads(text)
                        if isinstance(line, dict):
                            yield line

    def _batch_error(self, batch: Batch, status: Mapping[str, Any], answered: int) -> EndpointError:
        """Return the error for a batch that ended without being completed."""
        name = status["status"]
        ending = "was cancelled" if name == "cancelled" else name
        errors = (status.get("errors") or {}).get("data") or [{}]
        message = errors[0].get("message")
        cause = f" ({self._address.scrub(str(message))})" if message else ""
        return EndpointError(
            f"The batch {batch.batch} at {self._address.base_url} {ending}{cause}: "
            f"{answered:,} of its {len(batch.requests):,} requests were answered.",
            "The answers are kept: rerun the same command to ask the rest.",
        )
