"""Bridges in the store: what one judge's rates say about another's, question by question.

bridges/FROM--TO.json    readable without vibench; names the judges, and counts the evidence
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vibench.agreement.comparison import JudgeComparison
from vibench.agreement.judges import JudgeId
from vibench.errors import StoreError, UnknownName, UsageError
from vibench.stats.links import Link, link
from vibench.stats.paired_counts import Counts
from vibench.stats.shares import Share
from vibench.store.artefacts import replacing
from vibench.store.files import check_readable
from vibench.version import __version__

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["THIN", "Bridge", "QuestionLink", "build", "find", "keep", "match"]

FORMAT = 1
FOLDER = "bridges"
THIN = 20
"""With fewer answers of one kind, or clusters of them, a link is thin, and reported as such."""


@dataclass(frozen=True, slots=True)
class QuestionLink:
    """The link of one question: is `label` the answer to `rubric` in `eval`?"""

    eval: str
    rubric: str
    label: str
    link: Link

    @property
    def name(self) -> str:
        """EVAL:RUBRIC/LABEL, in full."""
        return f"{self.eval}:{self.rubric}/{self.label}"

    @property
    def thin(self) -> str:
        """A clause about the kind of answers that are too few; "" if there are enough."""
        counts = {
            "answers with it": self.link.of_yes,
            "answers without it": self.link.of_no,
        }
        few = [
            f"{share.of:,} {name}" + (f" in {share.clusters:,} clusters" if share.of else "")
            for name, share in counts.items()
            if share.clusters < THIN
        ]
        return f"rests on {' and '.join(few)}" if few else ""


@dataclass(frozen=True, slots=True)
class Bridge:
    """All links from one judge to another, and the run that they were measured in."""

    source: JudgeId
    target: JudgeId
    spans: tuple[QuestionLink, ...]
    transcripts: int
    run: str
    made: str


def build(compared: JudgeComparison, source: JudgeId, target: JudgeId, run: str) -> Bridge:
    """The bridge that a comparison carries."""
    spans = tuple(
        QuestionLink(rubric.eval, rubric.rubric, question.label, link(question.paired))
        for rubric in compared.rubrics
        for question in rubric.questions
    )
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return Bridge(source, target, spans, compared.sets, run, created)


def keep(store: Store, bridge: Bridge) -> Path:
    """Store a bridge, in the place of an earlier one between the same judges."""
    path = place(store, bridge)
    content = {"format": FORMAT, "vibench": __version__, **asdict(bridge)}
    with store.explained():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


def place(store: Store, bridge: Bridge) -> Path:
    """Return the path of a bridge: its judges' names, with their keys where the names are taken
    by judges that differ in parameters alone."""
    ends = (bridge.source, bridge.target)
    path = store.root / FOLDER / _file(*map(str, ends))
    # Two judges of one name and model share a file name; the second pair of them gets the longer
    # one.
    there = read(path) if path.exists() else bridge
    if str(ends[0]) == str(ends[1]) or (there.source, there.target) != ends:
        # Only then with keys: most stores have one judge of a name, and the short name is what
        # people type.
        return path.with_name(_file(*(end.full for end in ends)))
    return path


def _file(source: str, target: str) -> str:
    return f"{quote(source, safe='@')}--{quote(target, safe='@')}.json"


def find(store: Store, source: str, target: str) -> Bridge:
    """The stored bridge between two judges, named as NAME[@MODEL][#KEY].

    Raises UsageError if there is none or more than one, StoreError if it cannot be read.
    """
    there = [read(path) for path in sorted((store.root / FOLDER).glob("*--*.json"))]
    matches = [b for b in there if b.source.answers_to(source) and b.target.answers_to(target)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = "; ".join(f"{b.source} to {b.target}" for b in matches)
        raise UsageError(
            f"{len(matches)} stored bridges go from '{source}' to '{target}': {names}.",
            "Name both judges with their models, NAME@MODEL.",
        )
    stored = "; ".join(f"{b.source} to {b.target}" for b in there)
    raise UsageError(
        f"No bridge from '{source}' to '{target}' is in the store {store.root}.",
        f"Make it first: vibench judges bridge {source} {target}"
        + (f". Stored are: {stored}." if stored else ""),
    )


def read(path: Path) -> Bridge:
    """A bridge out of its file. Raises StoreError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"it has format {content['format']}; this version reads {FORMAT}")
        spans = tuple(
            QuestionLink(row["eval"], row["rubric"], row["label"], _link(row["link"]))
            for row in content["spans"]
        )
        return Bridge(
            JudgeId(**content["source"]),
            JudgeId(**content["target"]),
            spans,
            content["transcripts"],
            content["run"],
            content["made"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        check_readable(path, error)
        raise StoreError(
            f"The bridge {path} cannot be read ({error}).", "Remove it and make it again."
        ) from error


def _link(row: Mapping[str, Any]) -> Link:
    return Link(
        Share(**row["of_yes"]), Share(**row["of_no"]), row["correlation"], Counts(**row["counts"])
    )


def match(bridge: Bridge, text: str) -> QuestionLink:
    """The question that `text` means: [EVAL:]RUBRIC[/LABEL], or the end of that.

    Raises UnknownName, or UsageError if several fit.
    """
    matches = [span for span in bridge.spans if _means(span, text)]
    if not matches:
        names = [span.name for span in bridge.spans]
        raise UnknownName("question with a bridge", text, names)
    if len(matches) > 1:
        names = [span.name for span in matches]
        raise UsageError(
            f"'{text}' fits {len(matches)} questions: {', '.join(names[:6])}"
            f"{', ...' if len(names) > 6 else ''}.",
            "Name one in full: EVAL:RUBRIC/LABEL.",
        )
    return matches[0]


def _means(span: QuestionLink, text: str) -> bool:
    rubric = f"{span.eval}:{span.rubric}"
    if text == rubric or any(rubric.endswith(f"{mark}{text}") for mark in ":/"):
        return True
    return span.name == text or any(span.name.endswith(f"{mark}{text}") for mark in ":/")
