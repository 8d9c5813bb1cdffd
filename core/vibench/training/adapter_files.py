"""A trained adapter's files: PEFT's format, the same bytes for the same training."""

from __future__ import annotations

import json
from typing import Any

from vibench.interfaces import TrainingJob

__all__ = ["save_adapter"]


def save_adapter(model: Any, job: TrainingJob) -> None:
    """Save the adapter of a PEFT model into `job.folder`, with its base model named as the user
    named it."""
    job.folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(
        str(job.folder), selected_adapters=["default"], save_embedding_layers=False
    )
    # PEFT's model card names folders of this machine.
    (job.folder / "README.md").unlink(missing_ok=True)
    path = job.folder / "adapter_config.json"
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = job.subject.model.source
    config["revision"] = job.subject.model.revision
    # PEFT writes a set, whose order differs from process to process.
    if isinstance(config.get("target_modules"), list):
        config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
