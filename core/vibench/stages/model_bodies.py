"""Stage bodies that hold a model: they run in the worker process."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import StageError
from vibench.plan.bills import Bill, Role, bills_of
from vibench.records import (
    Model,
    PreferencePair,
    Sample,
    Sampling,
    Subject,
    Transcript,
    digest,
)
from vibench.sessions.answers import answering
from vibench.sessions.defects import Defects, is_broken
from vibench.sessions.dialogues import Player, Stream, Table, play
from vibench.sessions.judge_questions import JUDGED, judge
from vibench.sessions.measurement import measure
from vibench.sessions.open_sessions import Sessions
from vibench.sessions.replies import Replies
from vibench.sessions.shared_stream import Playing, transcript_row
from vibench.sessions.unanswered import Failed, is_answered
from vibench.sessions.work import Work
from vibench.stages.adapter import make_adapter
from vibench.store import record_tables as tables
from vibench.thoughts import CUT_OFF

if TYPE_CHECKING:
    from vibench.interfaces import Eval, Inducer, Session
    from vibench.sessions.budget import Purse

    Played = tuple[Sequence[Sample], Table]

__all__ = ["Holder"]

REFERENCE_SHARD = 4096
"""Pairs whose reference log-probabilities are committed at once (the base model is loaded
once for each such shard)."""


class Holder:
    """The bodies that hold models, and the sessions they share. Who is asked at an endpoint
    is paid from the purse."""

    def __init__(self, purse: Purse | None = None) -> None:
        self.sessions = Sessions()
        self.purse = purse
        self.played: Counter[str] = Counter()
        self.failed: dict[str, Failed] = {}
        """Conversations that ended in an error in this life, by stage."""
        self.defects: dict[str, Defects] = {}
        """The samples on which the evals of stages broke that are under way."""
        self.bodies: Mapping[str, Callable[[Work], Mapping[str, Any]]] = {
            "reference": self.reference,
            "adapter": self.adapter,
            "receipt": self.receipt,
            "transcripts": self.transcripts,
            **dict.fromkeys(JUDGED, self.judged),
        }

    def judged(self, work: Work) -> Mapping[str, Any]:
        """A judge's stage, where a model of this machine is asked."""
        return judge(work, answering(work, self.sessions))

    # -- bodies --------------------------------------------------------------------

    def reference(self, work: Work) -> Mapping[str, Any]:
        """Log-probabilities of the subset's responses under the subject that training
        starts from. Rows are shared by every value, beta and seed: each is computed once."""
        inducer: Inducer = work.plugin("inducer", "inducer")
        subject = work.subject()
        pairs = subset_pairs(work)
        ledger = work.store.ledger(f"reference-{work.stage.spec['scope']}")
        stored = ledger.rows()
        missing = [p for p in pairs if not all(r in stored for r in response_keys(p))]
        self.sessions.close()
        for start in range(0, len(missing), REFERENCE_SHARD):
            shard = missing[start : start + REFERENCE_SHARD]

            def progress(done: int, total: int, note: str, start: int = start) -> None:
                work.progress(start + done, len(missing), note)

            found = inducer.reference(subject, shard, progress)
            fresh: dict[str, float] = {}
            for pair in shard:
                if pair.id in found:
                    fresh.update(zip(response_keys(pair), found[pair.id], strict=True))
            stored.update(fresh)
            ledger.append(list(fresh.items()))
        rows = {
            p.id: [stored[key] for key in response_keys(p)]
            for p in pairs
            if all(key in stored for key in response_keys(p))
        }
        (work.folder / "reference.json").write_text(json.dumps(rows))
        return {"pairs": len(rows), "computed": len(missing), "left_out": len(pairs) - len(rows)}

    def adapter(self, work: Work) -> Mapping[str, Any]:
        """Train. The folder is a PEFT adapter as it stands, with its receipt."""
        self.sessions.close()
        return make_adapter(work, subset_pairs(work))

    def receipt(self, work: Work) -> Mapping[str, Any]:
        """Prove that the adapter is in effect in the engine, else refuse the subject."""
        from vibench.engines.receipt import prove

        subject = work.subject()
        assert subject.adapter is not None
        folder = Path(subject.adapter.path)
        receipt = prove(self.sessions.session(work, subject.model), subject, folder)
        (work.folder / "receipt.json").write_text(json.dumps(asdict(receipt), indent=1))
        if not receipt.in_effect:
            raise StageError(f"The adapter is not in effect in the engine: {receipt.reason}")
        return {"max_difference": receipt.max_difference, "effect": receipt.effect}

    def transcripts(self, work: Work) -> Mapping[str, Any]:
        """Ask the subject everything. Committed in shards of whole conversations."""
        if work.stage.measures:
            return measure(work, self.sessions.session(work, work.subject().model))
        ledger = work.store.ledger(work.stage.key)
        stored, failed = ledger.rows(), self.failed.pop(work.stage.key, Failed())
        with self.tables([work]) as [(samples, table)]:
            self.defects.pop(work.stage.key, None)
            hold([], table.defects)  # As far as it was played with other stages.
            size = table.players["subject"].session.shard
            # The shards are cut the same way each time, so that a resumed run asks in the same
            # batches as an unbroken one and gets the same answers to the last bit.
            for shard in chunks(samples, size):
                # A shard is committed as a whole: of one that is there in part the rest failed.
                left = [s for s in shard if s.id not in stored and s.id not in failed]
                if left:
                    played = play(table, left)
                    rows = [transcript_row(t) for t in played if is_answered(t)]
                    ledger.append(rows)
                    stored.update(rows)
                    failed.add(t for t in played if not is_answered(t))
                work.progress(len(stored), len(samples), "conversations")
        failed.settle(ledger, stored, len(samples))
        transcripts = [tables.transcript_from(s, stored[s.id]) for s in samples]
        hold(transcripts, table.defects)
        tables.write_transcripts(work.folder / "transcripts.parquet", transcripts)
        found = summary(transcripts)
        if table.defects is not None:
            found |= table.defects.facts(work.folder)
        left_out = {
            name for p in table.players.values() for name in p.session.left_out(table.sampling)
        }
        if left_out:
            found["left_out"] = sorted(left_out)
        return {**found, "endpoints": table.replies.facts()} if table.replies else found

    def together(self, works: Sequence[Work]) -> Iterator[Work]:
        """Play the conversations of several `transcripts` stages as one stream into their
        ledgers, and yield each stage once it has all of its own.

        A stage whose eval breaks is yielded too, after all others: its body says how, and
        may not take the answers of those that are still played.
        """
        with self.tables(works) as found:
            stages = [Playing(work, *one) for work, one in zip(works, found, strict=True)]
            try:
                yield from self.played_together(stages)
            finally:
                for stage in stages:
                    if stage.fresh:
                        stage.commit()

    def played_together(self, stages: Sequence[Playing]) -> Iterator[Work]:
        """The same, with each stage's table laid."""
        stream = Stream()
        by_table = {stage.table: stage for stage in stages}
        waiting = deque((stage, sample) for stage in stages for sample in stage.missing)
        most = max(s.shard for s in self.sessions.open.values())
        going = list(stages)
        while going:
            while waiting and len(stream) < most:
                stage, sample = waiting.popleft()
                if stage.table not in stream.broken:
                    stream.begin(stage.table, sample)
            for table, transcript in stream.step():
                by_table[table].add(transcript)
            ended = [stage for stage in going if not stage.left]
            going = [s for s in going if s.left and s.table not in stream.broken]
            for stage in ended:
                stage.commit()
                self.failed[stage.work.stage.key] = stage.failed
                yield stage.work
        for stage in stages:
            if stage.left:
                stage.commit()
                yield stage.work

    @contextmanager
    def tables(self, works: Sequence[Work]) -> Iterator[list[Played]]:
        """The samples and the tables of stages that are played in one stream. Where someone
        is asked at an endpoint, every reply is on record by the end, however that comes."""
        bills: list[Mapping[Role, Bill]] = [{} for _ in works]
        with ExitStack() as stack:
            if self.purse is not None:
                spending = self.purse.spending
                bills = [bills_of(work.stage.spec, work.plugins, spending) for work in works]
                if any(bills):
                    stack.enter_context(self.purse.turn(works[0]))
            found = [self.table(work, billed) for work, billed in zip(works, bills, strict=True)]
            for _, table in found:
                if table.replies is not None:
                    stack.callback(table.replies.commit)
            yield found

    def table(self, work: Work, bills: Mapping[Role, Bill]) -> Played:
        """A stage's samples, and its eval with those who answer."""
        evaluation: Eval = work.plugin("eval", "eval")
        samples = tables.read_samples(work.need("samples").file("samples.parquet"))
        subject, spec, key = work.subject(), work.stage.spec, work.stage.key
        session = self.session(work, subject.model, "engine", bills.get("subject"))
        players = {"subject": Player(session, subject)}
        for role in evaluation.roles:
            if role not in players:
                other = work.subject("simulator")
                part = "simulator_engine" if "simulator_engine" in spec else "engine"
                session = self.session(work, other.model, part, bills.get("simulator"))
                players[role] = Player(session, Subject(other.model))
        # The same in another life, by which a batch's requests are found again.
        name = f"{key}.{self.played[key]}"
        self.played[key] += 1
        pools = {
            role: self.sessions.kept(work, name) for role, name in spec.get("pools", {}).items()
        }
        replies = Replies(work.store.ledger(f"{key}/replies"), bills, pools) if bills else None
        sampling = Sampling(**spec["sampling"])
        defects = self.defects.setdefault(key, Defects(work, "eval", len(samples)))
        table = Table(evaluation, players, sampling, spec["seed"], name, replies, defects)
        return samples, table

    def session(self, work: Work, model: Model, part: str, bill: Bill | None) -> Session:
        """An open session on a model, metered where it is paid for."""
        session = self.sessions.session(work, model, part)
        if bill is None or self.purse is None:
            return session
        return self.purse.meter(session, bill, work)


def summary(transcripts: Sequence[Transcript]) -> dict[str, Any]:
    errors = [t.error for t in transcripts if t.error and t.error != CUT_OFF]
    if errors and len(errors) == len(transcripts):
        raise StageError(f"Every request failed; the first: {errors[0]}")
    return {
        "transcripts": len(transcripts),
        "errors": len(errors),
        "answers": sum(t.length_counts[0] for t in transcripts),
        "cut_off": sum(t.length_counts[1] for t in transcripts),
        "prompt_tokens": sum(t.prompt_tokens for t in transcripts),
        "completion_tokens": sum(t.completion_tokens for t in transcripts),
    }


def hold(transcripts: Sequence[Transcript], defects: Defects | None) -> None:
    """Raise StageError if the eval's code raised on too many, in this life or one before."""
    if defects is not None:
        for transcript in transcripts:
            if is_broken(transcript.error):
                defects.adopt(transcript.sample.id, transcript.error or "")
        defects.check(defects.total)


def subset_pairs(work: Work) -> list[PreferencePair]:
    from vibench.preferences.tables import read_pairs

    return list(read_pairs(work.need("subset").file("pairs.parquet")))


def response_keys(pair: PreferencePair) -> tuple[str, str]:
    """What the chosen and the rejected response are known by, whichever way the pair is
    turned."""
    prompt = [asdict(m) for m in pair.prompt]
    return digest([prompt, pair.chosen]), digest([prompt, pair.rejected])


def chunks(samples: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
