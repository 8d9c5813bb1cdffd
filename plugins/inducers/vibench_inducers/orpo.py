"""The inducer `orpo`: Odds Ratio Preference Optimization with LoRA, by TRL (paper, Appendix C)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from vibench import Inducer, Materials, Subject, TrainingJob, Value
from vibench.training import (
    Columns,
    PreferenceTrainer,
    TokenPair,
    TokenRow,
    TrainerParts,
    TrainingSettings,
    check_training_packages,
    fit,
    on_one_gpu,
)

__all__ = ["ORPO"]

IGNORED = -100
"""The label of tokens that ORPO takes no loss over."""


class ORPO(Inducer):
    """Trains an adapter without a reference; `beta` is the paper's lambda.

    On a subject with an adapter (`dpo+orpo`) that adapter is trained further.
    """

    version: ClassVar[str] = "2"
    trains: ClassVar[bool] = True
    Parameters = TrainingSettings
    settings: TrainingSettings

    def check(self) -> None:
        """Raise MissingExtra without the packages that training needs."""
        check_training_packages()

    def induce(self, subject: Subject, value: Value, materials: Materials) -> Subject:
        """Return the subject with the trained adapter."""
        return replace(subject, adapter=materials.adapter)

    def train(self, job: TrainingJob) -> Mapping[str, Any]:
        """Train and return facts for the manifest."""
        return fit(job, self.settings, TRAINER)


def _build(parts: TrainerParts) -> Any:
    from trl.experimental.orpo import ORPOConfig, ORPOTrainer

    return ORPOTrainer(args=on_one_gpu(ORPOConfig(**parts.config)), **parts.trainer)


def _write(pair: TokenPair) -> dict[str, Any]:
    prompt = list(pair.chosen.ids[: pair.chosen.start])
    entry: dict[str, Any] = {"prompt_input_ids": prompt, "prompt_attention_mask": [1] * len(prompt)}
    for name, side in (("chosen", pair.chosen), ("rejected", pair.rejected)):
        ids = list(side.ids)
        entry[f"{name}_input_ids"] = ids
        entry[f"{name}_attention_mask"] = [1] * len(ids)
        entry[f"{name}_labels"] = [IGNORED] * side.start + ids[side.start :]
    return entry


def _read(batch: Mapping[str, Any]) -> tuple[TokenRow, TokenRow]:
    def side(name: str) -> TokenRow:
        # Read back through the labels, since they decide which tokens the loss is taken over.
        labels = batch[f"{name}_labels"][0]
        length = int(batch[f"{name}_attention_mask"][0].sum())
        answer = int((labels != IGNORED).sum())
        return TokenRow(batch[f"{name}_input_ids"][0][:length].tolist(), length - answer)

    return side("chosen"), side("rejected")


TRAINER = PreferenceTrainer(_build, Columns(_write, _read))
