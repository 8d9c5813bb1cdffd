"""A chat template that does not come to an end is stopped, with one sentence."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from vibench.embedded import locate
from vibench.engines import template_text
from vibench.engines.chat_template import Renderer, RenderingError
from vibench.engines.model_files import load_tokenizer
from vibench.engines.template_files import TemplateFile, local_facts
from vibench.engines.time_limit import TimeLimitReached, time_limit
from vibench.errors import UsageError
from vibench.records import Message, Model

DIALOGUE = (Message("user", "Hello"),)
NESTED = (
    "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}"
    "{% endfor %}{% endfor %}{% endfor %}"
)
DEEP = "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}"
BLOCKS = "{% for a in messages %}" * 30 + "{% endfor %}" * 30


def rendered(tokenizer: Any) -> str:
    with pytest.raises(UsageError) as caught:
        Renderer(tokenizer).chat_text(None, DIALOGUE)
    assert caught.value.hint.startswith("Correct its loops, or pass another")
    return caught.value.message


def test_nested_loops_end_in_the_tokenizer_and_while_planning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_text, "TIME_LIMIT_S", 0.2)
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(locate("embedded:tiny-instruct")) / name, folder)
    (folder / "chat_template.jinja").write_text(NESTED)
    model = Model("mine", str(folder), "sha256:0")
    assert "renders for more than 0.2 s" in rendered(load_tokenizer(model))
    with pytest.raises(UsageError, match="chat template of 'mine' renders for more than"):
        local_facts(model)


@pytest.mark.parametrize(
    "text",
    ["{% for i in range(10**9) %}{% endfor %}", DEEP, BLOCKS],
    ids=["range", "deep", "blocks"],
)
def test_a_template_that_asks_for_too_much_is_one_sentence(text: str) -> None:
    message = rendered(TemplateFile(text, {}))
    assert message.startswith("The chat template does too much (")
    assert len(message) < 150


def test_a_number_too_long_to_write_refuses_the_conversation() -> None:
    with pytest.raises(RenderingError, match="refuses the conversation: Exceeds the limit"):
        Renderer(TemplateFile("{{ 10**5000 }}", {})).chat_text(None, DIALOGUE)


def test_the_limit_holds_in_any_thread_and_ends_with_its_block() -> None:
    ended = []

    def loop() -> None:
        try:
            with time_limit(0.2):
                while True:
                    pass
        except TimeLimitReached:
            ended.append(threading.get_ident())

    threads = [threading.Thread(target=loop) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(2000):
        with time_limit(0.2):
            pass
    time.sleep(0.5)
    for thread in threads:
        thread.join(timeout=10)
    assert len({*ended}) == 3
