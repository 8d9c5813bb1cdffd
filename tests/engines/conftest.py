"""The embedded tiny models in the engine, and two adapters with random weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vibench.engines.transformers.engine import TransformersEngine, TransformersSession
from vibench.records import Adapter, Model, Subject

pytest.importorskip("torch")
pytest.importorskip("peft")


def tiny(stage: str) -> Model:
    template = "embedded:tiny-instruct" if stage == "base" else None
    return Model(
        f"tiny-{stage}",
        f"embedded:tiny-{stage}",
        identity=f"embedded:tiny-{stage}",
        stage=stage,  # type: ignore[arg-type]
        chat_template=template,
    )


@pytest.fixture(scope="session")
def instruct() -> Model:
    return tiny("instruct")


@pytest.fixture(scope="session")
def base() -> Model:
    return tiny("base")


@pytest.fixture(scope="session")
def make_engine() -> Callable[..., TransformersEngine]:
    """An engine with its schema's defaults, on the CPU, and what a test sets differently."""

    def make(**changed: Any) -> TransformersEngine:
        properties = TransformersEngine.parameters["properties"]
        defaults = {name: entry["default"] for name, entry in properties.items()}
        return TransformersEngine(**{**defaults, "device": "cpu", **changed})

    return make


@pytest.fixture(scope="session")
def session(
    make_engine: Callable[..., TransformersEngine], instruct: Model
) -> Iterator[TransformersSession]:
    opened = make_engine().open(instruct)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def save_adapter() -> Callable[..., Adapter]:
    """Writes a LoRA adapter with random weights; strength 0 changes nothing at all."""
    return write_adapter


def write_adapter(folder: Path, model: Model, seed: int, strength: float, rank: int = 4) -> Adapter:
    import torch
    from peft import LoraConfig, get_peft_model

    from vibench.engines.model_files import load_weights
    from vibench.engines.quiet import quiet

    torch.manual_seed(seed)
    with quiet():
        weights = get_peft_model(
            load_weights(model, device="cpu"),
            LoraConfig(task_type="CAUSAL_LM", r=rank, lora_alpha=16, target_modules="all-linear"),
        )
        for name, parameter in weights.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=strength)
        weights.save_pretrained(str(folder))
    return Adapter(f"{seed:032x}", model.source, str(folder))


@pytest.fixture(scope="session")
def adapters(tmp_path_factory: pytest.TempPathFactory, instruct: Model) -> list[Adapter]:
    folder = tmp_path_factory.mktemp("adapters")
    return [write_adapter(folder / str(seed), instruct, seed, strength=0.02) for seed in (1, 2)]


@pytest.fixture(scope="session")
def subjects(instruct: Model, adapters: list[Adapter]) -> list[Subject]:
    """Vanilla, prompted, two with adapters, and one with both."""
    return [
        Subject(instruct),
        Subject(instruct, system="You are kind."),
        Subject(instruct, adapters[0]),
        Subject(instruct, adapters[1]),
        Subject(instruct, adapters[0], "You are kind."),
    ]
