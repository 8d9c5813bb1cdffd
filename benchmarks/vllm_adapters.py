"""15 adapters and the vanilla model over 64 prompts: one vLLM engine, or one for each?

    python benchmarks/vllm_adapters.py [--model embedded:tiny-base] [--adapters 15] [--prompts 64]

Times, in one process and one run: all requests on one engine; the same on an engine for each
subject, one after another, their starts included; and as many requests on one engine with a
single adapter, which is what mixing costs. Adapters have random weights of rank 4 on all linear
layers (the time does not depend on what they have learnt); answers are greedy and of equal length
limits. Importing vLLM counts for none of them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vibench.engines.model_files import load_weights
from vibench.engines.quiet import quiet
from vibench.engines.vllm.engine import VLLM
from vibench.records import Adapter, ChatRequest, Message, Model, Sampling, Subject


def engine(**changed: Any) -> VLLM:
    properties = VLLM.parameters["properties"]
    return VLLM(**{**{name: entry["default"] for name, entry in properties.items()}, **changed})


def write_adapters(model: Model, folder: Path, count: int) -> list[Adapter]:
    """Adapters of rank 4 with random weights, in PEFT's format."""
    import torch
    from peft import LoraConfig, get_peft_model

    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        with quiet():
            weights = get_peft_model(
                load_weights(model, device="cpu"),
                LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=16, target_modules="all-linear"),
            )
            for name, parameter in weights.named_parameters():
                if "lora_B" in name:
                    torch.nn.init.normal_(parameter, std=0.02)
            weights.save_pretrained(str(folder / str(seed)))
        made.append(Adapter(f"{seed:032x}", model.identity, str(folder / str(seed))))
    return made


def requests_of(subjects: Sequence[Subject], prompts: int, tokens: int) -> list[ChatRequest]:
    return [
        ChatRequest(
            f"{s}-{p}",
            subject,
            (Message("user", f"I have been thinking about plan number {p}. What should I do?"),),
            Sampling(0.0, 1.0, tokens),
            seed=p,
        )
        for p in range(prompts)
        for s, subject in enumerate(subjects)
    ]


def timed(model: Model, requests: Sequence[ChatRequest]) -> tuple[float, float, int]:
    """(seconds of the whole, of them until the first request was in the engine, new tokens)."""
    start = time.perf_counter()
    session = engine().open(model)
    # The engine starts with its first request: this one needs the room that all will need.
    first = [
        ChatRequest(f"start-{r.id}", r.subject, r.messages, Sampling(0.0, 1.0, 1), 0)
        for r in {r.subject: r for r in requests}.values()
    ]
    list(session.run(first))
    started = time.perf_counter() - start
    answers = list(session.run(requests))
    session.close()
    assert len(answers) == len(requests)
    assert not any(answer.error for answer in answers)
    tokens = sum(getattr(answer, "completion_tokens", 0) for answer in answers)
    return time.perf_counter() - start, started, tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="embedded:tiny-base")
    parser.add_argument("--adapters", type=int, default=15)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=32)
    asked = parser.parse_args()
    model = Model(
        asked.model,
        asked.model,
        identity=asked.model,
        stage="base" if asked.model.endswith("base") else "instruct",
        chat_template="embedded:tiny-instruct",
    )
    with tempfile.TemporaryDirectory() as folder:
        adapters = write_adapters(model, Path(folder), asked.adapters)
        subjects = [Subject(model), *(Subject(model, adapter) for adapter in adapters)]
        everything = requests_of(subjects, asked.prompts, asked.tokens)
        timed(model, everything[: len(subjects)])  # imports, first calls
        one, one_start, tokens = timed(model, everything)
        several, several_start = 0.0, 0.0
        for subject in subjects:
            seconds, start, _ = timed(model, requests_of([subject], asked.prompts, asked.tokens))
            several, several_start = several + seconds, several_start + start
        single = [
            ChatRequest(r.id, subjects[1], r.messages, r.sampling, r.seed) for r in everything
        ]
        alone, alone_start, alone_tokens = timed(model, single)
    rate, alone_rate = tokens / (one - one_start), alone_tokens / (alone - alone_start)
    print(f"{len(everything)} requests of {len(subjects)} subjects, {tokens} new tokens")
    print(f"one engine:           {one:7.1f} s ({one_start:.1f} s to start), {rate:.0f} tokens/s")
    print(f"{len(subjects)} engines:           {several:7.1f} s ({several_start:.1f} s to start)")
    print(
        f"one adapter, as many: {alone:7.1f} s ({alone_start:.1f} s to start), "
        f"{alone_rate:.0f} tokens/s"
    )
    print(f"one engine / {len(subjects)} engines, starts included:      {one / several:.2f}")
    without = (one - one_start) / (several - several_start)
    print(f"one engine / {len(subjects)} engines, without their starts: {without:.2f}")
    print(f"mixed / one adapter, seconds a token:            {alone_rate / rate:.2f}")


if __name__ == "__main__":
    main()
