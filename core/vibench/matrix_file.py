"""The matrix file: a run's options as TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vibench.errors import SpecError
from vibench.preferences.pair_files import of_table
from vibench.run_options import RunOptions, matrix_schema
from vibench.settings import of_tables
from vibench.toml_file import read_toml
from vibench.validation import first_problem

__all__ = ["read_matrix"]


def read_matrix(path: Path) -> RunOptions:
    """Return the options in a matrix file (`matrix_schema`).

    Raises SpecError naming the file and the line or key.
    """
    table = read_toml(path, "matrix file", SpecError, "Check the path.")
    # The whole table is checked before anything is read out of it, so that every error names file
    # and key.
    problem = first_problem(table, matrix_schema())
    if problem:
        raise SpecError(
            f"In the matrix file {path}, {problem.key} {problem.what}.",
            problem.hint or "Correct that key.",
        )
    settings = of_tables(f"In the matrix file {path}, set", table.pop("set", {}))
    pairs = of_table(table.pop("pairs", {}))
    options: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }
    return RunOptions(**options, settings=tuple(settings), pairs=tuple(pairs))
