"""The columns in which TRL's trainers take rows that are tokenised already.

TRL's trainers tokenise whatever data they are built with, by rules of their own: DPO leaves out
the end of a prompt that the chat template does not repeat before an answer, ORPO adds tokens
that end or begin a text. So they are built with a stand-in, are then given these columns, and
every row is compared with what their collator makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.engines.loglikelihoods import TokenRow
from vibench.errors import StageError
from vibench.training.pair_rows import TokenPair

__all__ = ["STAND_IN", "Columns", "check_batches", "dataset_rows"]

STAND_IN: Mapping[str, Any] = {"prompt": "Hello.", "chosen": " Yes", "rejected": " No"}


@dataclass(frozen=True, slots=True)
class Columns:
    """`write` gives a trainer's columns for a pair; `read` gives (chosen, rejected) back from
    the batch that the trainer's collator makes of that one pair."""

    write: Callable[[TokenPair], dict[str, Any]]
    read: Callable[[Mapping[str, Any]], tuple[TokenRow, TokenRow]]


def dataset_rows(
    rows: Sequence[TokenPair],
    columns: Columns,
    references: Mapping[str, tuple[float, float]] | None,
) -> list[dict[str, Any]]:
    """Return rows for a `datasets.Dataset`.

    With `references` each has its two log-probabilities. Raises StageError for a pair
    that has none.
    """
    entries: list[dict[str, Any]] = []
    for row in rows:
        entry = columns.write(row)
        if references is not None:
            if row.pair.id not in references:
                raise StageError(f"The pair '{row.pair.id}' has no reference log-probabilities.")
            entry["ref_chosen_logps"], entry["ref_rejected_logps"] = references[row.pair.id]
        entries.append(entry)
    return entries


def check_batches(trainer: Any, rows: Sequence[TokenPair], columns: Columns) -> None:
    """Raise StageError unless a trainer reads exactly these tokens, row by row."""
    entries = trainer.train_dataset
    # TRL drops rows that it finds too long without a word.
    if len(entries) != len(rows):
        raise StageError(f"TRL has {len(entries)} pairs where vibench has {len(rows)}.")
    for row, entry in zip(rows, entries, strict=True):
        sides = (row.chosen, row.rejected)
        # One row at a time: in a batch of several, padding would hide where a row ends.
        batch = columns.read(trainer.data_collator([entry]))
        for side, read in zip(sides, batch, strict=True):
            if (list(side.ids), side.start) != (list(read.ids), read.start):
                raise StageError(
                    f"TRL reads the pair '{row.pair.id}' in other tokens than those that the "
                    "model is asked in."
                )
