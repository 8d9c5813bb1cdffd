"""The views over a store: their columns, and the SQL that makes them.

A query reads the store's files in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vibench.records import UNKNOWN_VALUE
from vibench.results.outcomes import EXPRESSION

__all__ = ["COLUMNS", "PARAMETERS", "identifier", "literal", "outcomes_sql", "texts_sql"]

PARAMETERS = "PLUGIN.PARAMETER"
"""Stands in `COLUMNS` for the columns of parameters ("dpo.beta"), which differ by store."""

SUBJECT = {
    "run": "the run's id",
    "cell": "the cell's key: that of its outcomes in the store",
    "model": "the model's name",
    "inducer": "the inducer expression (dpo+prompt); none for the untouched model",
    "value": "the value induced; empty for the untouched model",
    "eval": "the eval",
    "judge": "the judge, with the model that judged where it is not the judge's own; empty where"
    " the eval measures by itself",
    "seed": "the training and sampling seed",
    "vanilla": "whether the model is untouched",
    "vanilla_cell": "the cell of the untouched model it is compared with; null for that itself",
}

SETTINGS = {PARAMETERS: "a parameter; null where it does not apply"}

COLUMNS: dict[str, dict[str, str]] = {
    "runs": {
        "run": "the run's id",
        "status": "complete, incomplete, interrupted or running",
        "started": "when it began, UTC",
        "seconds": "how long it took; null while it runs",
        "cells": "how many cells it has",
        "finished": "how many of them have a result",
        "failed": "how many failed",
        "models": "the models requested",
        "inducers": "the inducers requested",
        "induced": "the values to induce",
        "evals": "the evals requested",
        "judges": "the judges requested",
        "seeds": "the seeds requested",
        "samples_limit": "--limit; null for all samples",
        "profile": "embedded or paper",
        "engine": "the engine that ran the models",
        "vibench": "the version of vibench that ran it",
        "usd": "the cost of endpoints in dollars; null where nothing was paid",
        "command": "as it was typed",
    },
    "cells": {
        **SUBJECT,
        **SETTINGS,
        "state": "finished, failed, under way or not run",
        "cause": "why it failed; empty otherwise",
        "latest": "whether no later run has the same cell: only these are in the other views",
        "samples": "the number of samples",
        "answers": "the number of answers the subject gave, in all turns",
        "cut_off": "how many of them ended at max_tokens",
        "judge_replies": "how many replies the judge's model gave",
        "judge_cut_off": "how many of them ended at the judge's max_tokens, without an answer",
        "outcomes": "how many outcomes are stored",
        "unscored": "how many of them are unscored",
        "transcripts": "the key of its transcripts",
        "verdicts": "the key of its verdicts; null where nothing was judged",
        "outcomes_file": "the file of the rows",
        "transcripts_file": "the file of the rows",
        "verdicts_file": "the file of the rows; null where nothing was judged",
    },
    "outcomes": {
        **SUBJECT,
        **SETTINGS,
        "sample": "the sample's id",
        "cluster": "the cluster for standard errors (an issue, a question)",
        "turn": "which of its assistant messages, from 0; 0 where a sample has one score",
        "metric": "the metric",
        "score": "the number; null if unscored",
        "unscored": "why there is none; null if scored",
        "found_only": "whether the metric has rows only where it was found: no row counts 0",
    },
    "transcripts": {
        "transcripts": "their key; several cells share them where there are several judges",
        **{k: v for k, v in SUBJECT.items() if k not in ("cell", "judge", "vanilla_cell")},
        "sample": "the sample's id",
        "cluster": "the cluster for standard errors",
        "data": "further facts of the sample, as JSON",
        "prompt": "the messages it begins with, as JSON",
        "messages": "the whole conversation, as JSON",
        "finish": "of the last answer: stop, length (cut off at max_tokens) or error",
        "error": "why there is no answer; null if there is one",
        "prompt_tokens": "tokens read",
        "completion_tokens": "tokens written",
        "answers": "how many answers the subject gave",
        "cut_off": "how many of them ended at max_tokens, in whichever turn",
        "thoughts": "the thoughts before each message, as JSON; never judged",
    },
    "verdicts": {
        "verdicts": "their key",
        **{k: v for k, v in SUBJECT.items() if k not in ("cell", "vanilla_cell")},
        "sample": "the sample's id",
        "rubric": "the question",
        "turn": "which assistant message it is about, from 0",
        "labels": "the answer, a list",
        "unscored": "why there is no answer; null if there is one",
        "explanation": "the judge's reasoning",
    },
}

FILES = {
    "outcomes": {
        "sample": "varchar",
        "cluster": "varchar",
        "turn": "smallint",
        "metric": "varchar",
        "value": "double",
        "unscored": "varchar",
    },
    "transcripts": {
        **dict.fromkeys(("sample", "cluster", "data", "prompt", "messages"), "varchar"),
        **dict.fromkeys(("finish", "error"), "varchar"),
        **dict.fromkeys(("prompt_tokens", "completion_tokens", "answers", "cut_off"), "integer"),
        "thoughts": "varchar",
    },
    "verdicts": {
        **dict.fromkeys(("sample", "rubric"), "varchar"),
        "turn": "smallint",
        "labels": "varchar[]",
        **dict.fromkeys(("unscored", "explanation"), "varchar"),
    },
}
"""The columns that are read of each kind of file."""


def literal(text: str) -> str:
    """Return a string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(literal, texts))}]"


def _rows(kind: str, files: Sequence[str]) -> str:
    """Return the SQL of the rows of these files, with the file each is from."""
    if not files:  # read_parquet([]) is an error; an empty view has the right types.
        typed = ", ".join(f"null::{form} as {name}" for name, form in FILES[kind].items())
        return f"(select {typed}, null::varchar as filename where false)"
    names = ", ".join(FILES[kind])
    return f"(select {names}, filename from read_parquet({_list(files)}, filename = true))"


def outcomes_sql(
    files: Sequence[str],
    parameters: Sequence[str],
    complete: Sequence[str],
    metrics: Sequence[str],
) -> str:
    """Return the SQL of the tidy rows of these outcomes files, unordered; `position` is the
    cell's.

    An eval may store `expression/VALUE` only where the value was found. For the values of
    `complete` there is a row for every sample (and turn) that was asked: 0 where it was scored
    and the value not found, null with the cause where it was unscored or its judge cannot find
    the value. `metrics` (`*` at the end stands for any text) narrow the rows, if there are any.
    """
    expression = literal(EXPRESSION)
    columns = ", ".join(f"c.{identifier(n)}" for n in (*SUBJECT, *parameters))
    cause = literal(UNKNOWN_VALUE)
    # A value that the judge of the cell cannot find is unscored, whatever is stored.
    unknown = (
        f"starts_with(r.metric, {expression}) and c.known_values is not null and not"
        f" list_contains(string_split(c.known_values, chr(10)), r.metric[{len(EXPRESSION) + 1}:])"
    )
    expressions = _list(EXPRESSION + value for value in complete)
    narrowed = " or ".join(map(_fits, metrics)) or "true"
    return f"""
with {_completed(_rows("outcomes", files), expressions, len(complete), narrowed)}
select {columns}, r.sample, r.cluster, r.turn, r.metric,
  if({unknown}, null, r.value) as score,
  if({unknown}, coalesce(r.unscored, {cause}), r.unscored) as unscored,
  starts_with(r.metric, {expression}) and r.metric not in {expressions} as found_only, c.position
from completed r join cells.found c on c.outcomes_file = r.filename and c.latest"""


def _completed(rows: str, expressions: str, count: int, narrowed: str) -> str:
    """Return the SQL of `completed`: the stored rows, and those of the `count` expressions that
    a sample has no row of."""
    expression, cause = literal(EXPRESSION), literal(UNKNOWN_VALUE)
    answered = f"value is not null or coalesce(unscored = {cause}, false)"
    # asked: the outcomes of expressions, also where the metrics leave them out: they show which
    #   samples (and turns) were asked, and which of them the judge answered.
    # lacking: the samples that lack an outcome of some expression, with what such a value
    #   counts: 0 where anything was scored, else null with the cause. Counting before joining
    #   keeps samples that have every expression (the usual case) out of the join.
    # filled: the rows that are not stored, of the expressions that a sample lacks.
    return f"""stored as (select * from {rows} where {narrowed}),
asked as (select * from {rows} where starts_with(metric, {expression})),
lacking as (
  select filename, sample, turn, any_value(cluster) as cluster,
    if(bool_or({answered}), 0.0, null) as value,
    if(bool_or({answered}), null, any_value(unscored)) as unscored
  from asked group by filename, sample, turn
  having count(*) filter (metric in {expressions}) < {count}),
filled as (
  select l.filename, l.sample, l.cluster, l.turn, w.metric, l.value, l.unscored
  from lacking l cross join (select unnest({expressions}) as metric) w
  anti join asked a
    on a.filename = l.filename and a.sample = l.sample and a.turn = l.turn
      and a.metric = w.metric
  where {narrowed}),
completed as (
  select filename, sample, cluster, turn, metric, value, unscored from stored
  union all
  select filename, sample, cluster, turn, metric, value, unscored from filled)"""


def _fits(pattern: str) -> str:
    if pattern.endswith("*"):
        return f"starts_with(metric, {literal(pattern[:-1])})"
    return f"metric = {literal(pattern)}"


def texts_sql(kind: str, files: Sequence[str]) -> str:
    """Return the SQL of the view of transcripts or of verdicts. A file that several cells share
    gives its rows once."""
    of_cell = [name for name in COLUMNS[kind] if name in SUBJECT]
    columns = ", ".join(f"c.{identifier(n)}" for n in (kind, *of_cell))
    # Cells of several judges share transcripts: `distinct on` takes the first cell of a file.
    columns_of_file = ", ".join(f"r.{identifier(n)}" for n in FILES[kind])
    return f"""
select {columns}, {columns_of_file} from {_rows(kind, files)} r
join (select distinct on ({kind}_file) * from cells.found where latest order by position) c
  on c.{kind}_file = r.filename"""
