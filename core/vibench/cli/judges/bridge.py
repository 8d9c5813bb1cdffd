"""`vibench judges bridge`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vibench.agreement.bridges import Bridge, build, find, keep, match
from vibench.agreement.comparison import between
from vibench.cli.judges.phrases import question, seldom, sets, three, three_of
from vibench.cli.listings import Form, print_listing
from vibench.cli.screen import console
from vibench.errors import SpecError
from vibench.exhibits.listing import Listing, interval
from vibench.plugins import Plugins
from vibench.run_options import split_names
from vibench.stats.agreement import agreement
from vibench.stats.shares import wilson
from vibench.store.artefacts import Store

__all__ = ["apply", "bridge"]

LIMITS = (
    "Limits: a bridge holds for transcripts like those that carry it (the eval, the kind of "
    "subjects), and for these two judges with these models and prompts. Rates are shares of the "
    "scored answers. 95 % intervals hold for new clusters."
)


def bridge(source: str, target: str, run: str, minimum: int, root: str, form: Form) -> int:
    """Make and store a bridge, and print it."""
    store = Store(root)
    compared, *ends = between(store, Plugins.discover(), source, target, run, minimum)
    made = build(compared, ends[0], ends[1], run)
    path = keep(store, made)
    names = (compared.first, compared.second)
    columns = (
        "eval", "rubric", "label", "answers", "clusters", "from_rate", "to_rate",
        *three("of_yes"), "of_yes_answers", *three("of_no"), "of_no_answers", "correlation",
        "thin",
    )  # fmt: skip
    questions = [q for one in compared.rubrics for q in one.questions]
    full, shown = [], []
    for span, asking in zip(made.spans, questions, strict=True):
        yes, no, both = span.link.of_yes, span.link.of_no, agreement(asking.paired, names)
        rates = (both.first.value, both.second.value)
        answers, clusters = both.agreement.of, both.agreement.clusters
        full.append(
            (span.eval, span.rubric, span.label, answers, clusters, *rates, *three_of(yes), yes.of,
             *three_of(no), no.of, span.link.correlation, span.thin or None)
        )  # fmt: skip
        shown.append(
            (span.eval, question(span.rubric, span.label), answers, *rates, yes.value,
             interval(yes.low, yes.high), no.value, interval(no.low, no.high))
        )  # fmt: skip
    title = f"Bridge from {names[0]} to {names[1]}, by {sets(compared.sets)}"
    notes = (
        "P1: how often TO gives the label where FROM gives it; P0: where FROM does not. "
        "TO's rate is P1 x FROM's rate + P0 x (1 - FROM's rate).",
        *_thin(made, len(full)),
        *seldom(compared.rubrics, minimum),
        LIMITS,
        f"Stored in {path}. Apply it: vibench judges bridge {source} {target} --rate RUBRIC=RATE",
    )
    heads = ("eval", "question", "answers", "FROM", "TO", "P1", "95 % CI", "P0",
             "95 % CI ")  # fmt: skip
    percent = frozenset({"FROM", "TO", "P1", "P0"})
    print_listing(
        Listing(title, columns, full, notes=notes),
        form,
        console(),
        (Listing(title, heads, shown, percent, notes),),
    )
    return 0


def _thin(made: Bridge, total: int) -> list[str]:
    thin = [span for span in made.spans if span.thin]
    if not thin:
        return []
    if len(thin) > 6:
        return [
            f"{len(thin)} of {total} links rest on few answers of one kind; their intervals are "
            "wide. --json and --csv say which."
        ]
    return [
        f"{question(span.rubric, span.label)} {span.thin}: its intervals are wide." for span in thin
    ]


def apply(source: str, target: str, rates: Sequence[str], root: str, form: Form) -> int:
    """Print FROM's published rates beside what TO would give."""
    made = find(Store(root), source, target)
    columns = ("question", "from_rate", "from_low", "from_high", "from_answers", "to_rate",
               "to_low", "to_high", "answers", "clusters", "thin")  # fmt: skip
    full, shown, thin = [], [], []
    for text in split_names(rates):
        name, rate, of = asked(text)
        span = match(made, name)
        there = span.link.apply(rate, of)
        around = wilson(rate, of) if of else (None, None)
        counts = span.link.counts
        answers = counts.both + counts.first + counts.second + counts.neither
        clusters = max(span.link.of_yes.clusters, span.link.of_no.clusters)
        full.append((span.name, rate, *around, of, there.value, there.low, there.high, answers,
                     clusters, span.thin or None))  # fmt: skip
        shown.append((span.name, rate, interval(*around), there.value,
                      interval(there.low, there.high), answers))  # fmt: skip
        if span.thin:
            thin.append(f"{span.name} {span.thin}: the interval is wide.")
        if there.value is None:
            thin.append(f"{span.name}: one of the two links is not known, so there is no number.")
    notes = (
        *thin,
        *(() if all(row[4] for row in full) else (
            "Without its number of answers (RUBRIC=RATE/N) a published rate is taken as exact.",
        )),
        f"The bridge was made {made.made} by {sets(made.transcripts)}. {LIMITS}",
    )  # fmt: skip
    title = f"{made.source}'s rates as {made.target} would give them"
    heads = ("question", "published", "95 % CI", "bridged", "95 % CI ", "answers behind it")
    print_listing(
        Listing(title, columns, full, notes=notes),
        form,
        console(),
        (Listing(title, heads, shown, frozenset({"published", "bridged"}), notes),),
    )
    return 0


def asked(text: str) -> tuple[str, float, int | None]:
    """Read RUBRIC=RATE[/N]. Raises SpecError."""
    name, _, number = text.rpartition("=")
    written, slash, of = number.partition("/")
    try:
        rate, answers = float(written), int(of) if slash else None
    except ValueError:
        rate, answers = math.nan, None
    if not name or not 0 <= rate <= 1 or (answers is not None and answers < 1):
        raise SpecError(
            f"--rate {text} does not give a rubric a share from 0 to 1.",
            "Write it as --rate compliance=0.31 (31 %), or compliance=0.31/520 for 0.31 of 520 "
            "answers.",
        )
    return name.strip(), rate, answers
