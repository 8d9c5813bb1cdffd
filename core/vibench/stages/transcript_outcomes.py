"""The outcomes of one transcript: what its eval says, held to its contract, or unscored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vibench.boundary import checked_outcomes
from vibench.errors import VibenchError
from vibench.records import Outcome, Transcript, Verdict
from vibench.sessions.defects import is_broken
from vibench.sessions.open_ended_metrics import in_one_spelling, labels_in_one_spelling
from vibench.thoughts import CUT_OFF

if TYPE_CHECKING:
    from vibench.interfaces import Eval
    from vibench.sessions.defects import Defects

__all__ = ["fill_in", "score", "unscored"]


def score(
    evaluation: Eval,
    transcript: Transcript,
    verdicts: Sequence[Verdict],
    defects: Defects | None = None,
) -> list[Outcome]:
    """A transcript's outcomes. One that broke off is unscored, and one that the eval's code
    raises on is so too and put on record in `defects`; without them the exception is raised.
    """
    if transcript.error is not None:
        plain = is_broken(transcript.error) or transcript.error == CUT_OFF
        reason = transcript.error if plain else f"error: {transcript.error}"
        return unscored(evaluation, transcript, reason)
    try:
        outcomes = evaluation.outcomes(transcript, [*map(labels_in_one_spelling, verdicts)])
        return in_one_spelling(checked_outcomes(outcomes, evaluation, transcript.sample))
    except VibenchError:
        raise
    except Exception as error:
        if defects is None:
            raise
        return unscored(
            evaluation, transcript, defects.add(transcript.sample.id, "outcomes", error)
        )


def unscored(evaluation: Eval, transcript: Transcript, reason: str) -> list[Outcome]:
    """A transcript's outcomes, unscored in every metric that the eval would have scored, which
    a judge without answers shows; where the eval cannot say, or says nothing of what it
    measured by itself, in all metrics that it declares by name."""
    declared = [(metric, 0) for metric in evaluation.metrics if not metric.endswith("*")]
    sample = transcript.sample
    try:
        # The metrics of a sample without answers are found by scoring it with a judge that says
        # nothing.
        silent = [Verdict(r.name, r.turn, (), reason) for r in evaluation.rubrics(transcript)]
        outcomes = checked_outcomes(evaluation.outcomes(transcript, silent), evaluation, sample)
        metrics = [(o.metric, o.turn) for o in in_one_spelling(outcomes)]
        if evaluation.measures and not metrics:
            metrics = declared
    except Exception:  # It is on record that its code raised on this sample.
        if not is_broken(reason):
            raise
        metrics = declared
    return [Outcome(sample.id, sample.cluster, m, None, reason, turn) for m, turn in metrics]


def fill_in(broken: Sequence[tuple[Transcript, str]], rows: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of broken samples of which no metric is known by name, since all are
    open-ended: unscored in the metrics that another sample has. None is to vanish."""
    there = {outcome.sample for outcome in rows}
    example = next((o.sample for o in rows if o.value is not None), None)
    metrics = [(o.metric, o.turn) for o in rows if o.sample == example]
    return [
        Outcome(t.sample.id, t.sample.cluster, metric, None, reason, turn)
        for t, reason in broken
        if t.sample.id not in there
        for metric, turn in metrics
    ]
