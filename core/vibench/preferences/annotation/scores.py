"""Scores of the value subsets by the annotators' answers (paper, section 4, Tables 2 and 3).

A row is an item with every annotator's answer. The labels an annotator chose form a set;
choosing none of them is the set {none}, so that two who find no value agree.

- union precision: the share of rows in which any annotator chose the target;
- agreement: a row's sets have a label (or none) in common; intersection precision is the
  share of rows with agreement in which all chose the target;
- Jaccard: |A and B| / |A or B|, averaged over the pairs of annotators, then over rows;
- Krippendorff's alpha, nominal: units are (item, label), coders the annotators, and each
  coder says of each unit whether the label was chosen.

Means are over values, each value counting the same: Table 3's mean is 76.67.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from vibench.errors import DataError
from vibench.preferences.annotation.answers import AnnotatorAnswer
from vibench.preferences.annotation.items import NONE, Item
from vibench.stats.shares import MeanShare, Share, mean_share, share

__all__ = ["Alpha", "Annotated", "AnnotationScores", "score"]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha, or None and the reason why there is none."""

    value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnnotationScores:
    """The scores of some rows: one value's, or all.

    `incomplete` items lack an answer and are in no score. `without_agreement` is a share of
    `rows`. `jaccard` is None with fewer than two annotators or no rows.
    """

    rows: int
    incomplete: int
    union: Share
    intersection: Share
    without_agreement: Share
    jaccard: float | None
    alpha: Alpha


@dataclass(frozen=True, slots=True)
class Annotated:
    """An annotation round. `annotators` gave answers, `absent` gave none (partial rounds).

    `values` goes by value, in alphabetical order. `mean_*` are means over values; `pooled`
    counts all rows alike, and its alpha is the round's.
    """

    annotators: tuple[str, ...]
    absent: tuple[str, ...]
    values: Mapping[str, AnnotationScores]
    mean_union: MeanShare
    mean_intersection: MeanShare
    mean_without_agreement: MeanShare
    mean_jaccard: float | None
    pooled: AnnotationScores


def score(
    items: Iterable[Item],
    answers: Iterable[AnnotatorAnswer],
    annotators: Sequence[str],
    partial: bool = False,
) -> Annotated:
    """Score a round. Shares lie in [0, 1], with 95 % intervals.

    Raises DataError if an annotator has no answers or has left items out, unless `partial`:
    then the items that all of those with any answer have answered are scored, and the rest
    is counted. Raises DataError for two different answers of one annotator to one item, for
    an answer to no item or by no annotator, and if there is no answer at all.
    """
    by_id = {item.id: item for item in items}
    by_annotator = _by_annotator(by_id, answers, annotators)
    if not partial:
        _check_complete(by_id, by_annotator)
    present = tuple(name for name in annotators if by_annotator[name])
    if not present:
        raise DataError("There is no answer to score.", "Have the kit filled in first.")
    rows: dict[str, list[_Row]] = {item.value: [] for item in by_id.values()}
    incomplete = dict.fromkeys(rows, 0)
    for item in by_id.values():
        if all(item.id in by_annotator[name] for name in present):
            # Choosing nothing is the set {none}, so that two who find no value agree.
            chosen = tuple(by_annotator[name][item.id] or frozenset({NONE}) for name in present)
            rows[item.value].append(_Row(item, chosen))
        else:
            incomplete[item.value] += 1
    values = {value: _agreement(rows[value], incomplete[value]) for value in sorted(rows)}
    pooled = [row for value in sorted(rows) for row in rows[value]]
    jaccards = [a.jaccard for a in values.values() if a.jaccard is not None]
    return Annotated(
        present,
        tuple(name for name in annotators if not by_annotator[name]),
        values,
        mean_share([a.union for a in values.values()]),
        mean_share([a.intersection for a in values.values()]),
        mean_share([a.without_agreement for a in values.values()]),
        fmean(jaccards) if jaccards else None,
        _agreement(pooled, sum(incomplete.values())),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    item: Item
    chosen: tuple[frozenset[str], ...]
    """One set per annotator, in their order; never empty."""


def _by_annotator(
    items: Mapping[str, Item], answers: Iterable[AnnotatorAnswer], annotators: Sequence[str]
) -> dict[str, dict[str, frozenset[str]]]:
    by_annotator: dict[str, dict[str, frozenset[str]]] = {name: {} for name in annotators}
    for answer in answers:
        if answer.item not in items or answer.annotator not in by_annotator:
            raise DataError(
                f"There is an answer of '{answer.annotator}' to item '{answer.item}', and not both"
                " belong to this kit.",
                "Score the answers with the kit they were given for.",
            )
        labels = by_annotator[answer.annotator].setdefault(answer.item, answer.labels)
        if labels != answer.labels:
            raise DataError(
                f"{answer.annotator} answers item {answer.item} twice, differently.",
                "Name each annotator's final file only.",
            )
    return by_annotator


def _check_complete(
    items: Mapping[str, Item], by_annotator: Mapping[str, Mapping[str, frozenset[str]]]
) -> None:
    lacking = []
    for name, answers in by_annotator.items():
        unanswered = [item for item in items if item not in answers]
        if unanswered and not answers:
            lacking.append(f"{name} has answered none of {len(items)} items")
        elif unanswered:
            first = ", ".join(unanswered[:3]) + (", ..." if len(unanswered) > 3 else "")
            lacking.append(f"{name} lacks {len(unanswered)} of {len(items)} items ({first})")
    if lacking:
        raise DataError(
            f"The annotation is not complete: {'; '.join(lacking)}.",
            "Have the rest answered, or ask for a partial score.",
        )


def _agreement(rows: Sequence[_Row], incomplete: int) -> AnnotationScores:
    common = [(row, frozenset.intersection(*row.chosen)) for row in rows]
    agreed = [(row, labels) for row, labels in common if labels]
    any_chose = sum(row.item.value in frozenset.union(*row.chosen) for row in rows)
    all_chose = sum(row.item.value in labels for row, labels in agreed)
    coders = len(rows[0].chosen) if rows else 0
    return AnnotationScores(
        len(rows),
        incomplete,
        share(any_chose, len(rows)),
        share(all_chose, len(agreed)),
        share(len(rows) - len(agreed), len(rows)),
        fmean(map(_jaccard, rows)) if coders > 1 else None,
        _alpha(rows, coders),
    )


def _jaccard(row: _Row) -> float:
    """The mean over the pairs of annotators of one row."""
    return fmean(len(a & b) / len(a | b) for a, b in combinations(row.chosen, 2))


def _alpha(rows: Sequence[_Row], coders: int) -> Alpha:
    import krippendorff
    import numpy as np

    if not rows:
        return Alpha(None, "no item has an answer of every annotator")
    if coders < 2:
        return Alpha(None, "only one annotator")
    # One unit for each item and label: nominal alpha over sets would count partial overlap as none.
    units = [
        [label in chosen for chosen in row.chosen] for row in rows for label in row.item.labels
    ]
    codes = np.array(units, dtype=float).T
    if codes.min() == codes.max():
        always = "every" if codes.max() else "no"
        return Alpha(None, f"{always} label was chosen by everyone every time: nothing varies")
    value = krippendorff.alpha(codes, value_domain=[0.0, 1.0], level_of_measurement="nominal")
    return Alpha(float(value))
