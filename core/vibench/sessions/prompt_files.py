"""The first prompt of a stage and the first pair of a training, in tokens, beside their results.

They are for people to read: reports show what a model was asked and trained on, with its special
tokens, without loading its tokenizer again. They are part of no key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from vibench.engines.model_prompts import ModelPrompts, load_prompts
from vibench.engines.token_text import TokenText, spell
from vibench.errors import UsageError
from vibench.records import PreferencePair, Subject
from vibench.store.json_files import read_object
from vibench.training import LoadOptions, PairRows, render_rows

__all__ = [
    "StoredPair",
    "StoredPrompt",
    "pair_rows",
    "read_pair",
    "read_prompt",
    "write_pair",
    "write_prompt",
]

PROMPT, PAIR = "prompt.json", "pair.json"
MAX_PAIRS = 16
"""Pairs that are tried until one can be trained on."""
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class StoredPrompt:
    """The prompt of a sample as the model read it."""

    sample: str
    tokens: int
    text: tuple[TokenText, ...]


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A pair as a training read it, with sentences on what the chat template did to it."""

    pair: str
    tokens: int
    context: tuple[TokenText, ...]
    chosen: tuple[TokenText, ...]
    rejected: tuple[TokenText, ...]
    notes: tuple[str, ...]


def pair_rows(
    prompts: ModelPrompts, start: Subject, parameters: Mapping[str, Any], pair: PreferencePair
) -> PairRows:
    """Return one pair as an inducer with these parameters trains on it, from `start`."""
    # An inducer by somebody else need not have a maximum: then nothing is cut.
    length = int(parameters.get("max_length", NO_LIMIT))
    return render_rows(
        prompts.renderer, start.system, [pair], length, prompts.embeddings, start.template_system
    )


def write_prompt(folder: Path, tokenizer: Any, sample: str, ids: Sequence[int]) -> None:
    """Write the prompt of a sample into the folder of a stage's result."""
    record = {"sample": sample, "tokens": len(ids), "text": _pieces(spell(tokenizer, ids))}
    _write(folder / PROMPT, record)


def write_pair(
    folder: Path, start: Subject, parameters: Mapping[str, Any], pairs: Iterable[PreferencePair]
) -> None:
    """Write the first of the pairs that can be trained on into an adapter's folder."""
    options = LoadOptions.of(parameters)
    try:
        prompts = load_prompts(start.model, options.chat_template, options.trust_remote_code)
        rows_of_pairs = [pair_rows(prompts, start, parameters, p) for p in islice(pairs, MAX_PAIRS)]
    except UsageError:  # An inducer by somebody else may train without a chat template.
        return
    for rows in rows_of_pairs:
        for row in rows.usable:
            beginning = row.chosen.start
            sides = {
                "context": row.chosen.ids[:beginning],
                "chosen": row.chosen.ids[beginning:],
                "rejected": row.rejected.ids[row.rejected.start :],
            }
            texts = {n: _pieces(spell(prompts.renderer.tokenizer, i)) for n, i in sides.items()}
            _write(
                folder / PAIR,
                {"pair": row.pair.id, "tokens": beginning, **texts, "notes": rows.notes()},
            )
            return


def read_prompt(folder: Path) -> StoredPrompt | None:
    """Return the prompt in a result's folder; None if it has none (of an endpoint, or of an earlier
    version of vibench) or it is damaged."""
    record = _read(folder / PROMPT)
    try:
        return StoredPrompt(str(record["sample"]), int(record["tokens"]), _texts(record["text"]))
    except (KeyError, TypeError, ValueError):
        return None


def read_pair(folder: Path) -> StoredPair | None:
    """Return the pair in an adapter's folder; None likewise."""
    record = _read(folder / PAIR)
    try:
        context, chosen, rejected = (_texts(record[n]) for n in ("context", "chosen", "rejected"))
        notes = tuple(map(str, record["notes"]))
        name, tokens = str(record["pair"]), int(record["tokens"])
        return StoredPair(name, tokens, context, chosen, rejected, notes)
    except (KeyError, TypeError, ValueError):
        return None


def _pieces(pieces: Iterable[TokenText]) -> list[list[Any]]:
    return [[piece.text, piece.special] for piece in pieces]


def _texts(pieces: Iterable[tuple[str, bool]]) -> tuple[TokenText, ...]:
    return tuple(TokenText(str(text), bool(special)) for text, special in pieces)


def _write(path: Path, record: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_object(path, path.parent)
    except (FileNotFoundError, ValueError):
        return {}
