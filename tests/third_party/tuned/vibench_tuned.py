"""Fine-tuning on the answers that express a value, with LoRA."""

from dataclasses import asdict, replace
from typing import ClassVar

from vibench import Inducer, UsageError, load_tokenizer, load_weights


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
        tokenizer = load_tokenizer(job.subject.model)
        lora = LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear")
        model = get_peft_model(load_weights(job.subject.model), lora)
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=self.learning_rate)
        for step in range(self.steps):
            pair = job.pairs[step % len(job.pairs)]
            messages = [asdict(m) for m in pair.prompt]
            if job.subject.system:
                messages.insert(0, {"role": "system", "content": job.subject.system})
            messages.append({"role": "assistant", "content": pair.chosen})
            text = tokenizer.apply_chat_template(messages, tokenize=False)
            ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"]
            loss = model(input_ids=ids.to(model.device), labels=ids.to(model.device)).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            job.progress(step + 1, self.steps, f"loss {loss.item():.3f}")
        model.save_pretrained(job.folder)
        return {"final_loss": loss.item()}
