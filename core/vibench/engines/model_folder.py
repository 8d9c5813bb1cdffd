"""Folders of models: the files that each must have, checked by names, headers and sizes alone.

Only safetensors weights are read: a pickle can run code, and GGUF weights are quantized, which
training cannot use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

from vibench.errors import UsageError

__all__ = ["TOKENIZERS", "check_folder", "check_weights", "parameter_count"]

TOKENIZERS = (
    "tokenizer.json",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "vocab.json",
    "vocab.txt",
)
"""Files of which a tokenizer needs one; its other files only add to it."""

WEIGHTS = "*.safetensors"
INDEX = "*.safetensors.index.json"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")

HEADER_SIZE = 8
"""Bytes at the beginning of a safetensors file that say how long its header is."""
LFS_POINTER = b"version https://git-lfs"

SAVE = "Save model and tokenizer there with save_pretrained (safetensors)."
CONVERT_GGUF = (
    "Name the model's original repository, or convert the file: scripts/real/convert_gguf.py of "
    "vibench's repository does it for models whose architecture transformers can read from GGUF."
)
CONVERT_PICKLE = (
    "Name a revision that has *.safetensors, or, if you trust the file, load it with transformers "
    "and save model and tokenizer with save_pretrained."
)
COPY_AGAIN = "Copy or download the file again."


def check_folder(folder: Path) -> None:
    """Raise UsageError naming what a folder lacks to be a model."""
    if folder.is_file():
        raise _file_instead(folder)
    if not folder.is_dir():
        raise UsageError(
            f"There is no model folder {folder}.",
            "Give a folder with config.json, a tokenizer and safetensors weights.",
        )
    _check_format(folder)
    gaps = list(_gaps(folder))
    if not any((folder / name).is_file() for name in TOKENIZERS):
        gaps.append("no tokenizer (tokenizer.json or tokenizer.model)")
    if gaps:
        raise UsageError(f"The model folder {folder} has {', '.join(gaps)}.", SAVE)
    _check_complete(folder)


def check_weights(folder: Path) -> None:
    """Raise UsageError if a folder's configuration or weights are absent or incomplete."""
    _check_format(folder)
    for gap in _gaps(folder):
        raise UsageError(f"The model folder '{folder}' has {gap}.", SAVE)
    _check_complete(folder)


def _gaps(folder: Path) -> Iterator[str]:
    if not (folder / "config.json").is_file():
        yield "no config.json"
    if next(folder.glob(WEIGHTS), None) is None:
        yield f"no weights ({WEIGHTS})"


def _file_instead(path: Path) -> UsageError:
    if path.suffix == ".gguf":
        return UsageError(
            f"{path} is a GGUF file, and vibench reads safetensors weights only.", CONVERT_GGUF
        )
    return UsageError(
        f"{path} is a file, and a model is a folder.",
        "Give the folder with config.json, a tokenizer and safetensors weights.",
    )


def _check_format(folder: Path) -> None:
    """Raise UsageError for a folder whose only weights are in a format that is not read."""
    if next(folder.glob(WEIGHTS), None) is not None:
        return
    if gguf := next(folder.glob("*.gguf"), None):
        raise UsageError(
            f"The model folder {folder} has GGUF weights only ({gguf.name}), and vibench reads "
            "safetensors.",
            CONVERT_GGUF,
        )
    pickle = next((path for pattern in PICKLES for path in sorted(folder.glob(pattern))), None)
    if pickle:
        raise UsageError(
            f"The model folder {folder} has pickled weights only ({pickle.name}), which can run "
            "code when they are loaded, and vibench reads safetensors.",
            CONVERT_PICKLE,
        )


def _check_complete(folder: Path) -> None:
    """Raise UsageError for a file of weights that is absent, cut off or only a pointer to it."""
    for index in sorted(folder.glob(INDEX)):
        for name in _shards(index):
            if not (folder / name).is_file():
                raise UsageError(
                    f"The model folder {folder} lacks {name}, which {index.name} lists.",
                    "Copy or download the model again.",
                )
    for path in sorted(folder.glob(WEIGHTS)):
        if problem := _incompleteness(path):
            raise UsageError(
                f"The model folder {folder} cannot be loaded: {path.name} {problem}.", COPY_AGAIN
            )


def _shards(index: Path) -> list[str]:
    try:
        return sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError):
        raise UsageError(f"The index {index} cannot be read.", COPY_AGAIN) from None


def parameter_count(folder: Path) -> int:
    """Return the number of weights in a folder's files, by their headers; 0 if none is readable."""
    try:
        tensors = [t for path in folder.glob(WEIGHTS) for t in _tensors(path).values()]
        return sum(prod(tensor["shape"]) for tensor in tensors)
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _incompleteness(path: Path) -> str:
    """Return what is wrong with a safetensors file by its header and size; "" if nothing is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(LFS_POINTER))
    if start == LFS_POINTER:
        return "is a Git LFS pointer in place of the weights (git lfs pull fetches them)"
    header_size = int.from_bytes(start[:HEADER_SIZE], "little")
    if size < HEADER_SIZE or header_size > size - HEADER_SIZE:
        return "is cut off or not a safetensors file"
    try:
        ends = [int(tensor["data_offsets"][1]) for tensor in _tensors(path).values()]
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        return "has no readable header, so it is not a safetensors file"
    expected = HEADER_SIZE + header_size + max(ends, default=0)
    if size < expected:
        return f"is cut off: it has {size:,} of {expected:,} bytes"
    return ""


def _tensors(path: Path) -> Mapping[str, Any]:
    """Return dtype, shape and offsets of a safetensors file's tensors by name. Raises ValueError
    without a header in JSON."""
    with path.open("rb") as file:
        header_size = int.from_bytes(file.read(HEADER_SIZE), "little")
        if header_size > path.stat().st_size:
            raise ValueError("the header is longer than the file")
        header = json.loads(file.read(header_size))
    return {name: tensor for name, tensor in header.items() if name != "__metadata__"}
