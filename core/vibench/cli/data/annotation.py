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
from vibench.exhibits.lists import Listing, interval
from vibench.plan.preferences import Annotating
from vibench.preferences.annotation.kits import Kit, find_kit, kits, remember, remembered
from vibench.run_options import split_names
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from vibench.preferences.annotation import Annotated, AnnotationScores, AnnotatorAnswer

__all__ = ["export", "import_answers"]


def export(
    options: DataOptions,
    out: Path,
    value: Sequence[str],
    annotator: Sequence[str],
    settings: Annotating,
    minimum: int | None,
    pairs: Sequence[str],
) -> int:
    """Write the annotators' files into a new folder."""
    from vibench.preferences.annotation import write_kit

    # Checked before the pairs are drawn, which may take extraction by a model.
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SpecError(
            f"{out} exists already and is not empty.",
            "Name a new folder with --out: vibench never overwrites annotators' answers.",
        )
    names = split_names(annotator)
    annotating = replace(settings, annotators=names) if names else settings
    flags = {"values": value, "minimum_pairs": minimum, "pairs": pairs}
    data_run = make(options, "annotation", annotating, **flags)
    # A kit without some values would have to be annotated again later.
    if code := data_run.code():
        return code
    kit = find_kit(data_run.store, data_run.planned.annotation)
    # Annotators see definitions of all labels, not of the target alone.
    definitions = {name: v.definition for name, v in data_run.catalogue.values.items()}
    files = write_kit(out, kit.id, kit.items, kit.annotators, definitions)
    counts = dict.fromkeys(data_run.spec.values, 0)
    for item in kit.items:
        counts[item.value] += 1
    print_listing(
        Listing(
            f"Kit {kit.id}",
            ("value", "items"),
            list(counts.items()),
            notes=(
                f"{len(files)} files are in {out}, for {', '.join(kit.annotators)}: annotate.html "
                "opens in any browser and needs no network. They do not show the value that "
                "an item was drawn for: only the store has it.",
                "Import the returned files with: vibench data annotate import FILE...",
            ),
        ),
        options.form,
        console(),
    )
    return 0


def import_answers(
    files: Sequence[Path], root: str, form: Form, partial: bool, paper: bool, kit_id: str
) -> int:
    """Store the answers of every file that can be read, and score all answers of the kit."""
    from vibench.preferences.annotation import read_answers, score

    store = Store(root)
    kit = kit_with_id(store, kit_id)
    by_id = {item.id: item for item in kit.items}
    problems: list[UsageError] = []
    screen = console(to_stderr=True)
    for file in files:
        # Answers before the first malformed one of a file are stored, too: people's work is not
        # thrown away for a typing mistake in its last line.
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
    # No scores while a file has a mistake: they would change once it is corrected.
    if problems:
        # All problems are shown, the last one as the error that ends the command.
        *earlier, last = problems
        for problem in earlier:
            screen.print(f"{problem.message}\n  {problem.hint}", markup=False, soft_wrap=True)
        raise DataError(last.message, f"{last.hint} Answers read before it are kept.")
    _show(score(kit.items, remembered(store, kit), kit.annotators, partial), paper, form)
    return 0


def kit_with_id(store: Store, kit_id: str) -> Kit:
    """Return the latest kit whose id begins with `kit_id`. Raises UnknownName if there is none,
    StoreError if the store has no kits at all."""
    ids = kits(store)
    if not ids:
        raise StoreError(
            f"There is no annotation kit in the store {store.root}.",
            "Make one with `vibench data annotate export --out FOLDER`, or name its store with "
            "--store.",
        )
    # The ids are oldest first, so the last match is the latest kit.
    matches = [key for key in ids if key.startswith(kit_id)]
    if not matches:
        raise UnknownName("annotation kit", kit_id, [key[:12] for key in ids])
    return find_kit(store, matches[-1])


COLUMNS = (
    "value",
    "items",
    "incomplete",
    "union",
    "union_low",
    "union_high",
    "intersection",
    "intersection_low",
    "intersection_high",
    "without_agreement",
    "jaccard",
    "alpha",
)
SHARES = frozenset({"union", "all agree", "differ", "paper"})


def _show(annotated: Annotated, paper: bool, form: Form) -> None:
    rows = [_row(value, scores) for value, scores in annotated.values.items()]
    union, intersection = annotated.mean_union, annotated.mean_intersection
    pooled = _row("(pooled)", annotated.pooled)
    # The paper's Table 3 is a mean over values; pooled, frequent values would count more.
    mean = [
        "(mean)",
        *pooled[1:3],
        union.mean,
        union.low,
        union.high,
        intersection.mean,
        intersection.low,
        intersection.high,
        annotated.mean_without_agreement.mean,
        annotated.mean_jaccard,
        None,
    ]
    full = [*rows, mean, pooled]
    short = [[row[0], row[1], row[3], interval(row[4], row[5]), row[6], *row[9:12]] for row in full]
    columns: tuple[str, ...] = COLUMNS
    heads: tuple[str, ...] = (
        "value",
        "items",
        "union",
        "95 % CI",
        "all agree",
        "differ",
        "Jaccard",
        "alpha",
    )
    if paper:
        full = [[*row, *_paper(str(row[0]))] for row in full]
        short = [[*row, *_paper(str(row[0]))] for row in short]
        columns += ("paper_union", "paper_jaccard")
        heads += ("paper", "paper's Jaccard")
    notes = _notes(annotated)
    title = "Value subsets as people see them (Table 3)"
    print_listing(
        Listing(title, columns, full, notes=notes),
        form,
        console(),
        (Listing(title, heads, short, SHARES, notes),),
    )


def _notes(annotated: Annotated) -> tuple[str, ...]:
    """Return notes on the columns, on missing answers and on undefined alphas."""
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
        f"{name} ({scores.alpha.reason})"
        for name, scores in annotated.values.items()
        if scores.alpha.value is None
    ]
    if without:
        notes.append(f"No alpha for {'; '.join(without)}.")
    return tuple(notes)


def _row(value: str, scores: AnnotationScores) -> list[Any]:
    union, intersection = scores.union, scores.intersection
    return [
        value,
        scores.rows,
        scores.incomplete,
        union.value,
        *union.bounds,
        intersection.value,
        *intersection.bounds,
        scores.without_agreement.value,
        scores.jaccard,
        scores.alpha.value,
    ]


def _paper(value: str) -> list[float | None]:
    """Return Table 3's precision, as a share, and Jaccard index; for the mean, section 4's."""
    from vibench.paper import value_data

    if value == "(mean)":
        return [value_data().averaged["Human (Union)"] / 100, None]
    published = value_data().humans.get(value)
    return [published.precision / 100, published.jaccard] if published else [None, None]
