"""The cells of a run as the store keeps them, beside its record."""

from __future__ import annotations

import hashlib
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
DIGEST = b"vibench.sha256"
"""The field of the file's metadata that holds the digest of the cells."""


def write_cells(path: Path, cells: Sequence[Cell]) -> None:
    """Write the cells of a run. Settings are JSON text, in a column of their own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [f.name for f in fields(Cell)]
    columns: dict[str, list[Any]] = {n: [getattr(c, n) for c in cells] for n in names}
    columns["settings"] = [json.dumps(dict(s), sort_keys=True) for s in columns["settings"]]
    arrays = [column(columns[n], pa.int64() if n == "seed" else pa.string()) for n in names]
    table = pa.Table.from_arrays(arrays, names=names)
    table = table.replace_schema_metadata({DIGEST: _digest(columns)})
    options = {"compression": "zstd", "write_page_checksum": True, "write_statistics": False}
    with replacing(path) as temporary:
        pq.write_table(table, temporary, **options)


def read_cells(folder: Path) -> list[Cell]:
    """Return the cells of a run, from its folder in the store. Raises ValueError if they are not
    those that were written, besides what `read_parquet` raises."""
    table = read_parquet(folder / CELLS)
    names = [f.name for f in fields(Cell)]
    if extra := [name for name in table.column_names if name not in names]:
        raise ValueError(f"a newer version of vibench wrote it: it has a column '{extra[0]}'")
    columns: dict[str, list[Any]] = {name: table.column(name).to_pylist() for name in names}
    # The checksums of Parquet cover its pages, and not what tells how to read them.
    digest = (table.schema.metadata or {}).get(DIGEST)
    if digest is not None and digest != _digest(columns):
        raise ValueError("its content was changed")
    columns["settings"] = [json.loads(text) for text in columns["settings"]]
    return [Cell(*row) for row in zip(*columns.values(), strict=True)]


def _digest(columns: Mapping[str, Sequence[Any]]) -> bytes:
    return hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest().encode()
