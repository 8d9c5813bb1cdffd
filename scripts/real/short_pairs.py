"""A small file of real preference pairs: short ones, of which some express each value.

The rows come from the published sets (from `data`, else from the Hugging Face hub) and go into a
file of the user's; none is part of this repository.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from vibench.data import DataFiles
from vibench.interfaces import Judge
from vibench.judging.rubrics import values_rubric
from vibench.plugins import Plugins
from vibench.preferences.values import response_messages
from vibench.records import PreferencePair

__all__ = ["write_short_pairs"]

SOURCES = ("hh-rlhf", "pku-saferlhf")
LIMIT = 9000
"""Pairs of each source that are read at most: the sets on the hub are far longer."""
PROMPT, RESPONSE = 200, 300
"""Maximum lengths in characters. A training step's time follows from them."""


def write_short_pairs(
    out: Path, values: Sequence[str], per_value: int, data: Path | None
) -> Mapping[str, int]:
    """Write up to `per_value` pairs that the judge `rules` finds to express each value on one side.

    Returns the pairs of each value. Raises UsageError if the sets cannot be read.
    """
    plugins = Plugins.discover()
    judge = plugins.build("judge", "rules", {})
    counts: Counter[str] = Counter()
    rows: dict[tuple[str, str, str], str] = {}
    for pair in _short_pairs(plugins, data):
        content = pair.prompt[0].content, pair.chosen, pair.rejected
        if content in rows:  # The sets have exact copies.
            continue
        expressed = [
            v for v in _expressed_on_one_side(judge, pair, values) if counts[v] < per_value
        ]
        if expressed:
            counts.update(expressed)
            rows[content] = _row(pair)
        if all(counts[value] >= per_value for value in values):
            break
    out.parent.mkdir(parents=True, exist_ok=True)
    # Renamed when complete: a rerun takes the file as it is.
    part = out.with_suffix(".part")
    part.write_text("".join(rows.values()), encoding="utf-8")
    part.replace(out)
    return {value: counts[value] for value in values}


def _short_pairs(plugins: Plugins, data: Path | None) -> Iterator[PreferencePair]:
    files = DataFiles(data, embedded=False, datasets={})
    for name in SOURCES:
        print(f"reading {name} from {data or 'the Hugging Face hub'} ...", flush=True)
        for item in plugins.build("source", name, {"limit": LIMIT}).pairs(files):
            if isinstance(item, PreferencePair) and _is_short(item):
                yield item


def _is_short(pair: PreferencePair) -> bool:
    return (
        len(pair.prompt) == 1
        and len(pair.prompt[0].content) <= PROMPT
        and max(len(pair.chosen), len(pair.rejected)) <= RESPONSE
    )


def _expressed_on_one_side(judge: Judge, pair: PreferencePair, values: Sequence[str]) -> list[str]:
    chosen, rejected = (
        set(judge.decide(values_rubric(response_messages(pair, side))).labels)
        for side in ("chosen", "rejected")
    )
    return [value for value in values if value in chosen ^ rejected]


def _row(pair: PreferencePair) -> str:
    row = {
        "id": pair.id,
        "prompt": pair.prompt[0].content,
        "chosen": pair.chosen,
        "rejected": pair.rejected,
    }
    return json.dumps(row, ensure_ascii=False) + "\n"
