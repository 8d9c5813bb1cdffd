"""Questions in the files that a task's own definition lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench import DataError
from vibench_evals.qa.sources import QuestionSource, content, visible
from vibench_evals.qa.tasks import Leaf

__all__ = ["DefinitionFiles", "definition_files"]

READERS = frozenset({"json", "csv", "parquet", "text", "arrow"})
"""The values of `dataset_path` with which `data_files` list the files."""


@dataclass(frozen=True, slots=True)
class DefinitionFiles:
    """The files of tasks that list their own, and the source of the others."""

    files: Mapping[str, Sequence[Path]]
    rest: QuestionSource | None

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


def definition_files(leaf: Leaf) -> list[Path] | None:
    """Return the local files in a definition; None if it has none. Raises DataError for one
    that does not exist."""
    settings = leaf.settings
    dataset, arguments = leaf.dataset, settings.get("dataset_kwargs") or {}
    if dataset not in READERS:
        folder = Path(dataset)
        # An absolute path is a folder on this machine; any other name is the hub's.
        return list(visible(folder)) if dataset and folder.is_absolute() else None
    patterns = list(_texts(arguments.get("data_files")))
    # Addresses on the web are the hub's business: their content is not known before it is fetched.
    if not patterns or any("://" in pattern for pattern in patterns):
        return None
    folder = Path(arguments.get("data_dir") or "")
    paths: list[Path] = []
    for pattern in patterns:
        path = folder / pattern
        # `glob` takes no absolute pattern, so split off the root.
        files = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
        if not files:
            raise DataError(
                f"The task '{leaf.name}' reads {path}, which does not exist.",
                f"Add it, or correct data_files in {leaf.file} (relative "
                "paths start at the working folder).",
            )
        paths += files
    return paths


def _texts(files: Any) -> Iterator[str]:
    """`data_files` are a path, a list of them, or either by split."""
    if isinstance(files, str):
        yield files
    elif isinstance(files, Mapping):
        for entry in files.values():
            yield from _texts(entry)
    elif isinstance(files, Sequence):
        for entry in files:
            yield from _texts(entry)
