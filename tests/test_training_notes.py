"""What a training says of its rows stands in the output of the run and in its report."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from vibench.cli.progress import Display
from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.report_document import report_document
from vibench.exhibits.report_records import report_json
from vibench.exhibits.terminal import show
from vibench.page.run_words import run_words
from vibench.plan import Stage
from vibench.records import Model, Value
from vibench.report.tables import Report
from vibench.sessions.configs import InducerConfig, SubjectRecord
from vibench.stages.adapter import AdapterSpec
from vibench.store.artefacts import Store

NOTE = "2 of 2 pairs were rendered onto the asked prompt."


@pytest.mark.parametrize(("facts", "shown"), [({"notes": [NOTE]}, True), ({"rows": 2}, False)])
def test_notes_of_a_training_are_shown_when_it_ends(
    store: Store, facts: dict[str, object], shown: bool
) -> None:
    spec = AdapterSpec(
        subject=SubjectRecord(Model("tiny", "tiny", "tiny"), None, None),
        inducer=InducerConfig("dpo", {}, {}),
        value=Value("honesty", "positive", "Social", "being truthful", "Be honest."),
        seed=0,
    )
    stage = Stage("a" * 64, "tiny dpo honesty", (), spec)
    with store.making(stage.kind, stage.key, {"facts": facts}) as folder:
        (folder / "log.jsonl").write_text("")
    screen = io.StringIO()
    Display(Console(file=screen, width=200), 1, store).finished(stage, "made", 1.0, None)
    assert "tiny dpo honesty" in screen.getvalue()
    assert (NOTE in screen.getvalue()) is shown


def test_every_form_of_a_report_shows_them() -> None:
    notes = tuple(f"tiny dpo {number}: {NOTE}" for number in range(14))
    report = Report((), (), (), training_notes=notes)
    screen = io.StringIO()
    show(report_document(report, width=200), Console(file=screen, width=200))
    assert screen.getvalue().count(NOTE) == 12
    assert "and 2 more such notes" in screen.getvalue()
    assert as_markdown(report_document(report)).count(NOTE) == 14
    assert json.loads(report_json(report))["training_notes"] == list(notes)
    page = dict(run_words({"training_notes": list(notes)}, "").request)
    assert page["of trainings"] == f"{notes[0]} (and 13 more such notes)"
