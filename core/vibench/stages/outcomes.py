"""Stages that turn transcripts and the verdicts on them into outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vibench.judging.repeats import averaged
from vibench.records import Outcome, Transcript, Verdict
from vibench.sessions.configs import EvalConfig
from vibench.sessions.defects import Defects, is_broken
from vibench.sessions.judge_questions import UNASKED
from vibench.sessions.open_ended_metrics import without_unknown
from vibench.spec import MAX_ERRORS
from vibench.stages.specification import StageSpec
from vibench.stages.transcript_outcomes import fill_in, score, unscored
from vibench.store import record_tables as tables

if TYPE_CHECKING:
    from vibench.interfaces import Eval
    from vibench.sessions.work import Work
    from vibench.store.artefacts import Artefact

__all__ = ["OutcomesSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesSpec(StageSpec):
    """The outcomes of an eval. `known_values` are those that its judge can find, None if it
    finds any, or where nothing is judged."""

    kind = "outcomes"
    version = 2
    needed: ClassVar = {"transcripts": "transcripts", "verdicts": "verdicts"}
    brief = True
    bounded = True

    eval: EvalConfig
    known_values: tuple[str, ...] | None = None
    max_errors: float = MAX_ERRORS

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `outcomes.parquet`: what the answers count as, or the mean over repeats that
        were judged apart. A transcript that an engine could not finish, or that the eval's code
        raised on, is unscored."""
        evaluation: Eval = work.plugin(self.eval)
        artefacts = work.needs("verdicts")
        judged: list[Mapping[str, list[Verdict]]] = [
            tables.read_verdicts(artefact.file("verdicts.parquet")) for artefact in artefacts
        ]
        unasked: dict[str, str] = {}
        for artefact in artefacts:
            unasked |= artefact.manifest["facts"].get(UNASKED, {})
        answers = work.need("transcripts")
        transcripts = tables.read_transcripts(answers.file("transcripts.parquet"))
        defects = Defects(work, self.eval, self.max_errors, len(transcripts))

        def scored(transcript: Transcript) -> Iterable[Outcome]:
            name = transcript.sample.id
            if name in unasked:
                return unscored(evaluation, transcript, unasked[name])
            repeats = [
                score(evaluation, transcript, verdicts.get(name, []), defects)
                for verdicts in judged or [{}]
            ]
            # Repeats that were judged apart are averaged after scoring: the mean of outcomes, not
            # the outcome of a mean verdict.
            return averaged(repeats) if len(repeats) > 1 else repeats[0]

        labels = self.known_values
        rows = [o for t in transcripts for o in without_unknown(scored(t), labels)]
        defects.check(len(transcripts))
        causes = {t.sample.id: t.error or "" for t in transcripts if is_broken(t.error)}
        causes |= unasked | defects.causes
        broken = [(t, causes[t.sample.id]) for t in transcripts if t.sample.id in causes]
        # Samples that broke may have no metric by name (open-ended evals): they are given those of
        # the others, unscored, so that none vanishes from the denominators.
        rows += fill_in(broken, rows)
        unscored_counts = Counter(o.metric for o in rows if o.value is None)
        tables.write_outcomes(work.folder / "outcomes.parquet", rows)
        return {
            "outcomes": len(rows),
            "unscored": dict(unscored_counts),
            "known_values": labels if labels is None else list(labels),
            "errors": sum(t.error is not None for t in transcripts),
            **defects.facts(work.folder),
            **length_facts(transcripts, artefacts),
        }


def length_facts(transcripts: Sequence[Transcript], judged: Sequence[Artefact]) -> dict[str, int]:
    """Return how many answers were cut off at their limit of tokens, and how many replies of a
    model that judged them, so that a report knows it without reading either."""
    counts = [t.length_counts for t in transcripts]
    facts = [artefact.manifest["facts"] for artefact in judged]
    return {
        "answers": sum(answers for answers, _ in counts),
        "cut_off": sum(cut_off for _, cut_off in counts),
        "judge_replies": sum(table.get("asked", 0) for table in facts),
        "judge_cut_off": sum(table.get("cut_off", 0) for table in facts),
    }
