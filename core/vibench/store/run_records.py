"""The record of a run, `runs/ID/run.json`: what was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench.errors import StoreError
from vibench.store.files import write_text
from vibench.store.json_files import read_object, sealed_text
from vibench.store.manifests import FORMAT

__all__ = ["RECORD", "damaged_run", "read_record", "write_record"]

RECORD = "run.json"
"""Its file in the run's folder."""
TABLES = ("spec", "parameters", "plugins", "versions", "hardware", "cost")
LISTS = ("failures", "subsets", "training_notes", "template_notes")


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write a run's record into its folder, in place of an earlier one."""
    write_text(folder / RECORD, sealed_text({"format": FORMAT, **record}))


def read_record(root: Path, run: str) -> dict[str, Any]:
    """Return a run's record. Raises StoreError if there is none, if it is damaged or of a newer
    version, and if it cannot be read now."""
    try:
        record = read_object(root / "runs" / run / RECORD, root)
        number = record.get("format", FORMAT)
        if isinstance(number, int) and number > FORMAT:
            raise StoreError(
                f"The run {run} was written by a newer version of vibench: its record has format "
                f"{number}, and this version reads {FORMAT}.",
                "Use that version, or rerun the run's command in another store (--store).",
            )
        _check(record)
    except FileNotFoundError as error:
        raise damaged_run(root, run, "record", "it is missing") from error
    except ValueError as error:
        raise damaged_run(root, run, "record", str(error)) from error
    return record


def damaged_run(root: Path, run: str, part: str, why: str) -> StoreError:
    """Return the error for a part of a run that is damaged."""
    return StoreError(
        f"The {part} of the run {run} cannot be read ({why}).",
        "Rerun the run's command, which writes it again and keeps finished results, or remove "
        f"{root / 'runs' / run}.",
    )


def _check(record: Mapping[str, Any]) -> None:
    """Raise ValueError for fields that are not of the form in which they are written."""
    wrong = [name for name in ("id", "status") if not isinstance(record.get(name), str)]
    wrong += [name for name in TABLES if not isinstance(record.get(name) or {}, dict)]
    wrong += [name for name in LISTS if not isinstance(record.get(name) or [], list)]
    if wrong:
        raise ValueError(f"'{wrong[0]}' has no such value as vibench writes")
    for failure in record.get("failures") or ():
        if not isinstance(failure, dict) or not {"stage", "message"} <= failure.keys():
            raise ValueError("'failures' is not a list of failures")
