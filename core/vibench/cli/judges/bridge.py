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
from vibench.exhibits.lists import Listing, interval
from vibench.plugins import Plugins
from vibench.run_options import split_names
from vibench.stats.agreement import agreement
from vibench.stats.shares import wilson
from vibench.store.artefacts import Store

__all__ = ["apply", "bridge"]

LIMITS = (
    "Limits: a bridge holds for transcripts like those it was made from (the eval, the kind of "
    "subjects), and for these two judges with these models and prompts. Rates are shares of the "
    "scored answers. 95 % intervals are for new clusters."
)


COLUMNS = (
    *("eval", "rubric", "label", "answers", "clusters", "from_rate", "to_rate"),
    *(*three("of_yes"), "of_yes_answers"),
    *(*three("of_no"), "of_no_answers"),
    *("correlation", "thin"),
)
"""The columns of JSON and CSV."""
# Columns need names of their own, so a second interval's ends with a space.
HEADS = ("eval", "question", "answers", "FROM", "TO", "P1", "95 % CI", "P0", "95 % CI ")


def bridge(source: str, target: str, run: str, minimum: int, root: str, form: Form) -> int:
    """Make a bridge, store it and print it."""
    store = Store(root)
    compared, *ends = between(store, Plugins.discover(), source, target, run, minimum)
    new = build(compared, ends[0], ends[1], run)
    path = keep(store, new)
    names = (compared.first, compared.second)
    questions = [item for rubric in compared.rubrics for item in rubric.questions]
    full, short = [], []
    for span, measured in zip(new.spans, questions, strict=True):
        link, agreed = span.link, agreement(measured.paired, names)
        yes, no = link.of_yes, link.of_no
        rates = (agreed.first.value, agreed.second.value)
        answers, clusters = agreed.agreement.of, agreed.agreement.clusters
        full.append(
            (
                *(span.eval, span.rubric, span.label, answers, clusters, *rates),
                *(*three_of(yes), yes.of),
                *(*three_of(no), no.of),
                *(link.correlation, span.thin or None),
            )
        )
        short.append(
            (
                *(span.eval, question(span.rubric, span.label), answers, *rates),
                *(yes.value, interval(yes.low, yes.high)),
                *(no.value, interval(no.low, no.high)),
            )
        )
    title = f"Bridge from {names[0]} to {names[1]}, by {sets(compared.sets)}"
    notes = (
        "P1: share of TO's answers with the label where FROM gives it; P0: where FROM does not. "
        "TO's rate is P1 x FROM's rate + P0 x (1 - FROM's rate).",
        *_thin(new, len(full)),
        *seldom(compared.rubrics, minimum),
        LIMITS,
        f"Stored in {path}. Apply it: vibench judges bridge {source} {target} --rate RUBRIC=RATE",
    )
    percent = frozenset({"FROM", "TO", "P1", "P0"})
    print_listing(
        Listing(title, COLUMNS, full, notes=notes),
        form,
        console(),
        (Listing(title, HEADS, short, percent, notes),),
    )
    return 0


def _thin(built: Bridge, total: int) -> list[str]:
    """Return notes on links that rest on few answers."""
    # A link needs answers with the label and answers without it: a judge that almost always says
    # yes leaves nothing to learn about its no.
    thin = [span for span in built.spans if span.thin]
    if not thin:
        return []
    # A note for each of dozens of links would bury the table.
    if len(thin) > 6:
        return [
            f"{len(thin)} of {total} links rest on few answers of one kind; their intervals are "
            "wide. --json and --csv list them."
        ]
    return [
        f"{question(span.rubric, span.label)} {span.thin}: its intervals are wide." for span in thin
    ]


RATE_COLUMNS = (
    *("question", "from_rate", "from_low", "from_high", "from_answers"),
    *("to_rate", "to_low", "to_high", "answers", "clusters", "thin"),
)
RATE_HEADS = ("question", "published", "95 % CI", "bridged", "95 % CI ", "answers behind it")


def apply(source: str, target: str, rates: Sequence[str], root: str, form: Form) -> int:
    """Print published rates of FROM's beside the rates that TO would give."""
    stored = find(Store(root), source, target)
    full, short, thin = [], [], []
    for text in split_names(rates):
        name, rate, count = read_rate(text)
        span = match(stored, name)
        bridged = span.link.apply(rate, count)
        # A published rate has an error of its own, if it is known of how many answers it is.
        around = wilson(rate, count) if count else (None, None)
        counts = span.link.counts
        answers = counts.both + counts.first + counts.second + counts.neither
        # A cluster can have answers of both kinds, so the two counts do not add up.
        clusters = max(span.link.of_yes.clusters, span.link.of_no.clusters)
        full.append(
            (
                *(span.name, rate, *around, count),
                *(bridged.value, bridged.low, bridged.high, answers, clusters, span.thin or None),
            )
        )
        short.append(
            (
                *(span.name, rate, interval(*around)),
                *(bridged.value, interval(bridged.low, bridged.high), answers),
            )
        )
        if span.thin:
            thin.append(f"{span.name} {span.thin}: the interval is wide.")
        if bridged.value is None:
            thin.append(f"{span.name}: one of the two links is unknown, so there is no number.")
    exact = "Without its number of answers (RUBRIC=RATE/N) a published rate is taken as exact."
    notes = (
        *thin,
        *(() if all(row[4] for row in full) else (exact,)),
        f"The bridge was made {stored.made} by {sets(stored.transcripts)}. {LIMITS}",
    )
    title = f"{stored.source}'s rates as {stored.target} would give them"
    print_listing(
        Listing(title, RATE_COLUMNS, full, notes=notes),
        form,
        console(),
        (Listing(title, RATE_HEADS, short, frozenset({"published", "bridged"}), notes),),
    )
    return 0


def read_rate(text: str) -> tuple[str, float, int | None]:
    """Read RUBRIC=RATE[/N]. Raises SpecError."""
    # At the last "=": a label may have one.
    name, _, number = text.rpartition("=")
    written, slash, count = number.partition("/")
    try:
        rate, answers = float(written), int(count) if slash else None
    except ValueError:
        # NaN is in no range, so the check below refuses it.
        rate, answers = math.nan, None
    if not name or not 0 <= rate <= 1 or (answers is not None and answers < 1):
        raise SpecError(
            f"--rate {text} does not give a rubric a share from 0 to 1.",
            "Write it as --rate compliance=0.31 (31 %), or compliance=0.31/520 for 0.31 of 520 "
            "answers.",
        )
    return name.strip(), rate, answers
