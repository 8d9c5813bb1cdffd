"""Tokenizers and weights of models: local folders, hub ids, `embedded:NAME`.

Only safetensors weights are read: a pickle can run code. Problems that the user can solve are
UsageErrors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vibench.embedded import locate
from vibench.engines.model_folder import check_weights
from vibench.engines.quiet import quiet
from vibench.engines.thought_switch import pin_thinking
from vibench.errors import MissingExtra, UsageError
from vibench.records import Model

__all__ = [
    "choose_device",
    "load_config",
    "load_tokenizer",
    "load_weights",
    "require_packages",
    "template_of",
]

VOCABULARIES = ("tokenizer.*", "vocab.*", "spiece.model")
"""Files of which a tokenizer that transformers reads has at least one."""
TEKKEN = "tekken.json"
"""The vocabulary in Mistral's own format."""


def require_packages(*modules: str, what: str, extra: str) -> None:
    """Raise MissingExtra for the first module that is not installed."""
    for module in modules:
        if find_spec(module) is None:
            raise MissingExtra(what, extra, module)


def choose_device(device: str) -> str:
    """Return the device; `auto` is the first GPU if there is one. Raises UsageError for a GPU
    that torch does not see."""
    import torch

    cuda = torch.cuda.is_available()
    if device == "auto":
        return "cuda:0" if cuda else "cpu"
    if device.startswith("cuda") and not cuda:
        raise UsageError(
            f"The device '{device}' was requested, but torch sees no GPU.",
            "Leave device at 'auto', or install a torch build for your GPU.",
        )
    return device


def load_tokenizer(model: Model, chat_template: str = "", trust_remote_code: bool = False) -> Any:
    """Return the model's tokenizer, with the chat template that its subjects are rendered by.

    The template is `chat_template` if given (a .jinja file, a model, or the name of one of
    several templates of the tokenizer), else the tokenizer's own, else that of
    `model.chat_template`; there may be none. A tokenizer without a padding token pads with
    its end-of-text token. Raises UsageError if the template cannot be told `model.thinking`.
    """
    folder = _folder_or_hub_id(model.source)
    _check_tokenizer_files(model.source, Path(folder))
    tokenizer = _auto_tokenizer(model.source, folder, model.revision, trust_remote_code)
    shipped = tokenizer.chat_template
    if chat_template and not (isinstance(shipped, dict) and chat_template in shipped):
        tokenizer.chat_template = template_of(chat_template, "", trust_remote_code)
    elif shipped:
        tokenizer.chat_template = _single_template(model.name, shipped, chat_template)
    elif model.chat_template:
        tokenizer.chat_template = template_of(
            model.chat_template, model.chat_template_identity, trust_remote_code
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    pin_thinking(tokenizer, model)
    return tokenizer


def template_of(source: str, identity: str = "", trust_remote_code: bool = False) -> str:
    """Return the chat template in a .jinja file or of another model's tokenizer.

    `identity` is the other model's, whose revision is read ("hub:NAME@REVISION"). Raises
    UsageError if there is no template.
    """
    if Path(source).is_file():
        return Path(source).read_text(encoding="utf-8")
    revision = identity.rpartition("@")[2] if identity.startswith("hub:") else ""
    tokenizer = _auto_tokenizer(source, _folder_or_hub_id(source), revision, trust_remote_code)
    if not tokenizer.chat_template:
        raise UsageError(
            f"'{source}' is to provide a chat template, but it has none.",
            "Name an instruct model or a .jinja file.",
        )
    return _single_template(source, tokenizer.chat_template)


def _auto_tokenizer(source: str, folder: str, revision: str | None, trust_remote_code: bool) -> Any:
    from transformers import AutoTokenizer

    with _load_errors(source):
        try:
            tokenizer = AutoTokenizer.from_pretrained(
                folder,
                revision=revision or "main",
                trust_remote_code=trust_remote_code,
                # With mistral-common installed (vLLM needs it), a tekken.json would otherwise
                # bring a tokenizer that reads special tokens in rendered text as plain text.
                mistral_format=False,
            )
        except ImportError as error:
            if "MistralConverter" in str(error):
                raise _only_tekken(source) from error
            raise
    if Path(str(tokenizer.init_kwargs.get("vocab_file") or "")).name == TEKKEN:
        raise _only_tekken(source)
    return tokenizer


def _check_tokenizer_files(source: str, folder: Path) -> None:
    """Raise UsageError for a local folder without a tokenizer that transformers reads."""
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {"tokenizer.json"}
    if any(fnmatch(name, pattern) for name in names for pattern in VOCABULARIES):
        return
    if TEKKEN in names:
        raise _only_tekken(source)
    # A configuration alone may name code (with trust_remote_code) that brings a vocabulary.
    if "tokenizer_config.json" not in names:
        raise UsageError(
            f"The model folder '{source}' has no tokenizer.",
            "Save the model's tokenizer into it (tokenizer.save_pretrained).",
        )


def _only_tekken(source: str) -> UsageError:
    # transformers reads this file in one way or another, depending on the packages that are
    # installed, and one of these ways gives other tokens for the same prompt.
    return UsageError(
        f"'{source}' has its tokenizer in Mistral's own format only ({TEKKEN}), and vibench "
        "renders prompts with tokenizer.json.",
        "Use a repository or folder of the model that has tokenizer.json and "
        "tokenizer_config.json, or add the two files to a local copy of the model.",
    )


def _single_template(model: str, templates: str | dict[str, str], name: str = "") -> str:
    """Return the tokenizer's only template, or of several the one called `name`, else the default.

    Raises UsageError if it has several, and none with that name.
    """
    if isinstance(templates, str):
        return templates
    if (name or "default") in templates:
        return templates[name or "default"]
    names = ", ".join(f"'{each}'" for each in sorted(templates))
    first = min(templates)
    raise UsageError(
        f"The tokenizer of '{model}' has several chat templates ({names}) and none of them is "
        "the default.",
        f"Choose one by its name: --set transformers.chat_template={first} or "
        f"vllm.chat_template={first}, and the same for an inducer that trains.",
    )


def load_config(model: Model, trust_remote_code: bool = False) -> Any:
    """Load a model's configuration. Raises UsageError if it cannot be loaded."""
    from transformers import AutoConfig

    with _load_errors(model.source):
        return AutoConfig.from_pretrained(
            _folder_or_hub_id(model.source),
            revision=model.revision or "main",
            trust_remote_code=trust_remote_code,
        )


def load_weights(
    model: Model, dtype: str = "auto", device: str = "auto", trust_remote_code: bool = False
) -> Any:
    """Return the model on its device, in evaluation mode.

    dtype `auto` is float32 on the CPU and the checkpoint's own on a GPU. Raises UsageError if the
    model cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM

    folder = _folder_or_hub_id(model.source)
    local = Path(folder)
    if local.is_dir():
        check_weights(local)
    device = choose_device(device)
    kind = getattr(torch, dtype) if dtype != "auto" else torch.float32 if device == "cpu" else dtype
    with _load_errors(model.source):
        weights = AutoModelForCausalLM.from_pretrained(
            folder,
            revision=model.revision or "main",
            dtype=kind,
            use_safetensors=True,
            trust_remote_code=trust_remote_code,
        )
    return weights.to(device).eval()


def _folder_or_hub_id(source: str) -> str:
    """Return a folder on this machine, or the source as it is for a hub id.

    Raises UsageError for a path at which there is no folder.
    """
    located = locate(source)
    folder = Path(located).expanduser()
    if folder.is_dir():
        return str(folder)
    # The hub would be asked for it, and its error would be about the network.
    if located.startswith((".", "/", "~")) or located.count("/") > 1:
        raise UsageError(
            f"There is no model folder '{source}'.",
            "Check the path, or name a hub id (organisation/model).",
        )
    return located


@contextmanager
def _load_errors(source: str) -> Iterator[None]:
    """Within it, the libraries' exceptions about a model become a UsageError with a hint."""
    from safetensors import SafetensorError

    local = Path(locate(source)).expanduser().is_dir()
    try:
        with quiet():
            yield
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        cause = str(error).strip().partition("\n")[0] or type(error).__name__
        if local:
            raise UsageError(
                f"The model folder '{source}' cannot be loaded: {cause}",
                "Check that it holds a complete transformers model (save_pretrained).",
            ) from error
        raise UsageError(
            f"The model '{source}' cannot be loaded from the hub: {cause}",
            _hub_hint(source),
        ) from error


def _hub_hint(source: str) -> str:
    if "gguf" in source.lower():
        return "GGUF files are not read: name the repository that has safetensors weights."
    return (
        "Check its name, the network and your access to it (hf auth login), or pass a local folder."
    )
