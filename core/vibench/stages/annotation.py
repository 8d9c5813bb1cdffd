"""Stages that draw the items which people are asked about."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vibench.stages.specification import StageSpec

if TYPE_CHECKING:
    from vibench.sessions.work import Work

__all__ = ["AnnotationSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationSpec(StageSpec):
    """Items of the subsets of `values`, each with so many distractors out of `names` (paper,
    section 4: human evaluation)."""

    kind = "annotation"
    needed: ClassVar = {"subset": "subset"}

    values: tuple[str, ...]
    names: tuple[str, ...]
    annotators: tuple[str, ...]
    per_value: int
    distractors: int
    seed: int

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `items.jsonl`, with their targets; the facts count items by value."""
        from vibench.preferences.annotation import item_row, sample_items
        from vibench.preferences.tables import read_pairs

        subsets = {
            value: read_pairs(artefact.file("pairs.parquet"))
            for value, artefact in zip(self.values, work.needs("subset"), strict=True)
        }
        items = sample_items(subsets, self.names, self.per_value, self.distractors, self.seed)
        with (work.folder / "items.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(item_row(i), ensure_ascii=False) + "\n" for i in items)
        return {"items": dict(Counter(i.value for i in items))}
