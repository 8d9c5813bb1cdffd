"""The judge `mistral-small`."""

from __future__ import annotations

from typing import ClassVar

from vibench import ModelJudge, with_defaults

__all__ = ["MistralSmall"]


class MistralSmall(ModelJudge):
    """Verifies value subsets with a closed set (paper, section 4 and Listing 1)."""

    Parameters: ClassVar = with_defaults(
        ModelJudge.Parameters, model="mistralai/Mistral-Small-24B-Instruct-2501"
    )
