"""Stage bodies that hold a model: they run in the worker process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import StageError
from vibench.execute import tables
from vibench.execute.answers import answering
from vibench.execute.dialogues import Player, play
from vibench.execute.judged import JUDGED
from vibench.execute.judged import Body as Judged
from vibench.execute.sessions import Sessions
from vibench.execute.work import Work
from vibench.records import (
    PreferencePair,
    Sampling,
    Subject,
    Transcript,
    Value,
    digest,
)

if TYPE_CHECKING:
    from vibench.interfaces import Eval, Inducer

__all__ = ["Holder"]

REFERENCE_SHARD = 4096
"""Pairs whose reference log-probabilities are committed at once (the base model is loaded
once for each such shard)."""


class Holder:
    """The bodies that hold models, and the sessions they share."""

    def __init__(self) -> None:
        self.sessions = Sessions()
        self.bodies: Mapping[str, Callable[[Work], Mapping[str, Any]]] = {
            "reference": self.reference,
            "adapter": self.adapter,
            "receipt": self.receipt,
            "transcripts": self.transcripts,
            **{kind: partial(self.judged, body) for kind, body in JUDGED.items()},
        }

    def judged(self, body: Judged, work: Work) -> Mapping[str, Any]:
        """A judge's stage, where a model of this machine is asked."""
        return body(work, answering(work, self.sessions))

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
        """Train. The folder is a PEFT adapter as it stands."""
        from vibench.interfaces import TrainingJob

        inducer: Inducer = work.plugin("inducer", "inducer")
        reference: dict[str, tuple[float, float]] = {}
        if inducer.needs_reference:
            rows = json.loads(work.need("reference").file("reference.json").read_text())
            reference = {k: (v[0], v[1]) for k, v in rows.items()}
        self.sessions.close()
        facts = inducer.train(
            TrainingJob(
                work.subject(),
                Value(**work.stage.spec["value"]),
                subset_pairs(work),
                reference,
                work.stage.spec["seed"],
                work.folder,
                work.store.scratch(work.stage.key),
                work.progress,
            )
        )
        if not (work.folder / "adapter_model.safetensors").is_file():
            raise StageError("The inducer's training left no adapter_model.safetensors.")
        return facts

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
        evaluation: Eval = work.plugin("eval", "eval")
        samples = tables.read_samples(work.need("samples").file("samples.parquet"))
        subject = work.subject()
        players = {"subject": Player(self.sessions.session(work, subject.model), subject)}
        for role in evaluation.roles:
            if role not in players:
                other = work.subject("simulator")
                players[role] = Player(
                    self.sessions.session(work, other.model), Subject(other.model)
                )
        sampling = Sampling(**work.stage.spec["sampling"])
        ledger = work.store.ledger(work.stage.key)
        stored = ledger.rows()
        size = players["subject"].session.shard
        # The shards are cut the same way each time, so that a resumed run asks in the same
        # batches as an unbroken one and gets the same answers to the last bit.
        for shard in chunks(samples, size):
            if any(s.id not in stored for s in shard):
                found = play(evaluation, shard, players, sampling, work.stage.spec["seed"])
                rows = [(t.sample.id, tables.transcript_row(t)) for t in found]
                ledger.append(rows)
                stored.update(rows)
            work.progress(len(stored), len(samples), "conversations")
        transcripts = [tables.transcript_from(s, stored[s.id]) for s in samples]
        tables.write_transcripts(work.folder / "transcripts.parquet", transcripts)
        return summary(transcripts)


def summary(transcripts: Sequence[Transcript]) -> dict[str, Any]:
    errors = [t.error for t in transcripts if t.error]
    if errors and len(errors) == len(transcripts):
        raise StageError(f"Every request failed; the first: {errors[0]}")
    return {
        "transcripts": len(transcripts),
        "errors": len(errors),
        "cut_off": sum(t.finish == "length" for t in transcripts),
        "prompt_tokens": sum(t.prompt_tokens for t in transcripts),
        "completion_tokens": sum(t.completion_tokens for t in transcripts),
    }


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
