"""Chat templates read from a model's files, without transformers: for planning, where loading a
tokenizer would take longer than all else."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from vibench.embedded import locate
from vibench.engines.chat_template import Renderer
from vibench.engines.template_facts import TemplateFacts
from vibench.engines.thought_switch import pin_thinking
from vibench.records import Model

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.parser import Parser

__all__ = ["TemplateFile", "local_facts", "local_template"]

TOKENS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token")
CONFIGS = ("special_tokens_map.json", "tokenizer_config.json")
"""The files that name a tokenizer's special tokens; the last one counts."""

Templates = str | dict[str, str]


class TemplateFile:
    """A template with its special tokens, which renders as the tokenizer it belongs to does."""

    def __init__(
        self, chat_template: str, tokens: Mapping[str, str], name_or_path: str = ""
    ) -> None:
        self.chat_template = chat_template
        self.tokens = tokens
        self.name_or_path = name_or_path

    def apply_chat_template(
        self,
        conversation: Sequence[Mapping[str, Any]],
        *,
        tokenize: bool = False,
        add_generation_prompt: bool = False,
    ) -> str:
        """Return the conversation as text. Raises as transformers does."""
        if tokenize:
            raise TypeError("a template without its tokenizer gives text")
        return _compiled(self.chat_template).render(
            messages=conversation, add_generation_prompt=add_generation_prompt, **self.tokens
        )


def local_template(model: Model, chat_template: str = "") -> TemplateFile | None:
    """Return the template that `load_tokenizer` would give a model, if its files are on this
    machine; None too if they cannot be read: loading the model gives the reason."""
    try:
        files = _Files(model.source, model.revision)
        templates = files.templates()
        text: Templates | None = templates
        if chat_template and not (isinstance(templates, dict) and chat_template in templates):
            text = _template_of(chat_template)
        elif not templates and model.chat_template:
            text = _template_of(model.chat_template)
        if isinstance(text, dict):
            text = text.get(chat_template) or text.get("default")
        return TemplateFile(text, files.tokens(), model.name) if text else None
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


def local_facts(model: Model, chat_template: str = "") -> TemplateFacts | None:
    """Return the facts of a model's template, if its files are on this machine.

    Raises UsageError if the template cannot be told `model.thinking`.
    """
    from jinja2 import TemplateSyntaxError

    template = local_template(model, chat_template)
    if template is None:
        return None
    try:
        pin_thinking(template, model)
        return TemplateFacts.of(Renderer(template), model)
    except TemplateSyntaxError:  # Loading the model reports it.
        return None


class _Files:
    """The files of a model folder, or of a repository in the hub's cache."""

    def __init__(self, source: str, revision: str | None = None) -> None:
        self.source, self.revision = source, revision or "main"
        folder = Path(locate(source)).expanduser()
        self.folder = folder if folder.is_dir() else None

    def read(self, name: str) -> str | None:
        """Return a file's text; None if it is not on this machine."""
        path = self.folder / name if self.folder else self._cached(name)
        return path.read_text(encoding="utf-8") if path is not None and path.is_file() else None

    def _cached(self, name: str) -> Path | None:
        from huggingface_hub import try_to_load_from_cache

        cached = try_to_load_from_cache(self.source, name, revision=self.revision)
        return Path(cached) if isinstance(cached, str) else None

    def templates(self) -> Templates | None:
        """Return the template, or several by name."""
        text = self.read("chat_template.jinja")
        if text is not None:
            return text
        for name in ("chat_template.json", "tokenizer_config.json"):
            templates = json.loads(self.read(name) or "{}").get("chat_template")
            if isinstance(templates, list):
                return {entry["name"]: entry["template"] for entry in templates}
            if isinstance(templates, str | dict):
                return templates
        return None

    def tokens(self) -> dict[str, str]:
        """Return the special tokens that templates write by name."""
        tokens: dict[str, str] = {}
        for name in CONFIGS:
            table = json.loads(self.read(name) or "{}")
            for token in TOKENS:
                entry = table.get(token)
                text = entry.get("content") if isinstance(entry, dict) else entry
                if text:
                    tokens[token] = str(text)
        return tokens


def _template_of(source: str) -> Templates | None:
    path = Path(source)
    return path.read_text(encoding="utf-8") if path.is_file() else _Files(source).templates()


@functools.lru_cache(maxsize=64)
def _compiled(template: str) -> Template:
    """Return a template in the environment that transformers gives templates."""
    from jinja2 import TemplateError, nodes
    from jinja2.ext import Extension
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """The tag around an answer, which shows as the text that is in it."""

        tags = {"generation"}  # noqa: RUF012  # Jinja's own declaration.

        def parse(self, parser: Parser) -> nodes.Node:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return nodes.Scope(body, lineno=line)

    def raise_exception(message: str) -> NoReturn:
        raise TemplateError(message)

    def tojson(value: Any, ensure_ascii: bool = False, **form: Any) -> str:
        return json.dumps(value, ensure_ascii=ensure_ascii, **form)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    return environment.from_string(template)
