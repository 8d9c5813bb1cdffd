"""The judge `llama-70b`."""

from __future__ import annotations

from typing import ClassVar

from vibench import ModelJudge, with_defaults

__all__ = ["Llama70B"]


class Llama70B(ModelJudge):
    """Verifies value subsets with a closed set (paper, section 4 and Listing 1)."""

    Parameters: ClassVar = with_defaults(
        ModelJudge.Parameters, model="meta-llama/Llama-3.3-70B-Instruct"
    )
