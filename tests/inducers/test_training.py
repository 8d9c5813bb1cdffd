"""Adapters trained by TRL: repeatable, resumable, with references that are proven right."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vibench import Adapter, Message, Model, PreferencePair, SpecError, Subject, Value
from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_tokenizer, load_weights
from vibench.engines.receipt import Receipt, measure_with_peft, prove, write_receipt
from vibench.engines.transformers.engine import TransformersEngine
from vibench.errors import StageError
from vibench.training import last_checkpoint, render_rows
from vibench_inducers.dpo import DPO
from vibench_inducers.orpo import ORPO

torch = pytest.importorskip("torch")
pytest.importorskip("trl")
pytestmark = pytest.mark.slow

Make = Callable[..., Any]
Reference = Mapping[str, tuple[float, float]]
QUICK = {"learning_rate": 1e-3, "epochs": 2, "batch_size": 4, "device": "cpu"}
STEPS = 6


def ignore(done: int, total: int, note: str) -> None:
    """A progress callback for tests that are not about progress."""


@pytest.fixture(scope="module")
def dpo(make: Make) -> DPO:
    made: DPO = make(DPO, **QUICK)
    return made


@pytest.fixture(scope="module")
def reference(dpo: DPO, instruct: Model, pairs: list[PreferencePair]) -> Reference:
    return dpo.reference(Subject(instruct), pairs, ignore)


@pytest.fixture(scope="module")
def trained(
    dpo: DPO,
    instruct: Model,
    honesty: Value,
    pairs: list[PreferencePair],
    reference: Reference,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Mapping[str, Any]]:
    """(folder, facts) of one unbroken training."""
    from vibench import TrainingJob

    folder = tmp_path_factory.mktemp("trained")
    job = TrainingJob(
        Subject(instruct), honesty, pairs, reference, 1, folder / "a", folder / "s", ignore
    )
    return folder / "a", dpo.train(job)


def weights(folder: Path) -> bytes:
    return (folder / "adapter_model.safetensors").read_bytes()


def trl_columns(
    model: Model, pairs: list[PreferencePair], folder: Path, **config: Any
) -> dict[str, list[float]]:
    """What TRL itself makes of the pairs, given as message lists, when it is told to
    precompute references."""
    from datasets import Dataset
    from peft import LoraConfig
    from trl import DPOConfig, DPOTrainer

    from vibench.engines.quiet import quiet

    tokenizer = load_tokenizer(model)
    rows = [
        {
            "prompt": [{"role": m.role, "content": m.content} for m in pair.prompt],
            "chosen": [{"role": "assistant", "content": pair.chosen}],
            "rejected": [{"role": "assistant", "content": pair.rejected}],
        }
        for pair in pairs
    ]
    with quiet():
        trainer = DPOTrainer(
            model=load_weights(model, device="cpu"),
            args=DPOConfig(
                str(folder),
                precompute_ref_log_probs=True,
                use_cpu=True,
                bf16=False,
                gradient_checkpointing=False,
                dataloader_pin_memory=False,
                report_to="none",
                **config,
            ),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            peft_config=LoraConfig(task_type="CAUSAL_LM", r=2, target_modules="all-linear"),
        )
    return {name: list(trainer.train_dataset[name]) for name in trainer.train_dataset.column_names}


@pytest.mark.parametrize("max_length", [1024, 40])
def test_references_and_tokens_are_trls_own(
    make: Make, instruct: Model, pairs: list[PreferencePair], tmp_path: Path, max_length: int
) -> None:
    columns = trl_columns(instruct, pairs, tmp_path, max_length=max_length)
    inducer = make(DPO, **QUICK, max_length=max_length)
    ours = inducer.reference(Subject(instruct), pairs, ignore)
    chosen = [logps[0] for logps in ours.values()]
    rejected = [logps[1] for logps in ours.values()]
    assert chosen == pytest.approx(columns["ref_chosen_logps"], abs=1e-3)
    assert rejected == pytest.approx(columns["ref_rejected_logps"], abs=1e-3)
    renderer = Renderer(load_tokenizer(instruct))
    rendered = render_rows(renderer, None, pairs, max_length)
    assert (rendered.onto_prompt, rendered.refused) == (0, {})
    for i, row in enumerate(rendered.usable):
        prompt, answer = columns["prompt_ids"][i], columns["chosen_ids"][i]
        assert list(row.chosen.ids) == (prompt + answer)[:max_length]  # type: ignore[operator]
        assert row.chosen.start == len(prompt)  # type: ignore[arg-type]


def test_an_adapter_is_written_as_peft_reads_it_with_its_log_and_facts(
    trained: tuple[Path, Mapping[str, Any]], instruct: Model
) -> None:
    from peft import PeftModel

    folder, facts = trained
    assert sorted(p.name for p in folder.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "log.jsonl",
    ]
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "embedded:tiny-instruct"
    assert (config["r"], config["lora_alpha"], config["inference_mode"]) == (4, 16, True)
    model = PeftModel.from_pretrained(load_weights(instruct, device="cpu"), str(folder))
    moved = [p for name, p in model.named_parameters() if "lora_B" in name]
    assert all(bool(p.abs().sum() > 0) for p in moved)
    assert (facts["rows_given"], facts["rows_used"], facts["rows_dropped_too_long"]) == (12, 12, 0)
    assert (facts["steps"], facts["resumed_from_step"]) == (STEPS, 0)
    # DPO starts from a loss of log 2 if, and only if, the references are the policy's own.
    assert facts["first_loss"] == pytest.approx(0.6931, abs=1e-4)
    assert facts["final_loss"] < facts["first_loss"]
    assert facts["reference_difference"] < 1e-3
    assert 0 <= facts["final_reward_accuracies"] <= 1
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in log if "loss" in entry] == list(range(1, STEPS + 1))
    assert json.loads(json.dumps(facts)) == facts


def proof(model: Model, folder: Path, dtype: str, pairs: list[PreferencePair]) -> Receipt:
    """The receipt that core writes after a training, proved in an engine."""
    subject = Subject(model, Adapter("receipt", model.source, str(folder)))
    write_receipt(folder, *measure_with_peft(subject, pairs, dtype=dtype, device="cpu"))
    properties = TransformersEngine.parameters["properties"]
    defaults = {name: entry["default"] for name, entry in properties.items()}
    opened = TransformersEngine(**{**defaults, "device": "cpu", "dtype": dtype}).open(model)
    found = prove(opened, Subject(model, Adapter("a" * 32, model.source, str(folder))), folder)
    opened.close()
    return found


def test_the_engine_proves_what_was_trained(
    trained: tuple[Path, Mapping[str, Any]], instruct: Model, pairs: list[PreferencePair]
) -> None:
    receipt = proof(instruct, trained[0], "float32", pairs)
    assert receipt.in_effect, receipt.reason


def test_half_precision_is_trained_and_proven_with_its_own_tolerance(
    make: Make, make_job: Make, instruct: Model, pairs: list[PreferencePair]
) -> None:
    rough = make(DPO, **{**QUICK, "dtype": "bfloat16", "learning_rate": 1e-2})
    found = rough.reference(Subject(instruct), pairs, ignore)
    job = make_job(reference=found)
    assert rough.train(job)["reference_difference"] < 1
    receipt = proof(instruct, job.folder, "bfloat16", pairs)
    assert receipt.in_effect, receipt.reason


def test_gradient_checkpointing_saves_memory_and_changes_nothing_else(
    make: Make, make_job: Make, reference: Reference, trained: tuple[Path, Mapping[str, Any]]
) -> None:
    job = make_job(reference=reference)
    make(DPO, **QUICK, gradient_checkpointing=True).train(job)
    expected, found = _tensors(trained[0]), _tensors(job.folder)
    assert all(torch.allclose(expected[name], found[name], atol=1e-4) for name in expected)


def test_the_same_training_gives_the_same_bytes_and_another_seed_others(
    dpo: DPO,
    make_job: Make,
    reference: Reference,
    trained: tuple[Path, Mapping[str, Any]],
) -> None:
    again, other = (
        make_job("again", reference=reference),
        make_job("other", reference=reference, seed=2),
    )
    dpo.train(again)
    dpo.train(other)
    assert weights(again.folder) == weights(trained[0])
    assert (again.folder / "adapter_config.json").read_bytes() == (
        trained[0] / "adapter_config.json"
    ).read_bytes()
    assert weights(other.folder) != weights(trained[0])


class KillError(Exception):
    """Stands for a kill in the middle of training."""


@pytest.mark.parametrize("step", [2, 4, 5])
def test_a_killed_training_goes_on_to_the_same_bytes(
    dpo: DPO,
    make_job: Make,
    reference: Reference,
    trained: tuple[Path, Mapping[str, Any]],
    step: int,
) -> None:
    def kill(done: int, total: int, note: str) -> None:
        if done == step:
            raise KillError

    broken = make_job(reference=reference, progress=kill)
    with pytest.raises(KillError):
        dpo.train(broken)
    assert not (broken.folder / "adapter_model.safetensors").exists()
    whole = replace(broken, progress=ignore)
    facts = dpo.train(whole)
    # A checkpoint an epoch, of three steps.
    assert facts["resumed_from_step"] == (0 if step == 2 else 3)
    assert weights(whole.folder) == weights(trained[0])
    logs = [path / "log.jsonl" for path in (whole.folder, trained[0])]
    losses = [[json.loads(x).get("loss") for x in p.read_text().splitlines()] for p in logs]
    assert losses[0] == losses[1]


def test_a_training_killed_at_the_very_end_is_not_done_again(
    dpo: DPO, make_job: Make, reference: Reference, trained: tuple[Path, Mapping[str, Any]]
) -> None:
    job = make_job(reference=reference)
    dpo.train(job)
    (job.folder / "adapter_model.safetensors").unlink()
    assert dpo.train(job)["resumed_from_step"] == STEPS
    assert weights(job.folder) == weights(trained[0])


def test_a_half_written_checkpoint_is_passed_over(tmp_path: Path) -> None:
    for step in (3, 6, 12):
        (tmp_path / f"checkpoint-{step}").mkdir()
    assert last_checkpoint(tmp_path) is None
    for step in (3, 6):
        (tmp_path / f"checkpoint-{step}" / "complete").touch()
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-6")


def test_references_of_another_model_are_noticed(
    dpo: DPO, make_job: Make, base: Model, pairs: list[PreferencePair]
) -> None:
    foreign = dpo.reference(Subject(base), pairs, ignore)
    with pytest.raises(StageError, match="belongs to another model"):
        dpo.train(make_job(reference=foreign))


def test_swapped_references_are_noticed(dpo: DPO, make_job: Make, reference: Reference) -> None:
    swapped = {name: (rejected, chosen) for name, (chosen, rejected) in reference.items()}
    with pytest.raises(StageError, match="belongs to another model, text or max_length"):
        dpo.train(make_job(reference=swapped))


def test_a_pair_without_a_reference_is_named(
    dpo: DPO, make_job: Make, reference: Reference, pairs: list[PreferencePair]
) -> None:
    short = {name: logps for name, logps in reference.items() if name != pairs[3].id}
    with pytest.raises(StageError, match=pairs[3].id):
        dpo.train(make_job(reference=short))


def test_pairs_whose_prompt_is_too_long_are_dropped_and_counted(
    make: Make, make_job: Make, instruct: Model, pairs: list[PreferencePair]
) -> None:
    inducer = make(DPO, **{**QUICK, "epochs": 1, "max_length": 60})
    long = replace(pairs[0], id="long", prompt=(Message("user", "word " * 100),))
    rows = [long, *pairs]
    found = inducer.reference(Subject(instruct), rows, ignore)
    assert set(found) == {pair.id for pair in pairs}
    facts = inducer.train(make_job(rows=rows, reference=found))
    assert (facts["rows_given"], facts["rows_used"], facts["rows_dropped_too_long"]) == (13, 12, 1)


@pytest.mark.parametrize("cls", [DPO, ORPO])
def test_nothing_to_train_on_is_said_before_training(cls: Any, make: Make, make_job: Make) -> None:
    with pytest.raises(StageError, match="fills max_length"):
        make(cls, **QUICK, max_length=2).train(make_job())


def test_progress_counts_every_step(
    dpo: DPO, make_job: Make, reference: Reference, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[tuple[int, int, str]] = []
    dpo.train(make_job(reference=reference, progress=lambda *at: seen.append(at)))
    assert [(done, total) for done, total, _ in seen] == [(n + 1, STEPS) for n in range(STEPS)]
    assert "loss" in seen[-1][2]
    assert capsys.readouterr().out == ""


def test_a_training_that_diverges_leaves_no_adapter(
    make: Make, make_job: Make, reference: Reference
) -> None:
    job = make_job(reference=reference)
    with pytest.raises(StageError, match="diverged"):
        make(DPO, **{**QUICK, "learning_rate": 1e30, "max_grad_norm": 0}).train(job)
    assert not job.folder.exists()


def test_orpo_trains_without_a_reference_and_repeatably(make: Make, make_job: Make) -> None:
    orpo = make(ORPO, **QUICK)
    facts = orpo.train(make_job("first"))
    assert (facts["steps"], facts["rows_used"]) == (STEPS, 12)
    assert facts["final_loss"] < facts["first_loss"]
    second = make_job("second")
    orpo.train(second)
    assert weights(second.folder) == weights(make_job("first").folder)


def test_a_second_training_goes_on_from_the_first_ones_adapter(
    make: Make,
    make_job: Make,
    instruct: Model,
    pairs: list[PreferencePair],
    trained: tuple[Path, Mapping[str, Any]],
    reference: Reference,
) -> None:
    subject = Subject(instruct, Adapter("first", instruct.source, str(trained[0])))
    inducer = make(DPO, **{**QUICK, "learning_rate": 1e-12, "epochs": 1})
    # The reference is the subject with its adapter, so the base's is refused ...
    with pytest.raises(StageError, match="belongs to another model"):
        inducer.train(make_job("wrong", subject=subject, reference=reference))
    # ... and a step of next to nothing leaves the adapter where it was.
    own = inducer.reference(subject, pairs, ignore)
    job = make_job(subject=subject, reference=own)
    facts = inducer.train(job)
    assert facts["first_loss"] == pytest.approx(0.6931, abs=1e-4)
    assert facts["continues_adapter"] == "first"
    before, after = _tensors(trained[0]), _tensors(job.folder)
    assert before.keys() == after.keys()
    assert all(torch.allclose(before[name], after[name], atol=1e-9) for name in before)
    orpo = make(ORPO, **{**QUICK, "epochs": 1})
    other = make_job("orpo", subject=subject)
    assert orpo.train(other)["continues_adapter"] == "first"
    assert _tensors(other.folder).keys() == before.keys()


def _tensors(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    found: dict[str, Any] = load_file(folder / "adapter_model.safetensors")
    return found


def test_a_system_prompt_of_the_subject_is_trained_with(
    make: Make, instruct: Model, base: Model, pairs: list[PreferencePair]
) -> None:
    for model in (instruct, base):
        renderer = Renderer(load_tokenizer(model))
        row = render_rows(renderer, "Be honest.", pairs, 1024).usable[0]
        asked = Subject(model, Adapter("a", "b"), "Be honest.")
        assert list(row.chosen.ids[: row.chosen.start]) == renderer.prompt(asked, row.pair.prompt)


def test_options_of_trl_are_passed_on_and_unknown_ones_refused(
    make: Make, make_job: Make, reference: Reference
) -> None:
    quick = {**QUICK, "epochs": 1}
    job = make_job("ipo", reference=reference)
    facts = make(DPO, **quick, trl={"loss_type": ["ipo"]}).train(job)
    # IPO starts from (1 / (2 beta)) squared.
    assert facts["first_loss"] == pytest.approx(25.0, rel=1e-3)
    with pytest.raises(SpecError, match="no_such_option"):
        make(DPO, **quick, trl={"no_such_option": 1}).train(make_job(reference=reference))
