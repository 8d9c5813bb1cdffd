"""Options that many commands have."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["STORE", "PairsOption", "StoreOption"]

STORE = ".vibench"
"""Where results are kept unless told otherwise."""

StoreOption = Annotated[
    str, typer.Option("--store", envvar="VIBENCH_STORE", help="Where results are kept.")
]

PairsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pairs",
        metavar="VALUE=FILE",
        help="Pairs made for a value, trained on as they are. Repeat for each file.",
    ),
]
