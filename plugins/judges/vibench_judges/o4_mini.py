"""The judge `o4-mini`."""

from __future__ import annotations

from typing import ClassVar

from vibench import ModelJudge

__all__ = ["O4Mini"]


class O4Mini(ModelJudge):
    """Judges behaviours and compliance (paper, section 5), over an OpenAI-compatible endpoint.

    A reasoning model: the engine leaves temperature and top_p out, and the limit covers the
    reasoning too. Its vendor was to shut it down on 2026-10-23; `o4-mini.model` names a
    successor, and every key and manifest says which model judged.
    """

    parameters: ClassVar = ModelJudge.asking("o4-mini", engine="openai", max_tokens=8192)
