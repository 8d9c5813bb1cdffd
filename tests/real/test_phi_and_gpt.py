"""Models of these families are asked and trained as their chat templates have it."""

from __future__ import annotations

from pathlib import Path

from family_tests import FamilyTests
from golden_prompts import FIRST, PAIR, SYSTEM
from zoo import build

from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_tokenizer
from vibench.records import Subject
from vibench.training.pair_rows import render_rows

FAMILIES = ("phi-3", "gpt-2", "gpt-neox", "gpt-oss")


class TestPhiAndGpt(FamilyTests):
    """Every test, on each family."""


def test_gpt_oss_can_be_trained_by_a_template_whose_prompt_names_the_channel(
    tmp_path: Path,
) -> None:
    specimen = build("gpt-oss", tmp_path / "gpt-oss")
    shipped = load_tokenizer(specimen.model).chat_template
    head, end, tail = shipped.rpartition("<|start|>assistant")
    template = tmp_path / "final.jinja"
    template.write_text(f"{head}{end}<|channel|>final<|message|>{tail}")
    renderer = Renderer(load_tokenizer(specimen.model, str(template)))
    rows = render_rows(renderer, SYSTEM, [PAIR], 2048)
    (pair,) = rows.usable
    asked = renderer.prompt(Subject(specimen.model, system=SYSTEM), FIRST)
    assert list(pair.chosen.ids[: pair.chosen.start]) == list(asked)
    answer = renderer.tokenizer.decode(pair.chosen.ids[pair.chosen.start :])
    assert (answer, rows.notes()) == (f"{PAIR.chosen}<|return|>", [])
