"""One set of transcripts out of the store, with everything that was said about each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vibench.page.harm import Shown, harmful, redacted, refuses
from vibench.page.sets import TranscriptSet, unreadable
from vibench.page.transcript_choice import spread
from vibench.records import Outcome, Verdict
from vibench.results.outcomes import EXPRESSION
from vibench.store.columns import read_parquet, strings

__all__ = ["read_set"]

ABOUT = 12
"""At most so many of a sample's facts are shown, each of at most `LONG` characters."""
LONG = 400

VERDICTS = ("sample", "rubric", "turn", "labels", "unscored", "explanation")
OUTCOMES = ("sample", "cluster", "metric", "value", "unscored", "turn")


def read_set(one: TranscriptSet, redact: bool = False, most: int | None = None) -> Iterator[Shown]:
    """A set's transcripts in the order of the file; with `most` only so many of them, the
    same samples in every set that has the same ones. Harmful answers are folded, and left
    out if `redact`. Raises DataError for a file that cannot be read."""
    wanted = None
    if most is not None and most < one.rows:
        samples = sorted(_rows(one.path, ("sample",))["sample"])
        wanted = {samples[place] for place in spread(len(samples), most)}
    verdicts: dict[str, list[tuple[str, Verdict]]] = {}
    outcomes: dict[str, list[tuple[str, Outcome]]] = {}
    for judging in one.judgings:
        if judging.verdicts is not None and judging.verdicts.is_file():
            for row in _records(judging.verdicts, VERDICTS, wanted):
                sample, rubric, turn, labels, cause, why = row
                verdict = Verdict(rubric, turn, tuple(labels or ()), cause, why or "")
                verdicts.setdefault(sample, []).append((judging.judge, verdict))
        for row in _records(judging.outcomes, OUTCOMES, wanted):
            outcomes.setdefault(row[0], []).append((judging.judge, Outcome(*row)))
    rubrics = {v.rubric for said in verdicts.values() for _, v in said}
    metrics = {o.metric for found in outcomes.values() for _, o in found}
    guarded = harmful(metrics, rubrics)
    for sample, *rest in _records(one.path, COLUMNS, wanted):
        said, found = verdicts.get(sample, ()), outcomes.get(sample, ())
        kept = tuple((j, o) for j, o in found if not _usual(o, one))
        shown = _shown(sample, rest, tuple(said), kept)
        if guarded:
            shown = replace(shown, folded=not refuses(said, found))
            shown = redacted(shown) if redact else shown
        yield shown


COLUMNS = (
    "sample", "cluster", "data", "prompt", "messages", "finish", "error", "prompt_tokens",
    "completion_tokens", "answers", "cut_off", "thoughts",
)  # fmt: skip


def _shown(
    sample: str,
    row: Sequence[Any],
    verdicts: tuple[tuple[str, Verdict], ...],
    outcomes: tuple[tuple[str, Outcome], ...],
) -> Shown:
    cluster, data, prompt, messages, finish, error, asked, answered, *cut_off, thoughts = row
    prompts, said = json.loads(prompt), json.loads(messages)
    same = said[: len(prompts)] == prompts
    before = 0 if same else len(prompts)
    return Shown(
        sample=sample,
        cluster=cluster,
        about=_about(json.loads(data)),
        messages=tuple((m["role"], m["content"]) for m in (said if same else [*prompts, *said])),
        asked=len(prompts),
        finish=finish,
        error=error,
        tokens=(asked, answered),
        verdicts=verdicts,
        outcomes=outcomes,
        cut_off=(cut_off[1], cut_off[0]),
        thoughts=tuple((before + one["message"], one["text"]) for one in json.loads(thoughts)),
    )


def _about(data: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(text)[:LONG]) for name, text in list(data.items())[:ABOUT])


def _usual(outcome: Outcome, one: TranscriptSet) -> bool:
    """Open-ended expression: one outcome for each value there is. The verdict says them all,
    so that of the induced value alone is kept."""
    return outcome.metric.startswith(EXPRESSION) and outcome.metric != EXPRESSION + one.value


def _records(
    path: Path, names: tuple[str, ...], wanted: Collection[str] | None
) -> Iterator[tuple[Any, ...]]:
    """The rows of a table with these columns, of the wanted samples if any are named."""
    columns = _rows(path, names, wanted)
    return zip(*(columns[name] for name in names), strict=True)


def _rows(
    path: Path, names: tuple[str, ...], wanted: Collection[str] | None = None
) -> dict[str, list[Any]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        table = read_parquet(path, names)
        if wanted is not None:
            table = table.filter(pc.is_in(table["sample"], strings(sorted(wanted))))
    except (pa.ArrowException, OSError, KeyError) as error:
        raise unreadable(path, error) from error
    return {name: table[name].to_pylist() for name in names}
