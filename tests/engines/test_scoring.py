"""A beginning that all rows have is read once, and the numbers stay what they are."""

from __future__ import annotations

import random
from typing import Any

import pytest

from vibench.engines import loglikelihoods as scoring
from vibench.engines.loglikelihoods import TokenRow, score

torch = pytest.importorskip("torch")

WORDS = 200
SHAPE = {
    "vocab_size": WORDS,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def model(kind: str) -> Any:
    """A small one with random weights."""
    import transformers

    torch.manual_seed(0)
    if kind == "recurrent":
        config: Any = transformers.MambaConfig(
            vocab_size=WORDS, hidden_size=32, num_hidden_layers=2
        )
        return transformers.MambaForCausalLM(config).eval()
    if kind == "sliding window":
        config = transformers.MistralConfig(**SHAPE, sliding_window=16)
        return transformers.MistralForCausalLM(config).eval()
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**SHAPE)).eval()


def rows(beginning: int, n: int = 24) -> list[TokenRow]:
    """Texts with a beginning in common, a question of their own, and two continuations each."""
    chance = random.Random(beginning)

    def ids(least: int, most: int) -> list[int]:
        return [chance.randrange(5, WORDS) for _ in range(chance.randint(least, most))]

    made = []
    common = ids(beginning, beginning)
    for _ in range(n // 2):
        context = [*common, *ids(1, 20)]
        made += [TokenRow([*context, *ids(1, 12)], len(context)) for _ in range(2)]
    return made


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each pass reads, padding too."""
    read: list[int] = []
    original = torch.nn.Embedding.forward

    def counted(self: Any, ids: Any) -> Any:
        read.append(ids.numel())
        return original(self, ids)

    monkeypatch.setattr(torch.nn.Embedding, "forward", counted)
    return read


@pytest.mark.parametrize("kind", ["full attention", "sliding window", "recurrent"])
def test_a_common_beginning_is_read_once_with_the_same_numbers(
    kind: str, tokens: list[int]
) -> None:
    asked, reader = rows(60), model(kind)
    together = score(reader, asked, 0)
    width = max(len(row.ids) for row in asked) - 1
    if kind == "recurrent":
        assert tokens[-1] == len(asked) * width, "its state is not to be repeated"
    else:
        assert tokens == [60, len(asked) * (width - 60)]
    alone = [score(reader, [row], 0)[0] for row in asked]
    assert [found.total for found in together] == pytest.approx([a.total for a in alone], abs=1e-4)
    assert [(f.tokens, f.greedy) for f in together] == [(a.tokens, a.greedy) for a in alone]


def test_a_continuation_that_all_share_is_scored_to_its_first_token(tokens: list[int]) -> None:
    """What rows share may reach into what is to be scored; that needs its logits."""
    common = [7 + n % 50 for n in range(80)]
    asked = [TokenRow([*common, last, 9], 50) for last in range(5, 30)]
    reader = model("full attention")
    together = score(reader, asked, 0)
    assert tokens[0] == 49
    alone = [score(reader, [row], 0)[0].total for row in asked]
    assert [found.total for found in together] == pytest.approx(alone, abs=1e-3)


@pytest.mark.parametrize(("beginning", "n"), [(12, 60), (60, 4)])
def test_what_spares_little_is_read_in_one_pass(beginning: int, n: int, tokens: list[int]) -> None:
    asked = rows(beginning, n)
    score(model("full attention"), asked, 0)
    assert len(tokens) == 1


def test_adapters_read_a_common_beginning_each_for_itself(tokens: list[int]) -> None:
    seen = []
    reader = model("full attention")
    reader.register_forward_pre_hook(
        lambda self, args, kwargs: seen.append(kwargs.pop("names")), with_kwargs=True
    )
    asked = rows(60)
    half = len(asked) // 2
    score(reader, asked, 0, options={"names": ["a"] * half + ["b"] * half})
    assert [set(names) for names in seen] == [{"a", "b"}]
    score(reader, asked, 0, options={"names": ["a"] * len(asked)})
    assert seen[1:] == [["a"], ["a"] * len(asked)]


@pytest.mark.parametrize(
    ("name", "setting"), [("_layers_of_keys_and_values", tuple), ("MAX_CACHE_BYTES", 10_000)]
)
def test_without_a_cache_or_room_for_it_all_is_read(
    monkeypatch: pytest.MonkeyPatch, tokens: list[int], name: str, setting: object
) -> None:
    asked, reader = rows(60), model("full attention")
    expected = score(reader, asked, 0)
    tokens.clear()
    monkeypatch.setattr(scoring, name, setting)
    found = score(reader, asked, 0)
    assert tokens[1] == len(asked) * (max(len(row.ids) for row in asked) - 1)
    assert [f.total for f in found] == pytest.approx([e.total for e in expected], abs=1e-4)
