"""Options that many commands have."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["STORE", "StoreOption"]

STORE = ".vibench"
"""Where results are kept unless told otherwise."""

StoreOption = Annotated[
    str, typer.Option("--store", envvar="VIBENCH_STORE", help="Where results are kept.")
]
