"""The training of a LoRA adapter on preference pairs with a TRL trainer.

The trainers are wrapped, not inherited from. With the same seed, settings and machine a
training on the CPU gives the same adapter bit for bit, also if it was interrupted and
resumed from a checkpoint.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.engines.memory import free_memory
from vibench.engines.model_files import choose_device
from vibench.engines.quiet import quiet
from vibench.errors import SpecError, StageError
from vibench.interfaces import TrainingJob
from vibench.training.adapter_files import save_adapter
from vibench.training.base_model import Policy, load_policy
from vibench.training.checkpoints import last_checkpoint, progress_callback, write_log
from vibench.training.pair_rows import render_job
from vibench.training.references import check_references
from vibench.training.settings import TrainingSettings, check_training_packages
from vibench.training.trl_columns import STAND_IN, Columns, check_batches, dataset_rows

__all__ = ["PreferenceTrainer", "TrainerParts", "fit", "on_one_gpu"]


@dataclass(frozen=True, slots=True)
class TrainerParts:
    """Keyword arguments for a TRL preference trainer and its config.

    The trainer's data is a stand-in: it is given its tokenised rows once it is there.
    """

    config: Mapping[str, Any]
    trainer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PreferenceTrainer:
    """A TRL trainer of preference pairs: `build` makes it, and it takes its data in `columns`.

    With `uses_references` the columns also hold the reference log-probabilities of the job.
    """

    build: Callable[[TrainerParts], Any]
    columns: Columns
    uses_references: bool = False


def fit(job: TrainingJob, settings: TrainingSettings, kind: PreferenceTrainer) -> dict[str, Any]:
    """Train, write the adapter and `log.jsonl` into `job.folder`, and return facts for the
    manifest.

    If the job's subject has an adapter, that adapter is trained further, and its own rank and
    targets stay. Raises UsageError if prompts would not reach the model as they are meant,
    StageError if no pair is usable or the references do not fit the model.
    """
    check_training_packages()
    from datasets import Dataset

    start = time.monotonic()
    with quiet():
        policy = load_policy(job.subject, settings.load_options, trainable=True)
        pairs = render_job(policy, job, settings.max_length)
        references = job.reference if kind.uses_references else None
        data = dataset_rows(pairs.usable, kind.columns, references)
        difference = check_references(policy, pairs.usable, references) if references else 0.0
        trainer = _trainer(job, settings, kind.build, policy)
        trainer.train_dataset = Dataset.from_list(data)
        check_batches(trainer, pairs.usable, kind.columns)
        checkpoint = last_checkpoint(job.scratch)
        trainer.train(resume_from_checkpoint=checkpoint)
        history, steps = list(trainer.state.log_history), int(trainer.state.global_step)
        _check_convergence(history)
        save_adapter(trainer.model, job)
    write_log(job.folder, history)
    # The receipt is measured next, on a model loaded afresh: there may be no room for two.
    del trainer, policy
    free_memory()
    facts = {
        **pairs.facts(),
        "notes": pairs.notes(),
        "steps": steps,
        "resumed_from_step": int(checkpoint.rpartition("-")[2]) if checkpoint else 0,
        "continues_adapter": job.subject.adapter.key if job.subject.adapter else None,
        "seconds": round(time.monotonic() - start, 3),
        **_final_metrics(history),
    }
    return {**facts, "reference_difference": difference} if kind.uses_references else facts


def on_one_gpu(config: Any) -> Any:
    """Return a TRL config for one GPU where several are visible.

    TRL refuses the wrapper that transformers' Trainer would put around the model for several.
    """
    if config.n_gpu > 1:
        config._n_gpu = 1
    return config


def _trainer(
    job: TrainingJob,
    settings: TrainingSettings,
    build: Callable[[TrainerParts], Any],
    policy: Policy,
) -> Any:
    """Build the trainer, on data that stands in for the job's rows."""
    from datasets import Dataset, disable_progress_bars
    from transformers import PrinterCallback

    # datasets draws bars of its own, over the run's progress.
    disable_progress_bars()
    job.scratch.mkdir(parents=True, exist_ok=True)
    device = choose_device(settings.device)
    parts = TrainerParts(
        config=settings.trl_arguments(str(job.scratch), job.seed, device, policy.dtype),
        trainer={
            "model": policy.model,
            "train_dataset": Dataset.from_list([dict(STAND_IN)]),
            "processing_class": policy.tokenizer,
            # A PeftModel with another config on top would be two adapters; the one it has is
            # trained further.
            "peft_config": (_lora(settings, policy.model) if job.subject.adapter is None else None),
            "callbacks": [progress_callback(job.progress)],
        },
    )
    try:
        trainer = build(parts)
    except (TypeError, ValueError) as error:
        raise SpecError(
            f"TRL refuses the training's settings: {error}",
            "Check the inducer's parameters, above all its `trl` options.",
        ) from error
    # It prints every log entry to stdout, where results go.
    trainer.remove_callback(PrinterCallback)
    return trainer


def _lora(settings: TrainingSettings, model: Any) -> Any:
    from peft import LoraConfig

    everything = settings.target_modules == "all-linear"

    return LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=settings.target_modules,
        exclude_modules=_beside_language_model(model) if everything else None,
    )


def _beside_language_model(model: Any) -> str | None:
    """Return a pattern of the modules that no text goes through; None if there are none."""
    # A model that reads images has linear layers for them, which no text trains: an adapter there
    # would take memory in training, and room in every engine, and do nothing.
    if model.config.get_text_config() is model.config:
        return None
    decoder = model.get_decoder()
    name = next((name for name, module in model.named_modules() if module is decoder), "")
    return rf"(?!{re.escape(name)}\.).*" if name else None


def _check_convergence(history: Sequence[Mapping[str, Any]]) -> None:
    for entry in history:
        # A diverged adapter would be stored, and would answer with noise: fail instead.
        if not math.isfinite(entry.get("loss", 0.0)):
            raise StageError(
                f"The training diverged: at step {entry['step']} the loss is {entry['loss']}."
            )


def _final_metrics(history: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the loss of the first step, and means over the last epoch of loss, reward accuracy
    and reward margin."""
    logged = [entry for entry in history if "loss" in entry]
    if not logged:
        return {}
    # A single step's loss is too noisy to compare trainings by.
    last_epoch = [entry for entry in logged if entry["epoch"] > logged[-1]["epoch"] - 1]
    metrics = {"first_loss": float(logged[0]["loss"])}
    for key in ("loss", "rewards/accuracies", "rewards/margins"):
        if key in last_epoch[-1]:
            values = [float(entry[key]) for entry in last_epoch if key in entry]
            metrics[f"final_{key.replace('rewards/', 'reward_')}"] = sum(values) / len(values)
    return metrics
