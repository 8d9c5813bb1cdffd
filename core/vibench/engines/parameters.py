"""Parameters that engines share."""

from __future__ import annotations

from typing import Annotated, Literal

from vibench.parameters import Parameter
from vibench.records import Thinking

__all__ = ["ChatTemplate", "Dtype", "ThinkingSetting"]

Dtype = Literal["auto", "float32", "bfloat16", "float16"]

ChatTemplate = Annotated[
    str,
    Parameter(
        "A .jinja file or a model whose chat template replaces all others, or the name of one of "
        "several templates of the model's tokenizer.",
        file=True,
    ),
]

# No part of the engine's key: it is part of that of each model that is asked so, and judges on
# the same engine have a setting of their own.
ThinkingSetting = Annotated[
    Thinking,
    Parameter(
        "Whether the chat template asks subjects to think: on, off, or as the template does by "
        "itself. Training and receipts follow; judges have a setting of their own.",
        key=False,
        absent=True,
    ),
]
