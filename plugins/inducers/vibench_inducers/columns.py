"""The columns in which TRL's trainers take rows that are tokenised already.

Both trainers tokenise whatever data they are built with, by rules of their own: DPO leaves out
the end of a prompt that the chat template does not repeat before an answer, ORPO adds tokens
that end or begin a text. So they are built with a stand-in, are then given these columns, and
every row is compared with what their collator makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.engines.loglikelihoods import Row
from vibench.errors import StageError
from vibench_inducers.rows import TokenPair

__all__ = ["DPO_COLUMNS", "ORPO_COLUMNS", "STAND_IN", "Columns", "check_batches", "dataset_rows"]

STAND_IN: Mapping[str, Any] = {"prompt": "Hello.", "chosen": " Yes", "rejected": " No"}

IGNORED = -100
"""The label of tokens that ORPO takes no loss over."""


@dataclass(frozen=True, slots=True)
class Columns:
    """`write` gives a trainer's columns for a pair; `read` gives (chosen, rejected) back from
    the batch that the trainer's collator makes of that one pair."""

    write: Callable[[TokenPair], dict[str, Any]]
    read: Callable[[Mapping[str, Any]], tuple[Row, Row]]


def dataset_rows(
    rows: Sequence[TokenPair],
    columns: Columns,
    reference: Mapping[str, tuple[float, float]] | None,
) -> list[dict[str, Any]]:
    """Rows for a `datasets.Dataset`.

    With `reference` each has its two log-probabilities. Raises StageError for a pair
    that has none.
    """
    entries: list[dict[str, Any]] = []
    for row in rows:
        entry = columns.write(row)
        if reference is not None:
            if row.pair.id not in reference:
                raise StageError(f"The pair '{row.pair.id}' has no reference log-probabilities.")
            entry["ref_chosen_logps"], entry["ref_rejected_logps"] = reference[row.pair.id]
        entries.append(entry)
    return entries


def check_batches(trainer: Any, rows: Sequence[TokenPair], columns: Columns) -> None:
    """Raise StageError unless a trainer reads exactly these tokens, row by row."""
    entries = trainer.train_dataset
    if len(entries) != len(rows):
        raise StageError(f"TRL has {len(entries)} pairs where vibench has {len(rows)}.")
    for row, entry in zip(rows, entries, strict=True):
        for side, row_read in zip(
            (row.chosen, row.rejected), columns.read(trainer.data_collator([entry])), strict=True
        ):
            if (list(side.ids), side.start) != (list(row_read.ids), row_read.start):
                raise StageError(
                    f"TRL reads the pair '{row.pair.id}' in other tokens than those that are asked."
                )


def _write_dpo(row: TokenPair) -> dict[str, Any]:
    start = row.chosen.start
    return {
        "prompt_ids": list(row.chosen.ids[:start]),
        "chosen_ids": list(row.chosen.ids[start:]),
        "rejected_ids": list(row.rejected.ids[start:]),
    }


def _read_dpo(batch: Mapping[str, Any]) -> tuple[Row, Row]:
    def side(number: int) -> Row:
        length = int(batch["attention_mask"][number].sum())
        answer = int(batch["completion_mask"][number].sum())
        return Row(batch["input_ids"][number][:length].tolist(), length - answer)

    return side(0), side(1)


def _write_orpo(row: TokenPair) -> dict[str, Any]:
    prompt = list(row.chosen.ids[: row.chosen.start])
    entry: dict[str, Any] = {"prompt_input_ids": prompt, "prompt_attention_mask": [1] * len(prompt)}
    for name, side in (("chosen", row.chosen), ("rejected", row.rejected)):
        ids = list(side.ids)
        entry[f"{name}_input_ids"] = ids
        entry[f"{name}_attention_mask"] = [1] * len(ids)
        entry[f"{name}_labels"] = [IGNORED] * side.start + ids[side.start :]
    return entry


def _read_orpo(batch: Mapping[str, Any]) -> tuple[Row, Row]:
    def side(name: str) -> Row:
        labels = batch[f"{name}_labels"][0]
        length = int(batch[f"{name}_attention_mask"][0].sum())
        answer = int((labels != IGNORED).sum())
        return Row(batch[f"{name}_input_ids"][0][:length].tolist(), length - answer)

    return side("chosen"), side("rejected")


DPO_COLUMNS = Columns(_write_dpo, _read_dpo)
ORPO_COLUMNS = Columns(_write_orpo, _read_orpo)
