"""Malformed, deep and huge input is one short sentence and a hint; so are others' names."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from bad_input import Reader, complaint, generated
from command_line import CommandLine

from vibench.errors import UnknownName, UsageError
from vibench.nesting import MAX_DEPTH, TooDeep, check_depth, parsed_json
from vibench.text import echoed

CASES = 152
HUGE = "x\u202e" * 30_000
HOSTILE = "\x1b[2J\u202e\ud800\n"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def test_generated_input_is_accepted_or_refused_in_one_sentence(
    reader: Reader, tmp_path: Path
) -> None:
    results = set()
    for seed in range(CASES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        result, defect = complaint(reader, generated(seed), folder)
        assert not defect, f"case {seed}: {defect}"
        results.add(result)
    assert results == {"accepted", "refused"}


@pytest.mark.parametrize("kind", ["list", "table", "dotted key"])
def test_a_matrix_nested_3000_deep_is_one_sentence(kind: str, tmp_path: Path) -> None:
    deep = {
        "list": f"models = {'[' * 3000}{']' * 3000}",
        "table": f"models = {'{a = ' * 3000}1{'}' * 3000}",
        "dotted key": f"{'.'.join('a' * 3000)} = 1",
    }[kind]
    (tmp_path / "matrix.toml").write_text(deep)
    done = CommandLine(tmp_path)("plan", "matrix.toml")
    assert done.returncode == 2
    first, second, *rest = done.stderr.splitlines()
    assert not rest
    assert first.startswith("vibench: The matrix file matrix.toml nests tables or lists more than")
    assert second.startswith("  Write it as a matrix file")


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "--limit", HUGE),
        (HUGE,),
        ("plan", f"--{HUGE}"),
        ("plan", HUGE),
        ("plan", "--eval", HUGE),
        ("data", HUGE),
        ("tables", HUGE),
    ],
)
def test_a_huge_argument_is_repeated_shortened_and_escaped(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = CommandLine(tmp_path)(*arguments)
    assert done.returncode == 2
    assert len(done.stderr) < 1000
    assert "\u202e" not in done.stderr
    assert "Traceback" not in done.stderr


def test_depth_is_counted_exactly() -> None:
    assert parsed_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(TooDeep):
            parsed_json("[" * depth + "]" * depth)
    check_depth([[1]] * 500)  # Wide is not deep.


def test_an_echo_is_short_and_printable() -> None:
    for error in (
        UsageError(f"Wrong: {HOSTILE * 50_000}.", f"Correct {HOSTILE * 50_000}."),
        UnknownName("judge", HOSTILE * 50_000, ["rules"]),
    ):
        for text in (error.message, error.hint.replace("\n", "")):
            assert len(text) < 1300
            assert not {unicodedata.category(letter) for letter in text} & {"Cc", "Cf", "Cs"}
    assert echoed("a\x1b\u202eb") == "a\\x1b\\u202eb"
    assert echoed("a" * 100_000) == "a" * 40 + "..." + "a" * 20
    assert echoed("Straße 😀") == "Straße 😀"


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ("dpo.lr=1e-5", "Use dpo.learning_rate."),
        ("dpo.bf16=true", "Use dpo.dtype."),
        ("dpo.per_device_train_batch_size=4", "Use dpo.batch_size."),
        ("dpo.r=8", "Use dpo.lora_rank."),
        ("dpo.loss_type=ipo", "--set 'dpo.trl={\"loss_type\": VALUE}'"),
        ("dpo.temperature=1", "Use sampling.temperature."),
        ("dpo.beta_dpo=1", "Did you mean beta?"),
        ("sampling.max_new_tokens=9", "Use sampling.max_tokens."),
        ("transformers.torch_dtype=float32", "Use transformers.dtype."),
        ("generation.max_new_tokens=9", "Did you mean sampling.max_tokens?"),
        ("peft.lora_alpha=8", "Did you mean dpo.lora_alpha?"),
        ("vllm.dtype=float16", "name the engine: --engine vllm. For what this run uses: "),
        ("advbench.limit=3", "Use --limit."),
    ],
)
def test_a_setting_of_another_tool_gets_the_name_of_ours(
    reader: Reader, setting: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        reader.configuration(evals=["advbench"], inducers=["dpo"], sets=[setting])
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("flags", "hint"),
    [
        ({"judges": ["./folder"]}, "--judge mistral --set mistral.model=./folder"),
        ({"judges": ["org/model"]}, "--judge mistral --set mistral.model=org/model"),
        ({"judges": ["openai:gpt-5"]}, "--set mistral.engine=openai --set mistral.model=gpt-5"),
        ({"evals": ["./tasks.yaml"]}, "--eval lm-eval:tasks --set lm-eval:tasks.include_path=."),
    ],
)
def test_a_model_for_a_judge_and_a_task_for_an_eval_get_the_setting_that_names_them(
    reader: Reader, flags: dict[str, list[str]], hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        reader.configuration(**{"evals": ["advbench"], "values": ["empathy"], **flags})
    assert hint in caught.value.hint
