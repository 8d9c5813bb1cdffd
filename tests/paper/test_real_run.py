"""Every exhibit out of a real run of the embedded models."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CommandLine

from vibench.paper import exhibits
from vibench.report.run_report import run_report
from vibench.store.artefacts import Store


@pytest.mark.slow
def test_a_real_run_fills_what_it_has(tmp_path: Path) -> None:
    flags = "--model tiny-instruct --inducer prompt,dpo,dpo+prompt --value empathy --limit 8"
    further = "--eval issuebench,advbench --set dpo.epochs=1"
    done = CommandLine(tmp_path)("run", *flags.split(), *further.split())
    assert done.returncode == 0, done.stderr
    run = run_report(Store(tmp_path / ".vibench"))
    found = {exhibit.name: exhibit for exhibit in exhibits(run)}
    there = {name for name, exhibit in found.items() if not exhibit.empty}
    assert there == {
        "table-5", "table-6", "table-7", "figure-2", "figure-5", "figure-7", "figure-11", "matrix",
    }  # fmt: skip
    rates = {(row.inducer, row.metric): row.rate.mean for row in run.report.rows}
    shown = [entry.value for entry in found["table-5"].panels[0].entries[0]]
    wanted = [rates[i, "expression/empathy"] for i in ("none", "prompt", "dpo", "dpo+prompt")]
    assert shown == [pytest.approx(100 * (rate or 0)) for rate in wanted]
    (refusal,) = found["figure-5"].panels[0].entries[0]
    change = rates["dpo+prompt", "refusal"] - rates["none", "refusal"]
    assert refusal.value == pytest.approx(100 * change)
    assert "--eval anthrobench" in found["figure-3"].command
    assert found["table-11"].missing[0] == "model tiny-instruct: orpo on empathy (issuebench)"
