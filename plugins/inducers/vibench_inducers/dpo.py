"""The inducer `dpo`: Direct Preference Optimization with LoRA, by TRL (paper, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from vibench import Inducer, Materials, PreferencePair, Subject, TrainingJob, Value
from vibench.training import (
    Columns,
    PreferenceTrainer,
    TokenPair,
    TokenRow,
    TrainerParts,
    TrainingSettings,
    check_training_packages,
    fit,
    load_policy,
    on_one_gpu,
    reference_logprobs,
    render_pairs,
)

__all__ = ["DPO"]


class DPO(Inducer):
    """Trains an adapter whose reference is the subject it starts from.

    On a subject with an adapter (`orpo+dpo`) that adapter is trained further, and the
    reference is the subject with it, not the base model.
    """

    version: ClassVar[str] = "2"
    trains: ClassVar[bool] = True
    needs_reference: ClassVar[bool] = True
    Parameters = TrainingSettings
    settings: TrainingSettings

    def check(self) -> None:
        """Raise MissingExtra without the packages that training needs."""
        check_training_packages()

    def induce(self, subject: Subject, value: Value, materials: Materials) -> Subject:
        """Return the subject with the trained adapter."""
        return replace(subject, adapter=materials.adapter)

    def reference_settings(self) -> Mapping[str, Any]:
        """Return the parameters that the references depend on."""
        return self.settings.reference_settings

    def reference(
        self,
        subject: Subject,
        pairs: Sequence[PreferencePair],
        progress: Callable[[int, int, str], None],
    ) -> Mapping[str, tuple[float, float]]:
        """Return log-probabilities in nats; pairs that are not trained on have none."""
        policy = load_policy(subject, self.settings.load_options)
        rows = render_pairs(policy, pairs, self.settings.max_length)
        return reference_logprobs(policy, rows, self.settings.batch_size, progress)

    def train(self, job: TrainingJob) -> Mapping[str, Any]:
        """Train and return facts for the manifest. Raises StageError if the references do not
        fit the model."""
        return fit(job, self.settings, TRAINER)


def _build(parts: TrainerParts) -> Any:
    from trl import DPOConfig, DPOTrainer

    config = on_one_gpu(DPOConfig(precompute_ref_log_probs=False, **parts.config))
    trainer = DPOTrainer(args=config, **parts.trainer)
    # The dataset has TRL's own reference columns already. Asked to precompute, TRL would
    # add them a second time; with this flag it uses the columns that are there.
    trainer.precompute_ref_logps = True
    if "ref" in getattr(trainer.model, "peft_config", {}):
        # TRL's copy of the adapter it starts from, for references that are now stored.
        trainer.model.delete_adapter("ref")
    return trainer


def _write(pair: TokenPair) -> dict[str, Any]:
    # Both sides begin with the same prompt, so the chosen side's will do.
    start = pair.chosen.start
    return {
        "prompt_ids": list(pair.chosen.ids[:start]),
        "chosen_ids": list(pair.chosen.ids[start:]),
        "rejected_ids": list(pair.rejected.ids[start:]),
    }


def _read(batch: Mapping[str, Any]) -> tuple[TokenRow, TokenRow]:
    def side(number: int) -> TokenRow:
        # The collator pads on the right; the masks tell the row's own tokens and where its answer
        # begins.
        length = int(batch["attention_mask"][number].sum())
        answer = int(batch["completion_mask"][number].sum())
        return TokenRow(batch["input_ids"][number][:length].tolist(), length - answer)

    return side(0), side(1)


TRAINER = PreferenceTrainer(_build, Columns(_write, _read), uses_references=True)
