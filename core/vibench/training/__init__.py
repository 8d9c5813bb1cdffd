"""The public parts that a training inducer is made of. Nothing here imports anything heavy.

A training inducer loads the subject that it starts from (`load_policy`), renders its pairs as
the subject will be asked (`render_pairs`), trains by itself or with a TRL trainer (`fit`), and
saves an adapter (`save_adapter`). vibench then measures the adapter's receipt, on a base model
loaded with the inducer's `LoadOptions`.
"""

from __future__ import annotations

from vibench.engines.loglikelihoods import TokenRow
from vibench.engines.memory import free_memory, in_halves
from vibench.engines.model_files import choose_device, load_tokenizer, load_weights
from vibench.engines.model_prompts import load_prompts
from vibench.training.adapter_files import save_adapter
from vibench.training.base_model import LoadOptions, Policy, load_policy
from vibench.training.checkpoints import (
    last_checkpoint,
    mark_complete,
    progress_callback,
    write_log,
)
from vibench.training.pair_rows import PairRows, TokenPair, render_job, render_pairs, render_rows
from vibench.training.references import check_references, reference_logprobs
from vibench.training.settings import TrainingSettings, check_training_packages
from vibench.training.trl_columns import Columns
from vibench.training.trl_fit import PreferenceTrainer, TrainerParts, fit, on_one_gpu

__all__ = [
    "Columns",
    "LoadOptions",
    "PairRows",
    "Policy",
    "PreferenceTrainer",
    "TokenPair",
    "TokenRow",
    "TrainerParts",
    "TrainingSettings",
    "check_references",
    "check_training_packages",
    "choose_device",
    "fit",
    "free_memory",
    "in_halves",
    "last_checkpoint",
    "load_policy",
    "load_prompts",
    "load_tokenizer",
    "load_weights",
    "mark_complete",
    "on_one_gpu",
    "progress_callback",
    "reference_logprobs",
    "render_job",
    "render_pairs",
    "render_rows",
    "save_adapter",
    "write_log",
]
