"""What workers import before they load a model, imported once for all warm workers."""

from __future__ import annotations

import contextlib

import vibench.execute.worker_process
import vibench.plugins  # noqa: F401

with contextlib.suppress(ImportError):
    from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache  # noqa: F401

with contextlib.suppress(ImportError):
    import peft  # noqa: F401
    from trl import DPOConfig, DPOTrainer  # noqa: F401
