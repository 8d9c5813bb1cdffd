"""Batches on disk: the requests in each, so that a run that was killed finds them again."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vibench.records import ChatRequest, digest
from vibench.store.files import replacing
from vibench.store.json_files import read_object

__all__ = ["Batch", "Batches", "Put", "chunks", "line_id"]

KEPT_SECONDS = 30 * 24 * 3600
"""Seconds for which endpoints keep the files of a batch that has ended."""


@dataclass(frozen=True, slots=True)
class Put:
    """A request on its way into a batch, with the id of its line."""

    id: str
    request: ChatRequest
    body: bytes

    @property
    def line(self) -> bytes:
        """The request's line of a batch's file."""
        # Put together as text: the body is JSON already, and need not be parsed for this.
        about = json.dumps(
            {"custom_id": self.id, "method": "POST", "url": "/v1/chat/completions"}
        ).encode()
        return about[:-1] + b', "body": ' + self.body + b"}\n"


def line_id(request: ChatRequest, body: bytes) -> str:
    """Return an id that only the same request to the same model has."""
    # Of the body too: once a parameter is dropped the request is another one, to be sent anew.
    return digest([request.id, body.decode()])


def chunks(puts: Sequence[Put], requests: int, size: int) -> Iterator[list[Put]]:
    """Split requests, in order, into files of up to `requests` lines and `size` bytes."""
    chunk: list[Put] = []
    filled = 0
    for put in puts:
        length = len(put.line)
        if chunk and (len(chunk) == requests or filled + length > size):
            yield chunk
            chunk, filled = [], 0
        chunk.append(put)
        filled += length
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it is on record here.

    `requests` are the ids of its lines, or, once it has `ended`, of those that were answered.
    `file`, `batch` and `output` are the endpoint's ids: of the file of requests, of the batch
    ("" until the endpoint has accepted it) and of the file of answers. `begun` is in seconds
    since the epoch.
    """

    name: str
    base_url: str
    model: str
    requests: tuple[str, ...]
    begun: float
    file: str = ""
    batch: str = ""
    ended: bool = False
    output: str = ""


class Batches:
    """The batches of one model at one endpoint, each a JSON file in a folder; without a folder,
    in memory alone."""

    def __init__(self, folder: Path | None, base_url: str, model: str) -> None:
        self.folder, self.base_url, self.model = folder, base_url, model
        self.by_name: dict[str, Batch] = {}
        self.holder: dict[str, str] = {}
        """The name of the batch that a request is in, by the id of its line."""
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._read(folder)

    def _read(self, folder: Path) -> None:
        batches = []
        for path in folder.glob("*.json"):
            try:
                # A file that cannot be read now is an error: its requests are paid for.
                table = read_object(path, folder)
                batches.append(Batch(**{**table, "requests": tuple(table["requests"])}))
            except (FileNotFoundError, ValueError, KeyError, TypeError):
                continue  # Another process's, removed or replaced at this moment.
        # Ended ones first and the newest last: a request that was queued again belongs to the later
        # batch.
        for batch in sorted(batches, key=lambda batch: (not batch.ended, batch.begun)):
            if batch.ended and time.time() - batch.begun > KEPT_SECONDS:
                self.forget(batch)
            elif (batch.base_url, batch.model) == (self.base_url, self.model):
                self._know(batch)

    def _know(self, batch: Batch) -> None:
        self.by_name[batch.name] = batch
        self.holder.update(dict.fromkeys(batch.requests, batch.name))

    def begin(self, puts: Sequence[Put]) -> Batch:
        """Make a batch of these requests, on record before anything is sent."""
        # In this order a kill can leave a record without a batch, which the next session clears up,
        # but never a batch without a record, whose requests would be paid for twice.
        ids = tuple(put.id for put in puts)
        name = digest([self.base_url, ids, time.time_ns()])
        return self.save(Batch(name, self.base_url, self.model, ids, time.time()))

    def save(self, batch: Batch) -> Batch:
        """Write a batch to disk as it is now; a batch without requests is forgotten."""
        gone = set(self.by_name[batch.name].requests) if batch.name in self.by_name else set()
        for request in gone.difference(batch.requests):
            self.holder.pop(request, None)
        if not batch.requests:
            self.forget(batch)
            return batch
        self._know(batch)
        if self.folder is not None:
            with replacing(self.folder / f"{batch.name}.json") as temporary:
                temporary.write_text(json.dumps(asdict(batch)))
        return batch

    def forget(self, batch: Batch) -> None:
        """Remove a batch from the record."""
        self.by_name.pop(batch.name, None)
        for request in batch.requests:
            if self.holder.get(request) == batch.name:
                del self.holder[request]
        if self.folder is not None:
            with contextlib.suppress(OSError):
                (self.folder / f"{batch.name}.json").unlink()
