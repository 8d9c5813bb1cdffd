"""Fine-tuning on the answers that express a value, with LoRA."""

from dataclasses import replace
from typing import ClassVar

from vibench import Inducer, UsageError
from vibench.training import load_policy, render_job, save_adapter


class Tuned(Inducer):
    """Makes the chosen answers likelier, one pair a step."""

    trains = True
    parameters: ClassVar = {
        "type": "object",
        "properties": {
            "steps": {"type": "integer", "minimum": 1, "default": 100},
            "learning_rate": {"type": "number", "exclusiveMinimum": 0, "default": 1e-3},
        },
        "additionalProperties": False,
    }

    def __init__(self, steps, learning_rate):
        self.steps, self.learning_rate = steps, learning_rate

    def induce(self, subject, value, materials):
        if subject.adapter is not None:
            raise UsageError("tuned starts from a model without an adapter.", "Name it first.")
        return replace(subject, adapter=materials.adapter)

    def train(self, job):
        import torch
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(job.seed)
        policy = load_policy(job.subject)
        pairs = render_job(policy, job, max_length=1024)
        lora = LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear")
        model = get_peft_model(policy.model, lora)
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=self.learning_rate)
        for step in range(self.steps):
            row = pairs.usable[step % len(pairs.usable)].chosen
            ids = torch.tensor([row.ids], device=model.device)
            labels = ids.clone()
            labels[:, : row.start] = -100  # the prompt, which is given
            loss = model(input_ids=ids, labels=labels).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            job.progress(step + 1, self.steps, f"loss {loss.item():.3f}")
        save_adapter(model, job)
        return {**pairs.facts(), "final_loss": loss.item()}
