"""`vibench data annotate export` and `import` (Table 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.cli.data.options import DataOptions
from vibench.cli.data.work import make
from vibench.cli.listings import Form, print_listing
from vibench.cli.screen import console
from vibench.errors import DataError, SpecError, StoreError, UnknownName, UsageError
from vibench.exhibits.listing import Listing, interval
from vibench.plan.preferences import Annotating
from vibench.preferences.annotation.kits import Kit, find_kit, kits, remember, remembered
from vibench.run_options import split_names
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from vibench.preferences.annotation import Annotated, AnnotationScores, AnnotatorAnswer

__all__ = ["export", "import_answers"]


def export(
    asked: DataOptions,
    out: Path,
    value: Sequence[str],
    annotator: Sequence[str],
    drawn: Annotating,
    minimum: int | None,
    pairs: Sequence[str],
) -> int:
    """Write the annotators' files into a new folder."""
    from vibench.preferences.annotation import write_kit

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SpecError(
            f"{out} is there already and not empty.",
            "Name a new folder with --out: what annotators filled in is never written over.",
        )
    names = split_names(annotator)
    asking = replace(drawn, annotators=names) if names else drawn
    said = {"values": value, "minimum_pairs": minimum, "pairs": pairs}
    made = make(asked, "annotation", asking, **said)
    if code := made.code():
        return code
    kit = find_kit(made.store, made.planned.annotation)
    definitions = {name: v.definition for name, v in made.catalogue.values.items()}
    files = write_kit(out, kit.id, kit.items, kit.annotators, definitions)
    counts = dict.fromkeys(made.spec.values, 0)
    for item in kit.items:
        counts[item.value] += 1
    print_listing(
        Listing(
            f"Kit {kit.id}",
            ("value", "items"),
            list(counts.items()),
            notes=(
                f"{len(files)} files are in {out}, for {', '.join(kit.annotators)}: annotate.html "
                "opens in any browser and needs no network. None of them says which value an "
                "item was drawn for; the store does.",
                "Read what they send back with: vibench data annotate import FILE...",
            ),
        ),
        asked.form,
        console(),
    )
    return 0


def import_answers(
    files: Sequence[Path], root: str, form: Form, partial: bool, paper: bool, kit_id: str
) -> int:
    """Keep the answers of every file that can be read, and score all that the kit has."""
    from vibench.preferences.annotation import read_answers, score

    store = Store(root)
    kit = chosen_kit(store, kit_id)
    by_id = {item.id: item for item in kit.items}
    problems: list[UsageError] = []
    screen = console(to_stderr=True)
    for file in files:
        read: list[AnnotatorAnswer] = []
        try:
            for answer in read_answers(file, by_id, kit.id, kit.annotators, partial):
                read.append(answer)
        except UsageError as error:
            problems.append(error)
        new, changed = remember(store, kit, read)
        screen.print(
            f"{file}: {len(read)} answers read, {new} of them new, {changed} changed.",
            markup=False,
            soft_wrap=True,
        )
    if problems:
        *others, last = problems
        for problem in others:
            screen.print(f"{problem.message}\n  {problem.hint}", markup=False, soft_wrap=True)
        raise DataError(last.message, f"{last.hint} What was read before it is kept.")
    _show(score(kit.items, remembered(store, kit), kit.annotators, partial), paper, form)
    return 0


def chosen_kit(store: Store, kit_id: str) -> Kit:
    known = kits(store)
    if not known:
        raise StoreError(
            f"There is no annotation kit in the store {store.root}.",
            "Make one with `vibench data annotate export --out FOLDER`, or name its store with "
            "--store.",
        )
    found = [key for key in known if key.startswith(kit_id)]
    if not found:
        raise UnknownName("annotation kit", kit_id, [key[:12] for key in known])
    return find_kit(store, found[-1])


COLUMNS = (
    "value", "items", "incomplete", "union", "union_low", "union_high", "intersection",
    "intersection_low", "intersection_high", "without_agreement", "jaccard", "alpha",
)  # fmt: skip
SHARES = frozenset({"union", "all agree", "differ", "paper"})


def _show(annotated: Annotated, paper: bool, form: Form) -> None:
    rows = [_row(value, found) for value, found in annotated.values.items()]
    union, intersection = annotated.mean_union, annotated.mean_intersection
    pooled = _row("(pooled)", annotated.pooled)
    mean = ["(mean)", *pooled[1:3], union.mean, union.low, union.high,
            intersection.mean, intersection.low, intersection.high,
            annotated.mean_without_agreement.mean, annotated.mean_jaccard, None]  # fmt: skip
    full = [*rows, mean, pooled]
    shown = [[row[0], row[1], row[3], interval(row[4], row[5]), row[6], *row[9:12]] for row in full]
    columns: tuple[str, ...] = COLUMNS
    heads: tuple[str, ...] = (
        "value", "items", "union", "95 % CI", "all agree", "differ", "Jaccard", "alpha",
    )  # fmt: skip
    if paper:
        full = [[*row, *_paper(str(row[0]))] for row in full]
        shown = [[*row, *_paper(str(row[0]))] for row in shown]
        columns += ("paper_union", "paper_jaccard")
        heads += ("paper", "paper's Jaccard")
    notes = [
        "Union: % of items in which any annotator chose the subset's value. All agree: % of the "
        "items with agreement in which all chose it (intersection). Differ: % of items in which "
        "the annotators' sets, with none as a label, share nothing. Alpha: Krippendorff's, "
        "nominal.",
        f"Annotators: {', '.join(annotated.annotators)}.",
    ]
    if annotated.absent:
        notes.append(f"Partial: no answers from {', '.join(annotated.absent)}.")
    if annotated.pooled.incomplete:
        notes.append(f"Partial: {annotated.pooled.incomplete} items lack an answer.")
    without = [
        f"{name} ({found.alpha.reason})"
        for name, found in annotated.values.items()
        if found.alpha.value is None
    ]
    if without:
        notes.append(f"No alpha for {'; '.join(without)}.")
    title = "Value subsets as people see them (Table 3)"
    print_listing(
        Listing(title, columns, full, notes=tuple(notes)),
        form,
        console(),
        (Listing(title, heads, shown, SHARES, tuple(notes)),),
    )


def _row(value: str, found: AnnotationScores) -> list[Any]:
    union, both = found.union, found.intersection
    return [
        value, found.rows, found.incomplete, union.value, *union.bounds,
        both.value, *both.bounds, found.without_agreement.value, found.jaccard,
        found.alpha.value,
    ]  # fmt: skip


def _paper(value: str) -> list[float | None]:
    """Table 3's precision, as a share, and Jaccard index; section 4's mean."""
    from vibench.paper import value_data

    if value == "(mean)":
        return [value_data().averaged["Human (Union)"] / 100, None]
    there = value_data().humans.get(value)
    return [there.precision / 100, there.jaccard] if there else [None, None]
