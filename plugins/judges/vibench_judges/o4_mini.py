"""The judge `o4-mini`."""

from __future__ import annotations

from typing import ClassVar

from vibench import ModelJudge, with_defaults

__all__ = ["O4Mini"]


class O4Mini(ModelJudge):
    """Judges behaviours and compliance (paper, section 5); a successor stands in for o4-mini.

    The paper's model was shut down on 2026-10-23; gpt-5.6-terra, which its vendor names as the
    replacement, stands in unless `o4-mini.model` names another one at the endpoint. Every key
    and manifest says which model judged. It reasons: the engine leaves temperature and top_p
    out, and the limit covers the reasoning too.
    """

    named_after: ClassVar[str] = "o4-mini"
    Parameters: ClassVar = with_defaults(
        ModelJudge.Parameters,
        model="gpt-5.6-terra",
        engine="openai",
        max_tokens=8192,
        structured="auto",
    )
