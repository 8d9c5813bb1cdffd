"""Questions in files that a task's definition itself names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench import DataError
from vibench_evals.qa.sources import Source, content, visible
from vibench_evals.qa.tasks import Leaf

__all__ = ["Stated", "stated"]

READERS = frozenset({"json", "csv", "parquet", "text", "arrow"})
"""What `dataset_path` is where `data_files` say where the questions are."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The files of tasks that name their own, and the source of the others."""

    files: Mapping[str, Sequence[Path]]
    rest: Source | None

    @property
    def remote(self) -> bool:
        return self.rest is not None and self.rest.remote

    @property
    def identity(self) -> Mapping[str, Any]:
        stated = {name: [content(path) for path in paths] for name, paths in self.files.items()}
        rest = {} if self.rest is None else self.rest.identity
        return {**rest, "stated": stated}

    def overrides(self, leaf: Leaf) -> dict[str, Any]:
        return {} if leaf.name in self.files or self.rest is None else self.rest.overrides(leaf)


def stated(leaf: Leaf) -> list[Path] | None:
    """The files on this machine that a definition names; None if it names none. Raises
    DataError for one that is not there."""
    settings = leaf.settings
    dataset, how = leaf.dataset, settings.get("dataset_kwargs") or {}
    if dataset not in READERS:
        folder = Path(dataset)
        return list(visible(folder)) if dataset and folder.is_absolute() else None
    patterns = list(_texts(how.get("data_files")))
    if not patterns or any("://" in pattern for pattern in patterns):
        return None
    beside = Path(how.get("data_dir") or "")
    found: list[Path] = []
    for pattern in patterns:
        whole = beside / pattern
        files = sorted(Path(whole.anchor).glob(str(whole.relative_to(whole.anchor))))
        if not files:
            raise DataError(
                f"The task '{leaf.name}' reads {whole}, which is not there.",
                f"Put it there, or mend data_files in {leaf.file} (a path that is not absolute "
                "starts where vibench is run).",
            )
        found += files
    return found


def _texts(files: Any) -> Iterator[str]:
    """`data_files` are a path, a list of them, or either by split."""
    if isinstance(files, str):
        yield files
    elif isinstance(files, Mapping):
        for one in files.values():
            yield from _texts(one)
    elif isinstance(files, Sequence):
        for one in files:
            yield from _texts(one)
