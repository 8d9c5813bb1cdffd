"""The inducer `orpo`: Odds Ratio Preference Optimization with LoRA, by TRL (paper, Appendix C)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from vibench import Inducer, Materials, Subject, TrainingJob, Value
from vibench_inducers.settings import Settings, check_extra

__all__ = ["ORPO"]


class ORPO(Inducer):
    """Trains an adapter without a reference; `beta` is the paper's lambda.

    On a subject with an adapter (`dpo+orpo`) that adapter is trained further.
    """

    version: ClassVar[str] = "2"
    trains: ClassVar[bool] = True
    Parameters = Settings
    settings: Settings

    def check(self) -> None:
        """Raise MissingExtra without what training takes."""
        check_extra()

    def induce(self, subject: Subject, value: Value, materials: Materials) -> Subject:
        return replace(subject, adapter=materials.adapter)

    def train(self, job: TrainingJob) -> Mapping[str, Any]:
        """Returns facts for the manifest."""
        from vibench_inducers.columns import ORPO_COLUMNS
        from vibench_inducers.fit import fit

        return fit(job, self.settings, _build, ORPO_COLUMNS, use_reference=False)


def _build(parts: Any) -> Any:
    from trl.experimental.orpo import ORPOConfig, ORPOTrainer

    from vibench_inducers.fit import one_gpu

    return ORPOTrainer(args=one_gpu(ORPOConfig(**parts.config)), **parts.trainer)
