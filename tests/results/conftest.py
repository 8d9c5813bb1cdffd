"""Runs in a store, written as a run writes them but without a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from vibench.plan import Cell
from vibench.plan.cells import CELLS, write_cells
from vibench.records import Message, Outcome, Sample, Transcript, Verdict, digest
from vibench.store.artefacts import Store
from vibench.store.record_tables import write_outcomes, write_transcripts, write_verdicts

SPEC: Mapping[str, Any] = {
    "models": ["tiny"],
    "inducers": ["none", "dpo"],
    "values": ["empathy"],
    "evals": ["talk"],
    "judges": ["rules"],
    "seeds": [0],
    "settings": {"sampling": {"temperature": [0.7]}, "dpo": {"beta": [0.1]}},
    "limit": None,
    "profile": "embedded",
    "engine": "transformers",
}


def outcomes(scores: Mapping[str, Mapping[str, float | None]]) -> list[Outcome]:
    """By sample and metric; a sample "3.a" has the cluster "issue 3"."""
    return [
        Outcome(s, f"issue {s[:1]}", metric, score, "no answer" if score is None else None)
        for s, of_sample in scores.items()
        for metric, score in of_sample.items()
    ]


class Runs:
    """Writes cells and runs into a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.facts: Mapping[str, Any] = {}

    def cell(self, scores: Mapping[str, Mapping[str, float | None]] | None, **about: Any) -> Cell:
        """A cell with these scores; without a result if they are None."""
        plain = {"model": "tiny", "inducer": "none", "value": "", "eval": "talk", "judge": "rules"}
        said: dict[str, Any] = {**plain, "seed": 0, "settings": {}, "vanilla": None, **about}
        rows = outcomes(scores or {})
        key = digest([sorted(said.items(), key=str), [repr(row) for row in rows]])
        cell = Cell(
            **said, outcomes=key, transcripts=digest([key, "t"]), verdicts=digest([key, "v"])
        )
        if scores is not None:
            self.keep(cell, rows)
        return cell

    def keep(self, cell: Cell, rows: Sequence[Outcome]) -> None:
        """Write what a finished cell has."""
        said = [Message("user", "Hi"), Message("assistant", "Hello \x1b[31mthere")]
        samples = {row.sample: row.cluster for row in rows}
        transcripts = [
            Transcript(Sample(s, (said[0],), cluster), tuple(said))
            for s, cluster in samples.items()
        ]
        verdicts = [(s, Verdict("values", 0, ("empathy", "wit"), None, "kind")) for s in samples]
        facts = {"transcripts": len(samples), "cut_off": 0}
        with self.store.making("transcripts", cell.transcripts, {"facts": facts}) as folder:
            write_transcripts(folder / "transcripts.parquet", transcripts)
        with self.store.making("verdicts", cell.verdicts, {"facts": {}}) as folder:
            write_verdicts(folder / "verdicts.parquet", verdicts)
        unscored = sum(row.value is None for row in rows)
        causes = {"no answer": unscored} if unscored else {}
        facts_of = {"outcomes": len(rows), "unscored": causes, **self.facts}
        with self.store.making("outcomes", cell.outcomes, {"facts": facts_of}) as folder:
            write_outcomes(folder / "outcomes.parquet", rows)

    def run(self, name: str, cells: Sequence[Cell], **more: Any) -> str:
        """Write a run's cells and its record."""
        write_cells(self.store.run_folder(name) / CELLS, cells)
        record = {
            "id": name,
            "status": "complete",
            "command": ["vibench", "run", "--eval", "talk"],
            "spec": {**SPEC, **more.pop("spec", {})},
            "parameters": {"inducer": {"dpo": {"beta": 0.1, "epochs": 5}}, "judge": {"rules": {}}},
            "started": "2026-01-02T03:04:05Z",
            "versions": {"vibench": "0.1.0"},
            "failures": [],
            "seconds": 1.5,
            **more,
        }
        self.store.write_run(name, record)
        return name


@pytest.fixture
def runs(store: Store) -> Runs:
    return Runs(store)


SCORES: Mapping[str, Mapping[str, float | None]] = {
    "1.a": {"expression/joy": 1.0, "unique_values": 1.0},
    "1.b": {"expression/empathy": 1.0, "unique_values": 1.0},
    "2.a": {"expression/joy": 0.0, "unique_values": 0.0},
    "2.b": {"expression/empathy": None, "unique_values": None},
}


@pytest.fixture
def pair(runs: Runs) -> tuple[Cell, Cell]:
    """A run "one" of a vanilla cell and one with empathy induced by DPO."""
    vanilla = runs.cell(SCORES)
    induced = runs.cell(
        {**SCORES, "2.a": {"expression/empathy": 1.0, "unique_values": 1.0}},
        inducer="dpo", value="empathy", vanilla=vanilla.outcomes,
    )  # fmt: skip
    runs.run("one", [vanilla, induced])
    return vanilla, induced
