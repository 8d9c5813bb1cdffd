"""Adapters of every kind: those that rewrite the base are refused, the others are PEFT's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.engines.adapter_kinds import AdapterError, read_kind
from vibench.engines.receipt import measure_with_peft
from vibench.engines.transformers.engine import TransformersEngine, TransformersSession
from vibench.errors import PluginError
from vibench.records import (
    Adapter,
    Loglikelihood,
    LoglikelihoodRequest,
    Message,
    Model,
    PreferencePair,
    Subject,
)
from vibench.stages.adapter import check_adapter

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

MakeEngine = Callable[..., TransformersEngine]
TEXTS = ("Gardens need water.", "I feel for you.", "It is a long way home.")
ATTENTION = ["q_proj", "v_proj"]


def config_of(name: str) -> Any:
    lora = {"r": 4, "lora_alpha": 16, "target_modules": ATTENTION, "task_type": "CAUSAL_LM"}
    return {
        "lora": lambda: peft.LoraConfig(**lora),
        "rslora": lambda: peft.LoraConfig(
            **lora, use_rslora=True, lora_bias=True, rank_pattern={"q_proj": 2}
        ),
        "dora": lambda: peft.LoraConfig(**lora, use_dora=True),
        "norms": lambda: peft.LoraConfig(**lora, modules_to_save=["norm"]),
        "tokens": lambda: peft.LoraConfig(**lora, trainable_token_indices=[5, 6, 7]),
        "ia3": lambda: peft.IA3Config(
            target_modules=[*ATTENTION, "down_proj"],
            feedforward_modules=["down_proj"],
            task_type="CAUSAL_LM",
        ),
        "loha": lambda: peft.LoHaConfig(r=4, target_modules=ATTENTION, task_type="CAUSAL_LM"),
        "lokr": lambda: peft.LoKrConfig(r=4, target_modules=ATTENTION, task_type="CAUSAL_LM"),
        "vera": lambda: peft.VeraConfig(r=4, target_modules=ATTENTION, task_type="CAUSAL_LM"),
        "oft": lambda: peft.OFTConfig(
            r=4, oft_block_size=0, target_modules=ATTENTION, task_type="CAUSAL_LM"
        ),
        "ln": lambda: peft.LNTuningConfig(
            target_modules=["input_layernorm"], task_type="CAUSAL_LM"
        ),
        "pissa": lambda: peft.LoraConfig(**lora, init_lora_weights="pissa"),
        "pissa_niter_4": lambda: peft.LoraConfig(**lora, init_lora_weights="pissa_niter_4"),
        "olora": lambda: peft.LoraConfig(**lora, init_lora_weights="olora"),
        "bias": lambda: peft.LoraConfig(**lora, bias="all"),
        "prompt": lambda: peft.PromptTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM"),
    }[name]()


@pytest.fixture(scope="module")
def trained(instruct: Model, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Adapter]:
    """Writes an adapter of a kind with plain PEFT, its trainable weights moved at random."""
    made: dict[str, Adapter] = {}

    def make(name: str) -> Adapter:
        from vibench.engines.model_files import load_weights
        from vibench.engines.quiet import quiet

        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            torch.manual_seed(len(made))
            with quiet():
                model = peft.get_peft_model(load_weights(instruct, device="cpu"), config_of(name))
                for parameter in model.parameters():
                    if parameter.requires_grad:
                        parameter.data += 0.05 * torch.randn_like(parameter)
                model.save_pretrained(folder)
            made[name] = Adapter(f"{len(made):02d}".ljust(32, "a"), "", str(folder))
        return made[name]

    return make


def numbers(session: TransformersSession, model: Model, *adapters: Adapter | None) -> list[float]:
    """The log-probabilities of all texts for each subject, asked in one mixed queue."""
    requests = [
        LoglikelihoodRequest(
            f"{text}-{place}", Subject(model, adapter), (Message("user", "Hi"),), TEXTS[text]
        )
        for text in range(len(TEXTS))
        for place, adapter in enumerate(adapters)
    ]
    answers = {answer.id: answer for answer in session.run(requests)}
    assert not [a.error for a in answers.values() if a.error]
    totals = (answers[request.id] for request in requests)
    return [answer.total for answer in totals if isinstance(answer, Loglikelihood)]


def expected(model: Model, *adapters: Adapter | None) -> list[float]:
    """The same by PEFT alone, each adapter on a base of its own."""
    pairs = [PreferencePair(text, (Message("user", "Hi"),), text, "no") for text in TEXTS]
    rows = {
        adapter: measure_with_peft(Subject(model, adapter), pairs, device="cpu")[1]
        for adapter in adapters
        if adapter is not None
    }
    base = next(iter(rows.values()))
    return [
        base[text].base if adapter is None else rows[adapter][text].adapted
        for text in range(len(TEXTS))
        for adapter in adapters
    ]


@pytest.mark.parametrize(
    "name", ["dora", "norms", "tokens", "ia3", "loha", "lokr", "vera", "oft", "ln", "rslora"]
)
def test_a_queue_of_all_kinds_gives_each_row_what_peft_gives(
    name: str, make_engine: MakeEngine, instruct: Model, trained: Callable[[str], Adapter]
) -> None:
    session = make_engine().open(instruct)
    vanilla = numbers(session, instruct, None)
    subjects = (trained("lora"), trained(name), None, trained("rslora"), trained(name))
    found = numbers(session, instruct, *subjects)
    wanted = expected(instruct, *subjects)
    assert found == pytest.approx(wanted, abs=2e-3)
    assert abs(found[1] - found[2]) > 0.02, "the adapter changes something"
    assert numbers(session, instruct, None) == vanilla, "and the base is as it was"
    session.close()


def test_kinds_that_mix_share_batches_and_others_do_not(
    make_engine: MakeEngine, instruct: Model, trained: Callable[[str], Adapter]
) -> None:
    session = make_engine().open(instruct)
    plain, other = trained("lora"), trained("dora")
    together = session.shelf.can_share_batch
    assert together(plain, trained("rslora"))
    assert together(plain, None)
    assert together(other, other)
    assert not together(other, None)
    assert not together(plain, other)
    session.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pissa", "init_lora_weights='pissa', which rewrites the base"),
        ("pissa_niter_4", "path_initial_model_for_weight_conversion"),
        ("olora", "which rewrites the base"),
        ("bias", "overwrites the base model's own biases"),
        ("prompt", "PEFT's method PROMPT_TUNING"),
    ],
)
def test_what_rewrites_the_base_is_refused_and_the_base_answers_as_before(
    name: str,
    words: str,
    make_engine: MakeEngine,
    instruct: Model,
    trained: Callable[[str], Adapter],
) -> None:
    session = make_engine().open(instruct)
    before = numbers(session, instruct, None, trained("lora"))
    (answer,) = session.run(
        [
            LoglikelihoodRequest(
                "it", Subject(instruct, trained(name)), (Message("user", "Hi"),), TEXTS[0]
            )
        ]
    )
    assert words in str(answer.error)
    assert numbers(session, instruct, None, trained("lora")) == before
    with pytest.raises(PluginError, match="no engine can use"):
        check_adapter(Path(trained(name).path), "The inducer 'other'")
    session.close()


def test_a_converted_pissa_adapter_is_plain_lora(
    make_engine: MakeEngine, instruct: Model, tmp_path: Path
) -> None:
    from vibench.engines.model_files import load_weights
    from vibench.engines.quiet import quiet

    torch.manual_seed(3)
    with quiet():
        model = peft.get_peft_model(load_weights(instruct, device="cpu"), config_of("pissa"))
        model.peft_config["default"].init_lora_weights = True
        model.save_pretrained(tmp_path / "start")
        model.peft_config["default"].init_lora_weights = "pissa"
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.data += 0.02 * torch.randn_like(parameter)
        model.save_pretrained(
            tmp_path / "plain", path_initial_model_for_weight_conversion=str(tmp_path / "start")
        )
    adapter = Adapter("c" * 32, "", str(tmp_path / "plain"))
    session = make_engine().open(instruct)
    assert numbers(session, instruct, adapter, None) == pytest.approx(
        expected(instruct, adapter, None), abs=2e-3
    )
    session.close()


def test_a_kind_that_is_wrongly_taken_for_harmless_ends_the_session(
    make_engine: MakeEngine,
    instruct: Model,
    trained: Callable[[str], Adapter],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The names are one guard; that the weights are as they were is the other."""
    from vibench.engines import adapter_kinds

    monkeypatch.setattr(adapter_kinds, "HARMLESS", (*adapter_kinds.HARMLESS, "pissa"))
    session = make_engine().open(instruct)
    asked = LoglikelihoodRequest(
        "it", Subject(instruct, trained("pissa")), (Message("user", "Hi"),), TEXTS[0]
    )
    (answer,) = session.run([asked])
    assert "rewrote the base model's weights" in str(answer.error)
    with pytest.raises(AdapterError, match="can answer no more requests"):
        numbers(session, instruct, None)
    session.close()


@pytest.mark.parametrize(
    ("changed", "name", "mixes"),
    [
        ({}, "LoRA", True),
        ({"use_rslora": True, "eva_config": {"rho": 2}}, "LoRA", True),
        ({"use_dora": True}, "DoRA", False),
        ({"velora_config": {"groups": 2}}, "LoRA with velora_config", False),
        ({"init_lora_weights": "mica"}, "MiCA", False),
    ],
)
def test_kinds_are_told_by_their_configuration(
    changed: dict[str, Any],
    name: str,
    mixes: bool,
    trained: Callable[[str], Adapter],
    tmp_path: Path,
) -> None:
    shutil.copytree(trained("lora").path, tmp_path / "it")
    file = tmp_path / "it" / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changed}))
    kind = read_kind(tmp_path / "it")
    assert (kind.name, kind.mixes) == (name, mixes)
