"""Playing the conversations of stages: one stage in shards, or several in one stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from vibench.boundary import checked_ask
from vibench.engines.template_facts import template_facts
from vibench.errors import StageError
from vibench.records import Model, Sample, Subject, Transcript
from vibench.sessions.bills import Bill, Role, bills_of
from vibench.sessions.defects import Defects, is_broken
from vibench.sessions.dialogues import DialogueTable, Player, Stream, play
from vibench.sessions.prompt_files import write_prompt
from vibench.sessions.replies import Replies
from vibench.sessions.request_failures import Failed, is_answered
from vibench.sessions.shared_stream import Playing, transcript_row
from vibench.stages.transcripts import ConversationsSpec
from vibench.store import record_tables as tables
from vibench.thoughts import CUT_OFF

if TYPE_CHECKING:
    from pathlib import Path

    from vibench.interfaces import Eval, Session
    from vibench.sessions.configs import EngineConfig
    from vibench.sessions.process import Process
    from vibench.sessions.work import Work

    Played = tuple[Sequence[Sample], DialogueTable]

__all__ = ["Conversations"]


class Conversations:
    """The conversations of the stages of one process. A model at an endpoint is paid from the
    process's purse."""

    def __init__(self, process: Process) -> None:
        self.process = process

    def run(self, work: Work) -> Mapping[str, Any]:
        """Play one stage, committed in shards of whole conversations; return its facts."""
        ledger = work.store.ledger(work.stage.key)
        stored, failed = ledger.rows(), self.process.failed.pop(work.stage.key, Failed())
        with self.tables([work]) as [(samples, table)]:
            self.process.defects.pop(work.stage.key, None)
            check_defects([], table.defects)  # As far as it was played with other stages.
            size = table.players["subject"].session.shard
            # The shards are cut the same way each time, so that a resumed run asks in the same
            # batches as an unbroken one and gets the same answers to the last bit.
            for shard in chunks(samples, size):
                # A shard is committed as a whole: of one that is there in part the rest failed.
                unplayed = [s for s in shard if s.id not in stored and s.id not in failed]
                if unplayed:
                    played = play(table, unplayed)
                    rows = [transcript_row(t) for t in played if is_answered(t)]
                    ledger.append(rows)
                    stored.update(rows)
                    failed.add(t for t in played if not is_answered(t))
                work.progress(len(stored), len(samples), "conversations")
        # Raises while any failure is passing: the stage is finished by a rerun, which asks only
        # for those.
        failed.settle(ledger, stored, len(samples))
        transcripts = [tables.transcript_from(s, stored[s.id]) for s in samples]
        check_defects(transcripts, table.defects)
        tables.write_transcripts(work.folder / "transcripts.parquet", transcripts)
        if samples:
            write_first_prompt(work.folder, table, samples[0])
        facts = {**summary(transcripts), **template_facts(table.players["subject"].session)}
        if table.defects is not None:
            facts |= table.defects.facts(work.folder)
        left_out = {
            name for p in table.players.values() for name in p.session.left_out(table.sampling)
        }
        if left_out:
            facts["left_out"] = sorted(left_out)
        return {**facts, "endpoints": table.replies.facts()} if table.replies else facts

    def together(self, works: Sequence[Work]) -> Iterator[Work]:
        """Play the conversations of several `transcripts` stages as one stream into their
        ledgers, and yield each stage once it has all of its own.

        A stage whose eval breaks is yielded too, after all others: its body says how, and
        may not take the answers of those that are still played.
        """
        with self.tables(works) as tables_of:
            stages = [Playing(work, *played) for work, played in zip(works, tables_of, strict=True)]
            try:
                yield from self.played_together(stages)
            finally:
                for stage in stages:
                    if stage.fresh:
                        stage.commit()

    def played_together(self, stages: Sequence[Playing]) -> Iterator[Work]:
        """The same, with the table of each stage ready."""
        stream = Stream()
        by_table = {stage.table: stage for stage in stages}
        waiting = deque((stage, sample) for stage in stages for sample in stage.missing)
        # As many conversations at once as the largest session takes; more would only wait in its
        # queue.
        room = max(s.shard for s in self.process.sessions.open.values())
        going = list(stages)
        while going:
            while waiting and len(stream) < room:
                stage, sample = waiting.popleft()
                # A stage whose eval broke asks nothing more, but the others of the stream go on.
                if stage.table not in stream.broken:
                    stream.begin(stage.table, sample)
            for table, transcript in stream.step():
                by_table[table].add(transcript)
            ended = [stage for stage in going if not stage.left]
            going = [s for s in going if s.left and s.table not in stream.broken]
            for stage in ended:
                stage.commit()
                self.process.failed[stage.work.stage.key] = stage.failed
                yield stage.work
        for stage in stages:
            if stage.left:
                stage.commit()
                yield stage.work

    @contextmanager
    def tables(self, works: Sequence[Work]) -> Iterator[list[Played]]:
        """The samples and the tables of stages that are played in one stream. Where a model at
        an endpoint is asked, every reply is on record by the end, however that comes."""
        purse = self.process.purse
        bills: list[Mapping[Role, Bill]] = [{} for _ in works]
        with ExitStack() as stack:
            if purse is not None:
                bills = [
                    bills_of(spec_of(work).models(), work.plugins, purse.spending) for work in works
                ]
                # The turn covers all stages of the stream: their sessions share one purse, and
                # with a budget no other process may spend from it meanwhile.
                if any(bills):
                    stack.enter_context(purse.turn(works[0]))
            played = [self.table(work, billed) for work, billed in zip(works, bills, strict=True)]
            for _, table in played:
                if table.replies is not None:
                    stack.callback(table.replies.commit)
            yield played

    def table(self, work: Work, bills: Mapping[Role, Bill]) -> Played:
        """Return a stage's samples, and its eval with those who answer."""
        spec, key, process = spec_of(work), work.stage.key, self.process
        evaluation: Eval = work.plugin(spec.eval)
        samples = tables.read_samples(work.need("samples").file("samples.parquet"))
        subject = work.subject(spec.subject)
        session = self.session(work, subject.model, spec.engine, bills.get("subject"))
        players = {"subject": Player(session, subject)}
        for role in evaluation.roles:
            if role not in players and spec.simulator is not None:
                model = spec.simulator.model
                engine = spec.simulator_engine or spec.engine
                session = self.session(work, model, engine, bills.get("simulator"))
                players[role] = Player(session, Subject(model))
        # The same in another life, by which a batch's requests are found again.
        name = f"{key}.{process.played[key]}"
        process.played[key] += 1
        pools = {
            role: process.sessions.kept(work, name) for role, name in (spec.pools or {}).items()
        }
        replies = Replies(work.store.ledger(f"{key}/replies"), bills, pools) if bills else None
        defects = process.defects.get(key)
        if defects is None:
            defects = Defects(work, spec.eval, spec.max_errors, len(samples))
            process.defects[key] = defects
        table = DialogueTable(evaluation, players, spec.sampling, spec.seed, name, replies, defects)
        return samples, table

    def session(self, work: Work, model: Model, engine: EngineConfig, bill: Bill | None) -> Session:
        """Return an open session on a model, metered where it is paid for."""
        session = self.process.sessions.session(work, model, engine)
        if bill is None or self.process.purse is None:
            return session
        return self.process.purse.meter(session, bill, work)


def spec_of(work: Work) -> ConversationsSpec:
    """Return the specification of a stage whose conversations are played."""
    spec = work.stage.spec
    assert isinstance(spec, ConversationsSpec)
    return spec


def summary(transcripts: Sequence[Transcript]) -> dict[str, Any]:
    """Return counts for the manifest. Raises StageError if every request failed."""
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


def check_defects(transcripts: Sequence[Transcript], defects: Defects | None) -> None:
    """Raise StageError if the eval's code raised on too many, in this life or one before."""
    if defects is not None:
        for transcript in transcripts:
            if is_broken(transcript.error):
                defects.adopt(transcript.sample.id, transcript.error or "")
        defects.check(defects.total)


def chunks(samples: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield samples in shards of one size."""
    for start in range(0, len(samples), size):
        yield samples[start : start + size]


def write_first_prompt(folder: Path, table: DialogueTable, sample: Sample) -> None:
    """Write what the subject is asked first about a sample, where its engine takes tokens."""
    player = table.players["subject"]
    if player.session.renderer is None:
        return
    # From the dialogue, not from a request: of a stage that is resumed there may be none.
    try:
        ask = checked_ask(next(table.evaluation.dialogue(sample)), table.evaluation.roles)
        ids = player.session.renderer.prompt(player.subject, ask.messages)
    except Exception:  # It is on record that this sample could not be asked.
        return
    if ask.role == "subject":
        write_prompt(folder, player.session.tokenizer, sample.id, ids)
