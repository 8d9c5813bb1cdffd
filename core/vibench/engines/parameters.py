"""Parameters that engines share."""

from __future__ import annotations

from typing import Annotated, Literal

from vibench.parameters import Parameter

__all__ = ["ChatTemplate", "Dtype"]

Dtype = Literal["auto", "float32", "bfloat16", "float16"]

ChatTemplate = Annotated[
    str,
    Parameter(
        "A .jinja file or a model whose chat template replaces all others, or the name of one of "
        "several templates of the model's tokenizer.",
        file=True,
    ),
]
