"""Evals that measure by themselves: what they ask goes through a session and is kept.

Requests are known by their content. They are asked the longest first, which saves padding and
shows at once whether memory suffices, in shards that are cut the same way each time: a resumed
run asks in the same batches as an unbroken one. An engine that is fed continuously takes them
as one stream.
"""

from __future__ import annotations

import hashlib
import json
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from vibench.engines.template_facts import template_facts
from vibench.errors import StageError, UsageError
from vibench.interfaces import Measuring
from vibench.plugin_errors import title
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Sampling,
    Tokens,
    canonical_json,
)
from vibench.sessions.prompt_files import write_prompt
from vibench.sessions.request_failures import Failed
from vibench.sessions.transcript_counts import TranscriptCounts
from vibench.store import record_tables as tables

if TYPE_CHECKING:
    from vibench.interfaces import Engine, Eval, Session
    from vibench.sessions.configs import DataPlace, EngineConfig, EvalConfig, SubjectRecord
    from vibench.sessions.work import Work

__all__ = ["SessionMeasuring", "context_of", "measure"]

COMMIT_SECONDS = 5.0

CONTEXT = 2048
"""Taken for a model that does not say how much it reads, as lm-evaluation-harness does."""

NO_LIMIT = 10**9
"""Tokenizers say more than this where they know of no limit."""

Request = ChatRequest | LoglikelihoodRequest
Answer = Completion | Loglikelihood


class MeasuredBy(Protocol):
    """The specification of a stage whose eval measures by itself."""

    @property
    def subject(self) -> SubjectRecord: ...
    @property
    def engine(self) -> EngineConfig: ...
    @property
    def eval(self) -> EvalConfig: ...
    @property
    def limit(self) -> int | None: ...
    @property
    def data(self) -> DataPlace: ...


def measure(work: Work, spec: MeasuredBy) -> Mapping[str, Any]:
    """Write `transcripts.parquet` of what the eval measures; return facts for the manifest."""
    evaluation: Eval = work.plugin(spec.eval)
    engine: Engine = work.plugin(spec.engine)
    session = work.process.sessions.session(work, spec.subject.model, spec.engine)
    measuring = SessionMeasuring(work, spec, session, streams=engine.continuous)
    tally = TranscriptCounts(title(work.plugins.entry("eval", spec.eval.name)))
    try:
        measured = evaluation.measure(measuring, spec.data.open(), spec.limit)
        tables.write_transcripts(work.folder / "transcripts.parquet", tally.counting(measured))
    finally:
        measuring.commit()
    measuring.failed.check("requests", measuring.total)
    if measuring.first is not None and session.renderer is not None:
        write_prompt(work.folder, measuring.tokenizer, "", measuring.first.ids)
    return {**tally.facts(), **measuring.facts(), **template_facts(session)}


class SessionMeasuring(Measuring):
    """A subject on an open session, and every answer it has given in this stage."""

    def __init__(self, work: Work, spec: MeasuredBy, session: Session, streams: bool) -> None:
        """Raises UsageError for an engine that takes no tokens."""
        if session.tokenizer is None:
            raise UsageError(
                f"The eval '{spec.eval.name}' sends tokens, which the engine "
                f"'{spec.engine.name}' does not take.",
                "Use --engine transformers or vllm.",
            )
        self.subject = work.subject(spec.subject)
        self.tokenizer = session.tokenizer
        self.context = context_of(session)
        self._work, self._session, self._streams = work, session, streams
        self._ledger = work.store.ledger(work.stage.key)
        self._found = self._ledger.texts()
        self._shard: list[tuple[str, Any]] = []
        self._fresh: list[tuple[str, Any]] = []
        self._committed = time.monotonic()
        self._counts: Counter[str] = Counter()
        self.failed = Failed()
        self.first: Tokens | None = None
        """The prompt of the first request."""

    @property
    def total(self) -> int:
        """The number of different requests."""
        return len(self._found)

    def loglikelihoods(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Loglikelihood]:
        """The log-likelihood of each (context, continuation), in order. One that the engine
        cannot answer has the cause as its `error`."""

        def request(name: str, n: int) -> Request:
            return LoglikelihoodRequest(name, self.subject, *pairs[n])

        # Known by content, not by position: a task that asks the same twice, or a resumed run that
        # asks in another order, finds the answer.
        names = [f"l{_known_by(context, continuation)}" for context, continuation in pairs]
        self.first = self.first or next((context for context, _ in pairs), None)

        def place(n: int) -> tuple[Any, ...]:
            context, continuation = pairs[n]
            # Ties are broken by the ids themselves, so that the order (and with it the batches,
            # and the last bits of the results) does not depend on the order of the samples.
            return -len(context.ids) - len(continuation.ids), context.ids, continuation.ids

        def read(n: int) -> object:
            # Continuations that differ in their last token are read in one row: the last token is
            # predicted, not read.
            return pairs[n][0].ids, pairs[n][1].ids[:-1]

        self._ask(names, sorted(range(len(pairs)), key=place), request, read)
        return [Loglikelihood(name, **json.loads(self._found[name])) for name in names]

    def generate(
        self, prompts: Sequence[tuple[Tokens, tuple[str, ...], Sampling]]
    ) -> list[Completion]:
        """A completion of each (prompt, stop texts, sampling), in order; the same prompt drawn
        in the same way has one answer. One that the engine cannot answer has `finish` "error"
        and the cause."""

        def request(name: str, n: int) -> Request:
            prompt, stop, sampling = prompts[n]
            return ChatRequest(name, self.subject, prompt, sampling, _seed(name), None, stop)

        names = [
            f"g{_known_by(prompt, how=[stop, asdict(sampling)])}"
            for prompt, stop, sampling in prompts
        ]
        self.first = self.first or next((prompt for prompt, _, _ in prompts), None)

        def place(n: int) -> tuple[Any, ...]:
            return -len(prompts[n][0].ids), prompts[n][0].ids

        self._ask(names, sorted(range(len(prompts)), key=place), request, lambda n: n)
        return [Completion(name, **json.loads(self._found[name])) for name in names]

    def progress(self, done: int, total: int, note: str) -> None:
        """Say how far it is; may be called at any time."""
        self._work.progress(done, total, note)

    def commit(self) -> None:
        """Have all answers on disk. Errors are not kept: a resumed run asks again, for some
        pass, and the others cost nothing."""
        self._ledger.append(self._fresh)
        self._fresh = []
        self._committed = time.monotonic()

    def facts(self) -> dict[str, Any]:
        """Return counts of the requests, for the manifest."""
        kinds = Counter(name[0] for name in self._found)
        return {
            "loglikelihoods": kinds["l"],
            "completions": kinds["g"],
            "failed_requests": self._counts["errors"],
        }

    def _ask(
        self,
        names: Sequence[str],
        order: Iterable[int],
        request: Callable[[str, int], Request],
        read: Callable[[int], object],
    ) -> None:
        """Have an answer to each, in `order`. What is the same by `read` is asked at once."""
        # A dict, so that equal requests are asked once.
        waiting = deque({names[n]: n for n in order}.items())
        flying: set[str] = set()
        total, unanswered = len(waiting), sum(name not in self._found for name, _ in waiting)
        while waiting or flying:
            if self._streams or not flying:
                for name, n in _next_of(waiting, self._session.shard - len(flying), read):
                    # Those that are answered count in the cutting of shards, and no more.
                    if name not in self._found:
                        flying.add(name)
                        self._session.submit(request(name, n))
            answers = self._session.poll() if flying else ()
            if flying and not answers:
                # An engine that answers nothing would otherwise keep this loop spinning for ever.
                raise StageError(f"The engine did not answer {len(flying)} requests.")
            for answer in answers:
                if answer.id in flying:  # else of a stage that broke
                    flying.discard(answer.id)
                    self._keep(answer)
                    unanswered -= 1
            if self._streams or not flying:
                self._shard, shard = [], self._shard
                # Only whole shards are committed: a resumed run cuts the same shards again, and
                # must find each of them either whole or not at all.
                self._fresh += shard
                if time.monotonic() - self._committed > COMMIT_SECONDS:
                    self.commit()
            self._work.progress(total - unanswered, total, "requests")

    def _keep(self, answer: Answer) -> None:
        row = asdict(answer)
        name = row.pop("id")
        self._found[name] = json.dumps(row)
        if answer.error is None:
            self._shard.append((name, row))
            return
        self._counts["errors"] += 1
        if answer.passing:
            self.failed.passing[name] = answer.error


def _next_of(
    waiting: deque[tuple[str, int]], room: int, read: Callable[[int], object]
) -> Iterator[tuple[str, int]]:
    """Take out the next requests, as many as are read for `room` rows of a batch."""
    rows: set[object] = set()
    while waiting:
        rows.add(read(waiting[0][1]))
        if len(rows) > room:
            return
        yield waiting.popleft()


def context_of(session: Session) -> int:
    """Return the context length by the model's configuration, its tokenizer, or else a guess."""
    if session.context is not None:
        return session.context
    limit = int(getattr(session.tokenizer, "model_max_length", NO_LIMIT))
    return limit if limit < NO_LIMIT else CONTEXT


def _known_by(*tokens: Tokens, how: Any = None) -> str:
    """128 bits of a hash of what is asked, in hex."""
    hashed = hashlib.sha256(canonical_json(how).encode())
    for sequence in tokens:
        hashed.update(len(sequence.ids).to_bytes(8))
        hashed.update(array("q", sequence.ids).tobytes())
    return hashed.hexdigest()[:32]


def _seed(name: str) -> int:
    """The seed of a request, of its content alone: the same for every subject."""
    return int(name[1:17], 16) >> 1
