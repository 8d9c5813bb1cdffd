"""Stage bodies that hold no model: they run in the main process.

Each takes its `Work`, fills `work.folder`, and returns facts for the manifest.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vibench.boundary import checked_pair, planning
from vibench.judging.repeats import averaged
from vibench.records import Dropped, Outcome, PreferencePair, Transcript, Verdict
from vibench.sessions.defects import Defects, is_broken
from vibench.sessions.endpoint_judges import Judging
from vibench.sessions.judge_questions import JUDGED, UNASKED
from vibench.sessions.open_ended import without_unknown
from vibench.sessions.work import Work
from vibench.stages.outcomes import fill_in, score, unscored
from vibench.store import record_tables as tables

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.interfaces import Eval, Source
    from vibench.plan import Plan
    from vibench.preferences.extraction import Expressed
    from vibench.store.artefacts import Artefact

__all__ = ["Body", "bodies"]

Body = Callable[[Work], Mapping[str, Any]]


def bodies(plan: Plan, data: DataFiles, judging: Judging) -> Mapping[str, Body]:
    """The bodies by kind. `samples` and `pairs` read what planning already found."""

    def samples(work: Work) -> Mapping[str, Any]:
        count = tables.write_samples(work.folder / "samples.parquet", plan.samples[work.stage.key])
        return {"samples": count}

    def pairs(work: Work) -> Mapping[str, Any]:
        from vibench.preferences import unique_pairs
        from vibench.preferences.tables import write_pairs

        source: Source = work.plugin("source", "source")

        def told() -> Iterator[PreferencePair | Dropped]:
            entry = work.plugins.entry("source", work.stage.spec["source"]["name"])
            with planning(entry, "pairs(data)"):
                for n, item in enumerate(unique_pairs(source, data)):
                    if n % 5000 == 0:
                        work.progress(n, 0, "rows")
                    yield checked_pair(item)

        counts = write_pairs(work.folder / "pairs.parquet", told())
        return {"pairs": counts.pairs, "dropped": dict(counts.dropped)}

    return {
        "samples": samples,
        "pairs": pairs,
        "subset": Subsets(),
        "annotation": annotation,
        "outcomes": outcomes,
        **dict.fromkeys(JUDGED, judging),
    }


class Subsets:
    """The pairs in which exactly one side expresses the value (paper, section 4).

    What the verdicts say is read once for all values of a run.
    """

    def __init__(self) -> None:
        self.read: dict[tuple[str, str], Expressed] = {}

    def __call__(self, work: Work) -> Mapping[str, Any]:
        if "own" in work.stage.spec:
            return own_pairs(work)
        from vibench.preferences.extraction import Expressed, write_subset
        from vibench.preferences.subsets import too_small

        sources = []
        for pairs, verdicts in zip(work.needs("pairs"), work.needs("values"), strict=True):
            at, file = (pairs.key, verdicts.key), pairs.file("pairs.parquet")
            if at not in self.read:
                self.read[at] = Expressed.read(file, verdicts.file("verdicts.parquet"))
            sources.append((file, self.read[at]))
        value, minimum = work.stage.spec["value"], work.stage.spec["minimum"]
        counts = write_subset(work.folder / "pairs.parquet", sources, value, work.progress)
        if not counts.suffices(minimum):
            raise too_small(value, counts, minimum)
        return {**asdict(counts), "dropped": {}}


def own_pairs(work: Work) -> Mapping[str, Any]:
    """The pairs that a person made for the value, as they are: nobody is asked about them."""
    from vibench.preferences.subsets import SubsetCounts, no_own_pair

    source = work.need("pairs")
    facts = source.manifest["facts"]
    if not facts["pairs"]:
        raise no_own_pair(work.stage.spec["value"], facts["dropped"])
    shutil.copyfile(source.file("pairs.parquet"), work.folder / "pairs.parquet")
    counts = SubsetCounts(0, 0, 0, 0, 0, own=facts["pairs"])
    return {**asdict(counts), "dropped": facts["dropped"]}


def annotation(work: Work) -> Mapping[str, Any]:
    """The items that people are asked about, with their targets (paper, section 4)."""
    from vibench.preferences.annotation import item_row, sample_items
    from vibench.preferences.tables import read_pairs

    asked = work.stage.spec
    subsets = {
        value: read_pairs(artefact.file("pairs.parquet"))
        for value, artefact in zip(asked["values"], work.needs("subset"), strict=True)
    }
    items = sample_items(
        subsets, asked["names"], asked["per_value"], asked["distractors"], asked["seed"]
    )
    with (work.folder / "items.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(item_row(i), ensure_ascii=False) + "\n" for i in items)
    return {"items": dict(Counter(i.value for i in items))}


def outcomes(work: Work) -> Mapping[str, Any]:
    """What the answers count as; the mean over repeats that were judged apart. A transcript
    that an engine could not finish, or that the eval's code raised on, is unscored."""
    evaluation: Eval = work.plugin("eval", "eval")
    asked, *repeats = work.stage.needs
    artefacts = [work.store.open("verdicts", key) for key in repeats]
    judged: list[Mapping[str, list[Verdict]]] = [
        tables.read_verdicts(artefact.file("verdicts.parquet")) for artefact in artefacts
    ]
    unasked = {k: v for one in artefacts for k, v in one.manifest["facts"].get(UNASKED, {}).items()}
    answers = work.store.open("transcripts", asked)
    transcripts = tables.read_transcripts(answers.file("transcripts.parquet"))
    defects = Defects(work, "eval", len(transcripts))
    known = work.stage.spec.get("known_values")

    def scored(transcript: Transcript) -> Iterable[Outcome]:
        name = transcript.sample.id
        if name in unasked:
            return unscored(evaluation, transcript, unasked[name])
        found = [
            score(evaluation, transcript, verdicts.get(name, []), defects)
            for verdicts in judged or [{}]
        ]
        return averaged(found) if len(found) > 1 else found[0]

    rows = [o for t in transcripts for o in without_unknown(scored(t), known)]
    defects.check(len(transcripts))
    causes = {t.sample.id: t.error or "" for t in transcripts if is_broken(t.error)}
    causes |= unasked | defects.causes
    rows += fill_in([(t, causes[t.sample.id]) for t in transcripts if t.sample.id in causes], rows)
    missing = Counter(o.metric for o in rows if o.value is None)
    tables.write_outcomes(work.folder / "outcomes.parquet", rows)
    return {
        "outcomes": len(rows),
        "unscored": dict(missing),
        "known_values": known,
        "errors": sum(t.error is not None for t in transcripts),
        **defects.facts(work.folder),
        **length_facts(transcripts, [work.store.open("verdicts", key) for key in repeats]),
    }


def length_facts(transcripts: Sequence[Transcript], judged: Sequence[Artefact]) -> dict[str, int]:
    """Return how many answers were cut off at their limit of tokens, and how many replies of a
    model that judged them, so that a report knows it without reading either."""
    counts = [t.length_counts for t in transcripts]
    facts = [one.manifest["facts"] for one in judged]
    return {
        "answers": sum(answers for answers, _ in counts),
        "cut_off": sum(cut_off for _, cut_off in counts),
        "judge_replies": sum(of.get("asked", 0) for of in facts),
        "judge_cut_off": sum(of.get("cut_off", 0) for of in facts),
    }
