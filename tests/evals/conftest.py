"""Where the evals' tests read: the real public data (skipped where absent), the embedded data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench import Eval
from vibench.data import DataFiles

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def real() -> DataFiles:
    if not REAL.is_dir():
        pytest.skip("needs the public data sets in ../shared/data")
    return DataFiles(REAL, False, {})


@pytest.fixture
def embedded() -> DataFiles:
    return DataFiles(None, True, {})


Make = Callable[..., Any]


@pytest.fixture
def make() -> Make:
    """Builds an eval as core does: what is set, and the schema's defaults for the rest."""

    def build(cls: type[Eval], **asked: Any) -> Eval:
        properties = cls.parameters["properties"]
        assert asked.keys() <= properties.keys()
        return cls(**{name: schema["default"] for name, schema in properties.items()} | asked)

    return build
