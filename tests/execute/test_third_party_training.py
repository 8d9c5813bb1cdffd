"""A training inducer by somebody else, written as docs/plugins.md says, runs from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

from vibench import Inducer, Subject
from vibench.errors import PluginError, StageError
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.records import Message, Model, PreferencePair, Value
from vibench.sessions.configs import InducerConfig, SubjectRecord
from vibench.sessions.work import Work
from vibench.stages.adapter import AdapterSpec, plain_facts
from vibench.store.artefacts import Store

TUNED = Path(__file__).parents[1] / "third_party" / "tuned"


@pytest.mark.slow
def test_an_adapter_that_somebody_elses_inducer_saved_is_proved_and_asked(tmp_path: Path) -> None:
    site = tmp_path / "site"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--target", str(site), str(TUNED)),
        ],
        check=True,
    )
    done = CommandLine(tmp_path, variables={"PYTHONPATH": str(site)})(
        *("run", "--eval", "advbench", "--limit", "2", "--json"),
        *("--inducer", "tuned+prompt", "--value", "honesty"),
        *("--set", "tuned.steps=3", "--set", "sampling.max_tokens=4"),
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert {row["inducer"] for row in rows} == {"none", "tuned+prompt"}
    store = tmp_path / ".vibench"
    (adapter,) = (store / "artefacts/adapter").rglob("manifest.json")
    manifest = json.loads(adapter.read_text())
    assert "receipt.json" in manifest["files"], "which core writes, and not the plugin"
    assert manifest["facts"]["final_loss"] > 0
    assert manifest["spec"]["inducer"]["plugin"]["distribution"] == "vibench-tuned"
    (proof,) = (store / "artefacts/receipt").rglob("receipt.json")
    receipt = json.loads(proof.read_text())
    assert receipt["in_effect"]
    assert receipt["effect"] > 0.01
    assert receipt["max_difference"] < 1e-3


# --- what is wrong with an adapter ---------------------------------------------------------


class Saves(Inducer):
    """Leaves the files it is told to."""

    trains = True
    files: tuple[str, ...] = ()
    returns: Any = None

    def induce(self, subject: Subject, value: object, materials: object) -> Subject:
        return subject

    def train(self, job: Any) -> Any:
        for name in self.files:
            (job.folder / name).write_text("{}")
        return self.returns


@pytest.fixture
def trained(store: Store, tmp_path: Path) -> Callable[..., Any]:
    """The facts of a training with such an inducer."""

    def train(files: tuple[str, ...], returns: Any = None) -> Any:
        plugins = Plugins()
        cls = type("Saves", (Saves,), {"files": files, "returns": returns})
        plugins.register("inducer", "saves", cls, "the tests")
        model = Model(
            "tiny-base", "embedded:tiny-base", "m", chat_template="embedded:tiny-instruct"
        )
        value = ("honesty", "positive", "Social", "being truthful", "Be honest.")
        spec = AdapterSpec(
            inducer=InducerConfig("saves", {}, {}),
            subject=SubjectRecord(model, None, None),
            value=Value(*value),
            seed=0,
        )
        folder = tmp_path / "adapter"
        folder.mkdir()
        stage = Stage("a" * 32, "saves", (), spec)
        work = Work(stage, store, plugins, folder, lambda done, total, note: None)
        pair = PreferencePair("p", (Message("user", "Hi"),), "To be honest, no.", "Yes.")
        return spec.train(work, [pair])

    return train


@pytest.mark.parametrize(
    ("files", "lacking"),
    [
        ((), "no adapter_config.json and no adapter_model.safetensors"),
        (("adapter_config.json", "adapter_model.bin"), "left no adapter_model.safetensors"),
        (("adapter_model.safetensors",), "left no adapter_config.json"),
    ],
)
def test_a_training_that_leaves_no_adapter_is_told_with_the_plugins_name(
    trained: Callable[..., Any], files: tuple[str, ...], lacking: str
) -> None:
    with pytest.raises(PluginError) as caught:
        trained(files)
    assert caught.value.message.startswith("The inducer 'saves' of the tests trained but left no ")
    assert lacking in caught.value.message
    assert "save_pretrained(job.folder)" in caught.value.hint


def test_an_adapter_that_peft_cannot_apply_is_one_sentence(trained: Callable[..., Any]) -> None:
    with pytest.raises(StageError, match=r"'saves' of the tests left an adapter that PEFT cannot"):
        trained(("adapter_config.json", "adapter_model.safetensors"))


def test_no_training_is_lost_for_facts_that_are_no_json() -> None:
    assert plain_facts(None, "The inducer") == {}
    assert plain_facts({"loss": 0.5, "folder": Path("a")}, "The inducer") == {
        "loss": 0.5,
        "folder": "a",
    }
    with pytest.raises(PluginError, match=r"The inducer returned 0\.5 from train"):
        plain_facts(0.5, "The inducer")
