"""People check the value subsets: items sampled, a kit written, answers read and scored.

Paper: section 4 ("For human evaluation ..."), Table 3, Figure 8.
"""

from __future__ import annotations

from vibench.preferences.annotation.answers import AnnotatorAnswer, read_answers
from vibench.preferences.annotation.items import Item, item_from, item_row, sample_items
from vibench.preferences.annotation.kit import write_kit
from vibench.preferences.annotation.scores import (
    Alpha,
    Annotated,
    AnnotationScores,
    score,
)

__all__ = [
    "Alpha",
    "Annotated",
    "AnnotationScores",
    "AnnotatorAnswer",
    "Item",
    "item_from",
    "item_row",
    "read_answers",
    "sample_items",
    "score",
    "write_kit",
]
