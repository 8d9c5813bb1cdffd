"""Reading a preference source in a test."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench.interfaces import Source
from vibench.preferences import unique_pairs
from vibench.records import Dropped, PreferencePair

Made = Callable[..., Source]
Split = Callable[..., tuple[list[PreferencePair], Counter[str]]]
Write = Callable[..., Path]


@pytest.fixture
def made() -> Made:
    """The source with its schema's defaults, and `settings` over them."""

    def make(kind: type[Source], **settings: Any) -> Source:
        properties = kind.parameters["properties"]
        defaults = {k: p["default"] for k, p in properties.items() if "default" in p}
        return kind(**{**defaults, **settings})

    return make


@pytest.fixture
def split(made: Made) -> Split:
    """The pairs that a source finds in a data folder, and how many rows it drops why."""

    def splitting(
        kind: type[Source], folder: Path | None = None, **settings: Any
    ) -> tuple[list[PreferencePair], Counter[str]]:
        data = DataFiles(folder, embedded=False, datasets={})
        items = list(unique_pairs(made(kind, **settings), data))
        pairs = [item for item in items if isinstance(item, PreferencePair)]
        return pairs, Counter(item.cause for item in items if isinstance(item, Dropped))

    return splitting


@pytest.fixture
def write() -> Write:
    """Writes rows in the form that the file's name says."""

    def writing(path: Path, rows: list[dict[str, Any]]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(path.name, rows))
        return path

    return writing


def content(name: str, rows: list[dict[str, Any]]) -> bytes:
    import csv
    import gzip
    import io

    if name.endswith(".gz"):
        return gzip.compress(content(name.removesuffix(".gz"), rows))
    kind = name.rpartition(".")[2]
    if kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        whole = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), whole)
        return whole.getvalue()
    if kind in ("csv", "tsv"):
        table = io.StringIO()
        writer = csv.DictWriter(table, list(rows[0]), delimiter="\t" if kind == "tsv" else ",")
        writer.writeheader()
        writer.writerows(
            {k: json.dumps(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows
        )
        return table.getvalue().encode()
    if kind == "json":
        return json.dumps(rows).encode()
    return "".join(json.dumps(row) + "\n" for row in rows).encode()
