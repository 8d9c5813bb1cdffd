"""A model's identity: by its content, so that keys follow weights and not paths."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

from vibench.embedded import PREFIX, locate
from vibench.engines.model_folder import TOKENIZERS, check_folder
from vibench.errors import UsageError
from vibench.records import digest

__all__ = ["is_folder", "model_identity", "template_identity"]

CONTENT = (
    *TOKENIZERS,
    "config.json",
    "generation_config.json",
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
)
"""The files, beside `*.safetensors`, that decide a model's answers."""


def is_folder(source: str) -> bool:
    """Return whether a source is a local path and not a hub ID or an embedded model."""
    return source.startswith(("/", "./", "../", "~"))


def model_identity(source: str, revision: str | None) -> str:
    """Return `hub:ID@REVISION`, or `sha256:HEX` over a local folder's files that matter.

    Raises UsageError if a local folder cannot be a model.
    """
    if not (is_folder(source) or source.startswith(PREFIX)):
        return f"hub:{source}@{revision or 'main'}"
    folder = Path(locate(source)).expanduser()
    check_folder(folder)
    return "sha256:" + digest([[path.name, _file_hash(path)] for path in _files(folder)])


def template_identity(source: str, revision: str | None = None) -> str:
    """Return the like for a chat template: of the template alone where it is at hand, so that
    retraining the model it is borrowed from changes nothing.

    Raises UsageError if there is none.
    """
    if not (is_folder(source) or source.startswith(PREFIX)):
        return f"hub:{source}@{revision or 'main'}"
    path = Path(locate(source)).expanduser()
    template = path.read_text("utf-8") if path.is_file() else _template(path)
    return "sha256:" + digest(template)


def _files(folder: Path) -> list[Path]:
    content = [folder / name for name in CONTENT]
    weights = [*folder.glob("*.safetensors"), *folder.glob("*.safetensors.index.json")]
    return sorted(path for path in (*content, *weights) if path.is_file())


def _file_hash(path: Path) -> str:
    status = path.stat()
    return _hash(str(path.resolve()), status.st_mtime_ns, status.st_size)


# Weights are gigabytes: a file is hashed again only if its time or size changed.
@functools.lru_cache(maxsize=4096)
def _hash(path: str, _modified: int, _size: int) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _template(folder: Path) -> str:
    for name in ("chat_template.jinja", "chat_template.json", "tokenizer_config.json"):
        path = folder / name
        if not path.is_file():
            continue
        text = path.read_text("utf-8")
        if name.endswith(".jinja"):
            return text
        template = json.loads(text).get("chat_template")
        if template:
            return template if isinstance(template, str) else json.dumps(template)
    raise UsageError(
        f"There is no chat template in {folder}.",
        "Name a .jinja file, or a model whose tokenizer has a template, as chat_template.",
    )
