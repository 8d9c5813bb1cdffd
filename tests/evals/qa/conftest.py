"""Subjects on the embedded models, measured without an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from vibench import (
    Adapter,
    Completion,
    Loglikelihood,
    Measuring,
    Model,
    Outcome,
    Sampling,
    Subject,
    Tokens,
    Transcript,
)
from vibench.data import DataFiles
from vibench.embedded import locate
from vibench_evals.qa.plugin import QA

pytest.importorskip("lm_eval")
pytest.importorskip("torch")
pytest.importorskip("peft")


class Alone(Measuring):
    """One request at a time through a transformers model, by transformers' own means: what an
    engine should do, written another way. `asked` are the requests as they came."""

    def __init__(self, subject: Subject) -> None:
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from vibench.engines.quiet import quiet

        folder = locate(subject.model.source)
        self.subject = subject
        with quiet():
            self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
            model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
            if subject.adapter:
                model = PeftModel.from_pretrained(model, subject.adapter.path)
        if self.tokenizer.chat_template is None and subject.model.chat_template:
            other = AutoTokenizer.from_pretrained(locate(subject.model.chat_template))
            self.tokenizer.chat_template = other.chat_template
        self.model = model.eval()
        self.context: int = model.config.max_position_embeddings
        self.asked: list[tuple[Tokens, object]] = []
        self.told: list[tuple[int, int, str]] = []

    def loglikelihoods(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Loglikelihood]:
        self.asked += pairs
        return [self.loglikelihood(*pair) for pair in pairs]

    def loglikelihood(self, context: Tokens, continuation: Tokens) -> Loglikelihood:
        import torch

        ids = torch.tensor([[*context.ids, *continuation.ids]])
        assert ids.shape[1] <= self.context + 1, "the last token is not read"
        with torch.no_grad():
            logits = self.model(ids[:, :-1]).logits
        n = len(continuation.ids)
        logs = torch.log_softmax(logits, dim=-1)[0, -n:]
        target = ids[0, -n:]
        greedy = bool((logs.argmax(dim=-1) == target).all())
        total = float(torch.gather(logs, 1, target[:, None]).sum())
        return Loglikelihood("", total, n, greedy)

    def generate(
        self, prompts: Sequence[tuple[Tokens, tuple[str, ...], Sampling]]
    ) -> list[Completion]:
        self.asked += [(prompt, (stops, sampling)) for prompt, stops, sampling in prompts]
        return [self.completion(*prompt) for prompt in prompts]

    def completion(self, prompt: Tokens, stops: tuple[str, ...], sampling: Sampling) -> Completion:
        import torch

        assert sampling.temperature == 0, "only greedy decoding is compared"
        assert len(prompt.ids) + sampling.max_tokens <= self.context
        ids = torch.tensor([prompt.ids])
        made = self.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=sampling.max_tokens,
            do_sample=False,
            stop_strings=list(stops),
            tokenizer=self.tokenizer,
            pad_token_id=self.tokenizer.pad_token_id,
        )[0, ids.shape[1] :]
        text = self.tokenizer.decode(made, skip_special_tokens=True)
        places = [text.find(stop) for stop in stops if stop in text]
        finish = "length" if len(made) == sampling.max_tokens and not places else "stop"
        return Completion(
            "",
            text[: min(places, default=len(text))],
            finish,  # type: ignore[arg-type]
            len(prompt.ids),
            len(made),
        )

    def progress(self, done: int, total: int, note: str) -> None:
        self.told.append((done, total, note))


def model(stage: str) -> Model:
    template = "embedded:tiny-instruct" if stage == "base" else None
    return Model(
        f"tiny-{stage}",
        f"embedded:tiny-{stage}",
        f"embedded:tiny-{stage}",
        stage,  # type: ignore[arg-type]
        chat_template=template,
    )


@pytest.fixture(scope="session")
def instruct() -> Model:
    return model("instruct")


@pytest.fixture(scope="session")
def base() -> Model:
    return model("base")


@pytest.fixture(scope="session")
def adapter(tmp_path_factory: pytest.TempPathFactory, instruct: Model) -> Adapter:
    """A LoRA adapter with random weights, strong enough to change what is answered."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from vibench.engines.quiet import quiet

    folder = tmp_path_factory.mktemp("adapter")
    torch.manual_seed(5)
    with quiet():
        weights = get_peft_model(
            AutoModelForCausalLM.from_pretrained(locate(instruct.source), dtype=torch.float32),
            LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=16, target_modules="all-linear"),
        )
        for name, parameter in weights.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=0.05)
        weights.save_pretrained(str(folder))
    return Adapter("5" * 32, instruct.source, str(folder))


@pytest.fixture(scope="session")
def measure_alone() -> Callable[[Subject], Alone]:
    return Alone


@pytest.fixture
def alone(measure_alone: Callable[[Subject], Alone], instruct: Model) -> Alone:
    """The vanilla model."""
    return measure_alone(Subject(instruct))


@pytest.fixture
def data(real_data: Path) -> DataFiles:
    return DataFiles(real_data, False, {})


@pytest.fixture(scope="session")
def build() -> Callable[..., QA]:
    """A QA eval as core makes it: what is said, and the schema's defaults for the rest."""

    def built(cls: type[QA], **said: Any) -> QA:
        properties = cls.parameters["properties"]
        defaults = {name: one["default"] for name, one in properties.items() if "default" in one}
        assert said.keys() <= properties.keys()
        return cls(**{**defaults, **said})

    return built


@pytest.fixture(scope="session")
def scores() -> Callable[..., dict[tuple[str, str], Outcome]]:
    """Outcomes by sample and metric, each of them once."""

    def by_name(evaluation: QA, transcripts: Sequence[Transcript]) -> Any:
        found = [o for t in transcripts for o in evaluation.outcomes(t, ())]
        made = {(o.sample, o.metric): o for o in found}
        assert len(made) == len(found)
        return made

    return by_name
