"""A model folder that cannot be used is refused before anything is loaded, in two sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import CommandLine

from vibench.engines.model_folder import check_folder, check_weights
from vibench.errors import UsageError

HEADER = json.dumps(
    {"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "__metadata__": {"format": "pt"}}
).encode()
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER + bytes(16)
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 538090408\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a folder with a configuration, a tokenizer and the files given by name."""

    def folder_of(files: dict[str, bytes], without: tuple[str, ...] = ()) -> Path:
        folder = tmp_path / "model"
        folder.mkdir()
        for name, content in {"config.json": b"{}", "tokenizer.json": b"{}", **files}.items():
            if name not in without:
                (folder / name).write_bytes(content)
        return folder

    return folder_of


def index(*names: str) -> bytes:
    return json.dumps({"weight_map": {f"layer.{n}": name for n, name in enumerate(names)}}).encode()


def test_a_complete_folder_is_accepted(write: Write) -> None:
    shards = {"a.safetensors": WEIGHTS, "b.safetensors": WEIGHTS}
    folder = write(
        {
            **shards,
            "model.safetensors.index.json": index(*shards),
            "pytorch_model.bin": b"",
            "q4.gguf": b"",
        }
    )
    check_folder(folder)
    check_weights(folder)


@pytest.mark.parametrize(
    ("files", "problem", "remedy"),
    [
        ({"q4.gguf": b"GGUF"}, r"GGUF weights only \(q4\.gguf\)", "convert_gguf.py"),
        ({"pytorch_model.bin": b""}, r"pickled weights only \(pytorch_model\.bin\)", "trust"),
        ({"consolidated.00.pth": b""}, "pickled weights only", "save_pretrained"),
        ({}, r"no weights \(\*\.safetensors\)", "save_pretrained"),
        ({"model.safetensors": WEIGHTS[:-1]}, r"cut off: it has \d+ of \d+ bytes", "again"),
        ({"model.safetensors": WEIGHTS[:40]}, "cut off or not a safetensors file", "again"),
        ({"model.safetensors": b""}, "cut off or not a safetensors file", "again"),
        ({"model.safetensors": POINTER}, "Git LFS pointer", "again"),
        (
            {"model.safetensors": (9).to_bytes(8, "little") + b"not JSON."},
            "no readable header",
            "again",
        ),
        (
            {
                "a.safetensors": WEIGHTS,
                "model.safetensors.index.json": index("a.safetensors", "b.safetensors"),
            },
            r"lacks b\.safetensors",
            "again",
        ),
        (
            {"model.safetensors": WEIGHTS, "model.safetensors.index.json": b"[]"},
            "index .* cannot be read",
            "again",
        ),
    ],
)
def test_weights_that_cannot_be_read_are_named(
    write: Write, files: dict[str, bytes], problem: str, remedy: str
) -> None:
    folder = write(files)
    for check in (check_folder, check_weights):
        with pytest.raises(UsageError, match=problem) as caught:
            check(folder)
        assert str(folder) in caught.value.message
        assert remedy in caught.value.hint


def test_a_folder_without_a_tokenizer_says_so(write: Write) -> None:
    folder = write({"model.safetensors": WEIGHTS}, without=("tokenizer.json",))
    with pytest.raises(UsageError, match="has no tokenizer"):
        check_folder(folder)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("model/q4.gguf", "is a GGUF file"),
        ("./model/q4.gguf", "is a GGUF file"),
        ("model", "GGUF weights only"),
        ("model/config.json", "is a file, and a model is a folder"),
    ],
)
def test_the_command_line_refuses_it_with_exit_code_2(
    write: Write, vibench: CommandLine, name: str, problem: str
) -> None:
    write({"q4.gguf": b"GGUF"})
    done = vibench("plan", "--model", name, "--inducer", "prompt", "--eval", "advbench")
    assert done.returncode == 2
    assert problem in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
