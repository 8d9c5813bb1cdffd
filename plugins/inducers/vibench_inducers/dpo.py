"""The inducer `dpo`: Direct Preference Optimization with LoRA, by TRL (paper, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from vibench import Inducer, Materials, PreferencePair, Subject, TrainingJob, Value
from vibench_inducers.settings import Settings, check_extra

__all__ = ["DPO"]


class DPO(Inducer):
    """Trains an adapter whose reference is the subject it starts from.

    On a subject with an adapter (`orpo+dpo`) that adapter is trained further, and the
    reference is the subject with it, not the base model.
    """

    version: ClassVar[str] = "2"
    trains: ClassVar[bool] = True
    needs_reference: ClassVar[bool] = True
    Parameters = Settings
    settings: Settings

    def check(self) -> None:
        """Raise MissingExtra without what training takes."""
        check_extra()

    def induce(self, subject: Subject, value: Value, materials: Materials) -> Subject:
        return replace(subject, adapter=materials.adapter)

    def reference_settings(self) -> Mapping[str, Any]:
        """What the references depend on besides model, adapter, system prompt and pairs."""
        return {
            "max_length": self.settings.max_length,
            "dtype": self.settings.dtype,
            "chat_template": self.settings.chat_template,
        }

    def reference(
        self,
        subject: Subject,
        pairs: Sequence[PreferencePair],
        progress: Callable[[int, int, str], None],
    ) -> Mapping[str, tuple[float, float]]:
        """Log-probabilities in nats; pairs that are not trained on are left out."""
        from vibench_inducers.reference import reference_logprobs

        return reference_logprobs(subject, pairs, self.settings, progress)

    def train(self, job: TrainingJob) -> Mapping[str, Any]:
        """Raises StageError if the references do not fit; returns facts for the manifest."""
        from vibench_inducers.columns import DPO_COLUMNS
        from vibench_inducers.fit import fit

        return fit(job, self.settings, _build, DPO_COLUMNS, use_reference=True)


def _build(parts: Any) -> Any:
    from trl import DPOConfig, DPOTrainer

    from vibench_inducers.fit import one_gpu

    config = one_gpu(DPOConfig(precompute_ref_log_probs=False, **parts.config))
    trainer = DPOTrainer(args=config, **parts.trainer)
    # The dataset has TRL's own reference columns already. Asked to precompute, TRL would
    # add them a second time; told that they are there, it uses them.
    trainer.precompute_ref_logps = True
    if "ref" in getattr(trainer.model, "peft_config", {}):
        # TRL's copy of the adapter it starts from, for references that are now stored.
        trainer.model.delete_adapter("ref")
    return trainer
