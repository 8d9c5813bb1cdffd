"""The judge `mistral`."""

from __future__ import annotations

from typing import ClassVar

from vibench import ModelJudge, with_defaults

__all__ = ["Mistral"]


class Mistral(ModelJudge):
    """Extracts values open-endedly (paper, section 4 and Listing 2)."""

    Parameters: ClassVar = with_defaults(
        ModelJudge.Parameters, model="mistralai/Mistral-7B-Instruct-v0.3"
    )
