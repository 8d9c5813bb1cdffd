"""What a chat template does to prompts stands in manifests, and in every form of a report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, Done

from vibench.embedded import locate

pytest.importorskip("torch")

TEMPLATE = Path(__file__).parents[1] / "templates" / "default_and_switch.jinja"
OWN = "has a system prompt of its own ('You are Tiny, a helpful assistant.')"
LOSS = "replaces it, so contrasts with vanilla include its loss"
OFF = "Thinking: off (transformers.thinking)."


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[CommandLine, Done]:
    """A run of a model with a system prompt of its own, asked not to think."""
    folder = tmp_path_factory.mktemp("templates")
    shutil.copytree(locate("embedded:tiny-instruct"), folder / "tiny-thinker")
    shutil.copy(TEMPLATE, folder / "tiny-thinker" / "chat_template.jinja")
    vibench = CommandLine(folder, columns=400)
    return vibench, vibench(
        "run", "--profile", "embedded", "--model", "./tiny-thinker", "--inducer", "prompt",
        "--value", "empathy", "--eval", "advbench", "--limit", "2",
        "--set", "transformers.thinking=off", "--set", "sampling.max_tokens=8",
    )  # fmt: skip


def manifests(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in folder.rglob(f"{kind}/*/*/manifest.json")]


def test_transcripts_hold_the_facts(ran: tuple[CommandLine, Done]) -> None:
    vibench, done = ran
    assert done.returncode == 0, done.stderr
    stored = manifests(vibench.folder, "transcripts")
    assert len(stored) == 2
    for manifest in stored:
        assert manifest["facts"]["template"] == {
            "default_system": "You are Tiny, a helpful assistant.",
            "takes_thinking": True,
        }
        assert manifest["spec"]["subject"]["model"]["thinking"] == "off"


def test_every_form_of_the_report_tells_of_it(ran: tuple[CommandLine, Done]) -> None:
    vibench, _ = ran
    for form in ("terminal", "markdown"):
        shown = " ".join(vibench("report", "--format", form).stdout.split())
        assert OFF in shown, form
        assert OWN in shown, form
        assert LOSS in shown, form
    report = json.loads(vibench("report", "--format", "json").stdout)
    assert report["template_notes"][0] == OFF
    assert OWN in report["template_notes"][1]
    assert report["rows"][0]["parameters"]["transformers.thinking"] == "off"
    page = vibench("report", "--html", "page.html")
    assert page.returncode == 0, page.stderr
    text = (vibench.folder / "page.html").read_text()
    assert OFF in text
    assert LOSS in text
