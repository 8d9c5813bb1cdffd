"""Training a LoRA adapter on preference pairs with a TRL trainer.

The trainers are wrapped, not inherited from. With the same seed, settings and machine a
training on the CPU gives the same adapter bit for bit, also if it was interrupted and
went on from a checkpoint.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench import SpecError, TrainingJob
from vibench.engines.chat_template import Renderer
from vibench.engines.memory import free_memory
from vibench.engines.model_files import choose_device, load_tokenizer
from vibench.engines.prompt_checks import check_prompts, embedding_count, padding_token
from vibench.engines.quiet import quiet
from vibench.errors import StageError
from vibench_inducers.checkpoints import last_checkpoint, make_callback, write_log
from vibench_inducers.columns import STAND_IN, Columns, check_batches, dataset_rows
from vibench_inducers.reference import check_reference, load_policy
from vibench_inducers.rows import PairRows, TokenPair, tokenised
from vibench_inducers.settings import Settings, check_extra

__all__ = ["TrainerParts", "fit", "one_gpu"]


@dataclass(frozen=True, slots=True)
class TrainerParts:
    """Keyword arguments for a TRL preference trainer and its config.

    The trainer's data is a stand-in: it is given its tokenised rows once it is there.
    """

    config: Mapping[str, Any]
    trainer: Mapping[str, Any]


def fit(
    job: TrainingJob,
    settings: Settings,
    build: Callable[[TrainerParts], Any],
    columns: Columns,
    use_reference: bool,
) -> dict[str, Any]:
    """Train and write the adapter and `log.jsonl` into `job.folder`.

    `build` makes the trainer, which takes its data in `columns`. If the job's subject has an
    adapter, that adapter is trained further, and its own rank and targets stay. Returns facts
    for the manifest. Raises UsageError if prompts would not reach the model as they are meant,
    StageError if no pair is usable or the references do not fit the model.
    """
    check_extra()
    began = time.monotonic()
    tokenizer = load_tokenizer(
        job.subject.model, settings.chat_template, settings.trust_remote_code
    )
    with quiet():
        model = load_policy(job.subject, settings, trainable=True)
        pairs = _pairs(job, settings, tokenizer, model)
        trainer, checked = _trainer(
            job, settings, (build, columns), (model, tokenizer), pairs.usable, use_reference
        )
        checkpoint = last_checkpoint(job.scratch)
        trainer.train(resume_from_checkpoint=checkpoint)
        history, steps = list(trainer.state.log_history), int(trainer.state.global_step)
        _refuse_divergence(history)
        _save_adapter(trainer.model, job)
    write_log(job.folder, history)
    del trainer, model
    free_memory()
    facts = {
        **pairs.facts(),
        "notes": pairs.notes(),
        "steps": steps,
        "resumed_from_step": int(checkpoint.rpartition("-")[2]) if checkpoint else 0,
        "continues_adapter": job.subject.adapter.key if job.subject.adapter else None,
        "seconds": round(time.monotonic() - began, 3),
        **_final_metrics(history),
    }
    return {**facts, "reference_difference": checked} if use_reference else facts


def one_gpu(config: Any) -> Any:
    """The config, for one GPU where several are visible: TRL refuses the wrapper that the
    Trainer would put around the model for several."""
    if config.n_gpu > 1:
        config._n_gpu = 1
    return config


def _pairs(job: TrainingJob, settings: Settings, tokenizer: Any, model: Any) -> PairRows:
    """The job's pairs in tokens. Raises UsageError if prompts would not reach the model as
    they are meant, StageError if no pair is usable."""
    embeddings = embedding_count(model)
    renderer = Renderer(tokenizer)
    check_prompts(renderer, job.subject.model, embeddings)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(padding_token(tokenizer, embeddings))
    pairs = tokenised(renderer, job.subject.system, job.pairs, settings.max_length, embeddings)
    if not pairs.usable:
        reasons = ", ".join(sorted(set(pairs.refused.values()))[:2])
        raise StageError(
            f"No pair for '{job.value.name}' can be trained on: {len(pairs.too_long)} of "
            f"{len(job.pairs)} have a prompt that fills max_length ({settings.max_length} tokens)"
            + (f", {len(pairs.refused)} are refused: {reasons}." if pairs.refused else ".")
        )
    return pairs


def _trainer(
    job: TrainingJob,
    settings: Settings,
    kind: tuple[Callable[[TrainerParts], Any], Columns],
    policy: tuple[Any, Any],
    rows: Sequence[TokenPair],
    use_reference: bool,
) -> tuple[Any, float]:
    """The trainer, ready to train, and how far the checked references are off. `kind` is
    what builds it with its columns, `policy` the model with its tokenizer."""
    from datasets import Dataset, disable_progress_bars
    from peft import LoraConfig
    from transformers import PrinterCallback

    disable_progress_bars()
    (build, columns), (model, tokenizer) = kind, policy
    data = dataset_rows(rows, columns, job.reference if use_reference else None)
    checked = check_reference(model, tokenizer, rows, job.reference) if use_reference else 0.0
    lora = None
    if job.subject.adapter is None:
        lora = LoraConfig(
            task_type="CAUSAL_LM",
            r=settings.lora_rank,
            lora_alpha=settings.lora_alpha,
            lora_dropout=settings.lora_dropout,
            target_modules=settings.target_modules,
        )
    job.scratch.mkdir(parents=True, exist_ok=True)
    dtype = str(model.dtype).removeprefix("torch.")
    device = choose_device(settings.device)
    parts = TrainerParts(
        config=settings.arguments(str(job.scratch), job.seed, device, dtype),
        trainer={
            "model": model,
            "train_dataset": Dataset.from_list([dict(STAND_IN)]),
            "processing_class": tokenizer,
            "peft_config": lora,
            "callbacks": [make_callback(job.progress)],
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
    trainer.train_dataset = Dataset.from_list(data)
    check_batches(trainer, rows, columns)
    return trainer, checked


def _refuse_divergence(history: Sequence[Mapping[str, Any]]) -> None:
    for entry in history:
        if not math.isfinite(entry.get("loss", 0.0)):
            raise StageError(
                f"The training diverged: at step {entry['step']} the loss is {entry['loss']}."
            )


def _save_adapter(model: Any, job: TrainingJob) -> None:
    """PEFT's two files, the same bytes each time, with the base named as the user named it."""
    job.folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(
        str(job.folder), selected_adapters=["default"], save_embedding_layers=False
    )
    (job.folder / "README.md").unlink(missing_ok=True)
    path = job.folder / "adapter_config.json"
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = job.subject.model.source
    config["revision"] = job.subject.model.revision
    if isinstance(config.get("target_modules"), list):  # a set, in the order of the day
        config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _final_metrics(history: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The loss of the first step, and means over the last epoch of loss, reward accuracy
    and reward margin."""
    logged = [entry for entry in history if "loss" in entry]
    if not logged:
        return {}
    last = [entry for entry in logged if entry["epoch"] > logged[-1]["epoch"] - 1]
    found = {"first_loss": float(logged[0]["loss"])}
    for key in ("loss", "rewards/accuracies", "rewards/margins"):
        if key in last[-1]:
            values = [float(entry[key]) for entry in last if key in entry]
            found[f"final_{key.replace('rewards/', 'reward_')}"] = sum(values) / len(values)
    return found
