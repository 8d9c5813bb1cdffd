"""One set of transcripts from the store, with the verdicts and outcomes of each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vibench.page.harm import TranscriptView, harmful, redacted, refuses
from vibench.page.sets import TranscriptSet, unreadable
from vibench.page.transcript_choice import spread
from vibench.records import Outcome, Verdict
from vibench.results.outcomes import EXPRESSION
from vibench.store.columns import read_parquet, strings

__all__ = ["read_set"]

ABOUT = 12
"""Facts of a sample that are shown, each of at most `LONG` characters."""
LONG = 400

VERDICTS = ("sample", "rubric", "turn", "labels", "unscored", "explanation")
OUTCOMES = ("sample", "cluster", "metric", "value", "unscored", "turn")


def read_set(
    transcripts: TranscriptSet, redact: bool = False, limit: int | None = None
) -> Iterator[TranscriptView]:
    """Yield a set's transcripts in the order of the file.

    With a `limit` only so many, the same samples in every set that has the same ones. Harmful
    answers are folded, and left out if `redact`. Raise DataError for a file that cannot be read.
    """
    samples_read = None
    # Sorted, so that sets whose files are in another order still choose the same samples.
    if limit is not None and limit < transcripts.rows:
        samples = sorted(_rows(transcripts.path, ("sample",))["sample"])
        samples_read = {samples[number] for number in spread(len(samples), limit)}
    verdicts: dict[str, list[tuple[str, Verdict]]] = {}
    outcomes: dict[str, list[tuple[str, Outcome]]] = {}
    for judgment in transcripts.judgments:
        if judgment.verdicts is not None and judgment.verdicts.is_file():
            for row in _records(judgment.verdicts, VERDICTS, samples_read):
                sample, rubric, turn, labels, cause, why = row
                verdict = Verdict(rubric, turn, tuple(labels or ()), cause, why or "")
                verdicts.setdefault(sample, []).append((judgment.judge, verdict))
        for row in _records(judgment.outcomes, OUTCOMES, samples_read):
            outcomes.setdefault(row[0], []).append((judgment.judge, Outcome(*row)))
    # Harm is decided for the set: one sample without a verdict is folded like its neighbours.
    rubrics = {v.rubric for own_verdicts in verdicts.values() for _, v in own_verdicts}
    metrics = {o.metric for own_outcomes in outcomes.values() for _, o in own_outcomes}
    guarded = harmful(metrics, rubrics)
    for sample, *rest in _records(transcripts.path, COLUMNS, samples_read):
        own_verdicts, own_outcomes = verdicts.get(sample, ()), outcomes.get(sample, ())
        unusual = tuple((j, o) for j, o in own_outcomes if not _usual(o, transcripts))
        transcript = _shown(sample, rest, tuple(own_verdicts), unusual)
        if guarded:
            transcript = replace(transcript, folded=not refuses(own_verdicts, own_outcomes))
            transcript = redacted(transcript) if redact else transcript
        yield transcript


COLUMNS = (
    *("sample", "cluster", "data", "prompt", "messages", "finish", "error", "prompt_tokens"),
    *("completion_tokens", "answers", "cut_off", "thoughts"),
)


def _shown(
    sample: str,
    row: Sequence[Any],
    verdicts: tuple[tuple[str, Verdict], ...],
    outcomes: tuple[tuple[str, Outcome], ...],
) -> TranscriptView:
    cluster, data, prompt, messages, finish, error, *counts, thoughts = row
    prompt_tokens, completion_tokens, answers, cut_off = counts
    prompts, conversation = json.loads(prompt), json.loads(messages)
    # An eval that owns its loop may store the conversation without the prompt that began it.
    continued = conversation[: len(prompts)] == prompts
    before = 0 if continued else len(prompts)
    turns = conversation if continued else [*prompts, *conversation]
    return TranscriptView(
        sample=sample,
        cluster=cluster,
        about=_about(json.loads(data)),
        messages=tuple((m["role"], m["content"]) for m in turns),
        prompt_messages=len(prompts),
        finish=finish,
        error=error,
        tokens=(prompt_tokens, completion_tokens),
        verdicts=verdicts,
        outcomes=outcomes,
        cut_off=(cut_off, answers),
        thoughts=tuple((before + t["message"], t["text"]) for t in json.loads(thoughts)),
    )


def _about(data: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(text)[:LONG]) for name, text in list(data.items())[:ABOUT])


def _usual(outcome: Outcome, transcripts: TranscriptSet) -> bool:
    """Return whether an outcome repeats the verdict: open-ended expression has one for each value,
    of which the page holds only the induced value's."""
    induced = EXPRESSION + transcripts.value
    return outcome.metric.startswith(EXPRESSION) and outcome.metric != induced


def _records(
    path: Path, names: tuple[str, ...], samples: Collection[str] | None
) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a table with these columns, of these samples if any are named."""
    columns = _rows(path, names, samples)
    return zip(*(columns[name] for name in names), strict=True)


def _rows(
    path: Path, names: tuple[str, ...], samples: Collection[str] | None = None
) -> dict[str, list[Any]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        table = read_parquet(path, names)
        if samples is not None:
            table = table.filter(pc.is_in(table["sample"], strings(sorted(samples))))
    except (pa.ArrowException, OSError, KeyError) as error:
        raise unreadable(path, error) from error
    return {name: table[name].to_pylist() for name in names}
