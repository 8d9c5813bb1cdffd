"""The cells of a run as the store keeps them, beside its record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from vibench.plan.plan import Cell
from vibench.store.artefacts import replacing
from vibench.store.columns import column, read_parquet

__all__ = ["CELLS", "read_cells", "write_cells"]

CELLS = "cells.parquet"
"""Their file in the run's folder."""


def write_cells(path: Path, cells: Sequence[Cell]) -> None:
    """Settings are JSON text, in a column of their own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [f.name for f in fields(Cell)]
    columns: dict[str, list[Any]] = {n: [getattr(c, n) for c in cells] for n in names}
    columns["settings"] = [json.dumps(dict(s), sort_keys=True) for s in columns["settings"]]
    arrays = [column(columns[n], pa.int64() if n == "seed" else pa.string()) for n in names]
    with replacing(path) as temporary:
        pq.write_table(
            pa.Table.from_arrays(arrays, names=names),
            temporary,
            compression="zstd",
            # A flipped bit is noticed, and no cell of the run becomes another.
            write_page_checksum=True,
        )


def read_cells(folder: Path) -> list[Cell]:
    """The cells of a run, from its folder in the store."""
    rows: list[Mapping[str, Any]] = read_parquet(folder / CELLS).to_pylist()
    return [Cell(**{**row, "settings": json.loads(row["settings"])}) for row in rows]
