"""The Parquet forms of samples, transcripts, verdicts and outcomes.

Conversations are JSON text in a column of their own: readable with any Parquet tool.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from vibench.records import Message, Outcome, Sample, Thought, Transcript, Verdict
from vibench.store.columns import column, read_parquet

__all__ = [
    "messages_from",
    "read_outcomes",
    "read_rows",
    "read_samples",
    "read_transcripts",
    "read_verdicts",
    "transcript_from",
    "transcript_row",
    "verdict_row",
    "write_outcomes",
    "write_samples",
    "write_transcripts",
    "write_verdicts",
]


GROUP = 8192
"""Rows in a row group, which are all that is in memory while a table is written."""


def _write(
    path: Path,
    schema: Sequence[tuple[str, Any]],
    rows: Iterable[Sequence[Any]],
    plain: Sequence[str] = (),
) -> int:
    """Write a table, all but the `plain` columns compressed; return how many rows it has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    form = pa.schema(list(schema))
    written, remaining = 0, iter(rows)
    # With a compression by column, pyarrow wants the leaves of nested columns by their full names
    # (`labels.list.element`): such tables get one compression for all.
    each = {name: "none" if name in plain else "zstd" for name in form.names} if plain else "zstd"
    # Without statistics: they hold the longest texts again, and nothing checks them. A flipped bit
    # in their histograms ends the process that reads the file, from inside Arrow.
    options = {"compression": each, "write_page_checksum": True, "write_statistics": False}
    with pq.ParquetWriter(path, form, **options) as writer:
        while group := list(islice(remaining, GROUP)):
            columns = zip(*group, strict=True)
            arrays = [column(c, f.type) for c, f in zip(columns, form, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=form))
            written += len(group)
    return written


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return every row of a Parquet file as a dict."""
    rows: list[dict[str, Any]] = read_parquet(path).to_pylist()
    return rows


def messages_from(data: Iterable[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Return messages out of their JSON form."""
    return tuple(Message(m["role"], m["content"]) for m in data)


def _plain(messages: Iterable[Message]) -> str:
    return json.dumps([asdict(m) for m in messages], ensure_ascii=False)


def write_samples(path: Path, samples: Iterable[Sample]) -> int:
    """Write samples; return how many there are."""
    import pyarrow as pa

    text = pa.string()
    return _write(
        path,
        [("sample", text), ("cluster", text), ("messages", text), ("data", text)],
        (
            (s.id, s.cluster, _plain(s.messages), json.dumps(dict(s.data), ensure_ascii=False))
            for s in samples
        ),
    )


def _sample(row: Mapping[str, Any]) -> Sample:
    return Sample(
        row["sample"],
        messages_from(json.loads(row["messages"])),
        row["cluster"],
        json.loads(row["data"]),
    )


def read_samples(path: Path) -> list[Sample]:
    """Return the samples of a file in their order."""
    return [_sample(row) for row in read_rows(path)]


def transcript_row(transcript: Transcript) -> dict[str, Any]:
    """Return the JSON form for ledgers, whose key is the sample's id."""
    return {
        "messages": [asdict(m) for m in transcript.messages],
        "finish": transcript.finish,
        "error": transcript.error,
        "prompt_tokens": transcript.prompt_tokens,
        "completion_tokens": transcript.completion_tokens,
        "answers": transcript.answers,
        "cut_off": transcript.cut_off,
        "thoughts": [asdict(thought) for thought in transcript.thoughts],
    }


def transcript_from(sample: Sample, row: Mapping[str, Any]) -> Transcript:
    """Return a sample's transcript out of its JSON form (`transcript_row`)."""
    messages, thoughts = messages_from(row["messages"]), _thoughts(row["thoughts"])
    return Transcript(**{**row, "sample": sample, "messages": messages, "thoughts": thoughts})


def _thoughts(rows: Iterable[Mapping[str, Any]]) -> tuple[Thought, ...]:
    return tuple(Thought(**row) for row in rows)


def write_transcripts(path: Path, transcripts: Iterable[Transcript]) -> int:
    """Write transcripts, each with its sample; return how many there are."""
    import pyarrow as pa

    text = pa.string()
    schema = [
        ("sample", text),
        ("cluster", text),
        ("data", text),
        ("prompt", text),
        ("messages", text),
        ("finish", text),
        ("error", text),
        ("prompt_tokens", pa.int32()),
        ("completion_tokens", pa.int32()),
        ("answers", pa.int32()),
        ("cut_off", pa.int32()),
        ("thoughts", text),
    ]
    return _write(
        path,
        schema,
        (
            (
                t.sample.id,
                t.sample.cluster,
                json.dumps(dict(t.sample.data), ensure_ascii=False),
                _plain(t.sample.messages),
                _plain(t.messages),
                t.finish,
                t.error,
                t.prompt_tokens,
                t.completion_tokens,
                *t.length_counts,
                json.dumps([asdict(thought) for thought in t.thoughts], ensure_ascii=False),
            )
            for t in transcripts
        ),
    )


def read_transcripts(path: Path) -> list[Transcript]:
    """Return the transcripts of a file in their order, also of a store of format 1."""
    return [
        Transcript(
            _sample({**row, "messages": row["prompt"]}),
            messages_from(json.loads(row["messages"])),
            row["finish"],
            row["error"],
            row["prompt_tokens"],
            row["completion_tokens"],
            # The store's format 1 had none of these, and `finish` is of the last answer alone.
            row.get("answers", 0),
            row.get("cut_off", 0),
            thoughts=_thoughts(json.loads(row.get("thoughts", "[]"))),
        )
        for row in read_rows(path)
    ]


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """Return the JSON form for ledgers."""
    # Written out, because `asdict` takes ten times as long, and there are millions of verdicts.
    return {
        "rubric": verdict.rubric,
        "turn": verdict.turn,
        "labels": list(verdict.labels),
        "unscored": verdict.unscored,
        "explanation": verdict.explanation,
    }


def write_verdicts(path: Path, rows: Iterable[tuple[str, Verdict]]) -> int:
    """Write rows of (sample id, verdict), a sample's verdicts in the order of its rubrics."""
    import pyarrow as pa

    text = pa.string()
    return _write(
        path,
        [
            ("sample", text),
            ("rubric", text),
            ("turn", pa.int16()),
            ("labels", pa.list_(text)),
            ("unscored", text),
            ("explanation", text),
        ],
        (
            (sample, v.rubric, v.turn, list(v.labels), v.unscored, v.explanation)
            for sample, v in rows
        ),
    )


def read_verdicts(path: Path) -> dict[str, list[Verdict]]:
    """Return the verdicts of a file by sample id."""
    verdicts: dict[str, list[Verdict]] = {}
    for row in read_rows(path):
        verdicts.setdefault(row["sample"], []).append(
            Verdict(
                row["rubric"],
                row["turn"],
                tuple(row["labels"]),
                row["unscored"],
                row["explanation"],
            )
        )
    return verdicts


def write_outcomes(path: Path, outcomes: Iterable[Outcome]) -> int:
    """Write outcomes; return how many there are."""
    import pyarrow as pa

    text = pa.string()
    return _write(
        path,
        [
            ("sample", text),
            ("cluster", text),
            ("turn", pa.int16()),
            ("metric", text),
            ("value", pa.float64()),
            ("unscored", text),
        ],
        ((o.sample, o.cluster, o.turn, o.metric, o.value, o.unscored) for o in outcomes),
        # A report reads these two small columns of every cell, and unpacking them would take most
        # of its time.
        plain=("value", "unscored"),
    )


def read_outcomes(path: Path) -> list[Outcome]:
    """Return the outcomes of a file in their order."""
    return [Outcome(**row) for row in read_rows(path)]
