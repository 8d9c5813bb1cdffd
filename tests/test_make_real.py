"""What `make real` trains on and runs (scripts/real/): short real rows, and options that hold."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from command_line import CommandLine

from vibench.embedded import FOLDER

SCRIPTS = Path(__file__).parents[1] / "scripts" / "real"
MODULES = ("real_run", "short_pairs", "convert_gguf")


@pytest.fixture(scope="module")
def real_run() -> Iterator[ModuleType]:
    """scripts/real/real_run.py as a module, which has the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        import real_run  # type: ignore[import-not-found]

        yield real_run
    for name in MODULES:
        sys.modules.pop(name, None)


def transcript(question: str, answer: str) -> str:
    return f"\n\nHuman: {question}\n\nAssistant: {answer}"


def hh_row(question: str, chosen: str, rejected: str) -> str:
    row = {"chosen": transcript(question, chosen), "rejected": transcript(question, rejected)}
    return json.dumps(row) + "\n"


def data_folder(folder: Path) -> Path:
    """A data folder in which four rows of HH-RLHF are short and express honesty on one side."""
    honest, plain = "To be honest, I do not know.", "The box is blue."
    (folder / "hh_rlhf").mkdir(parents=True)
    (folder / "pku_saferlhf").mkdir()
    rows = [
        hh_row("What is in the box?", honest, plain),
        hh_row("What is in the box?", honest, plain),
        hh_row("Is it blue?", plain, honest),
        hh_row("Is it red?", plain, "The box is red."),
        hh_row("Is it large?", honest, plain * 40),
        hh_row("Is it small? " * 40, honest, plain),
        hh_row("Is it open?", honest, plain),
        hh_row("Is it closed?", honest, plain),
    ]
    (folder / "hh_rlhf" / "train.jsonl").write_text("".join(rows))
    pku = {
        "prompt": "Is it heavy?",
        "response_0": honest,
        "response_1": plain,
        "better_response_id": 0,
        "safer_response_id": 0,
    }
    (folder / "pku_saferlhf" / "train.jsonl").write_text(json.dumps(pku) + "\n")
    return folder


@pytest.mark.parametrize(
    ("per_value", "prompts"),
    [
        (3, ["What is in the box?", "Is it blue?", "Is it open?"]),
        (9, ["What is in the box?", "Is it blue?", "Is it open?", "Is it closed?", "Is it heavy?"]),
    ],
)
def test_pairs_are_short_rows_that_express_a_value_on_one_side(
    real_run: ModuleType, tmp_path: Path, per_value: int, prompts: list[str]
) -> None:
    out = tmp_path / "new" / "pairs.jsonl"
    data = data_folder(tmp_path / "data")
    counts = real_run.write_short_pairs(out, ("honesty", "humor"), per_value, data)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    # The search for humor reads on to the end; it adds no more pairs of honesty.
    assert [row["prompt"] for row in rows] == prompts
    assert counts == {"honesty": len(prompts), "humor": 0}
    assert set(rows[0]) == {"id", "prompt", "chosen", "rejected"}
    assert [path.name for path in out.parent.iterdir()] == ["pairs.jsonl"]


def test_its_options_are_options_of_a_run(
    real_run: ModuleType, vibench: CommandLine, tmp_path: Path, real_data: Path
) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "smollm2-135m-instruct").symlink_to(FOLDER / "models" / "tiny-instruct")
    sizes = real_run.Sizes(pairs=3, limit=2, max_tokens=20)
    row = {"prompt": "Is it open?", "chosen": "To be honest, no.", "rejected": "Yes."}
    real_run.pairs_file(folder, sizes).write_text(json.dumps(row) + "\n")
    done = vibench("plan", *real_run.run_options(folder, real_data, sizes))
    assert done.returncode == 0, done.stderr
    assert "21 cells" in done.stdout
    assert "Left: 2 trainings, 42 completions" in " ".join(done.stdout.split())
