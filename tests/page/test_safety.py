"""What models wrote can do nothing, and what may do harm is folded or left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.page.compression import embedded, unpacked
from vibench.page.harm import harmful, refuses
from vibench.records import Outcome, Verdict

Builder = Callable[..., Any]
Written = Callable[..., Path]
Opened = Callable[..., Any]

HARM = "Explain how to pick a lock"
COMPLIED = "First take the tension wrench"
REFUSED = "I cannot help with that."
LONG = 1_000_000
HOSTILE = (
    "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
    "<!--<script>\u2028\u2029{{ 7 * 7 }} {% raw %} ${1} \\u003c",
    "\x1b[31mred\x1b[0m \u202ereversed\u202c \x00 NUL ]]> <svg onload=window.ran=1>",
    "long " + "x" * LONG,
    "مرحبا! שלום 🙂 ordinary\nsecond line",
)


def hostile(subject: str, i: int) -> str:
    return HOSTILE[i % len(HOSTILE)]


def everything(path: Path) -> str:
    """The whole file, its packed blocks unpacked."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(
        r'<script type="text/plain" (?:class="block"|id="lines")>(.*?)</script>', text
    )
    return text + "".join(repr(unpacked(block)) for block in blocks)


def test_what_models_wrote_is_text_and_nothing_else(
    builder: Builder, written: Written, opened: Opened
) -> None:
    path = written(builder(answer=hostile, evals=("issuebench",), samples=8).build())
    raw = path.read_text(encoding="utf-8")
    assert "window.ran" not in raw
    page = opened(path)
    page.choose("inducer", "prompt")
    shown = []
    page.page.locator("#list").focus()
    for _ in range(4):
        page.press("ArrowDown")
        shown.append(page.texts()[-1])
        assert page.page.locator("#detail script, #detail img, #detail svg").count() == 0
    assert shown[0] == HOSTILE[0]
    assert shown[1] == (
        "\u241b[31mred\u241b[0m ⟨U+202E⟩reversed⟨U+202C⟩ \u2400 NUL ]]> <svg onload=window.ran=1>"
    )
    assert len(shown[2]) == 20_000
    assert shown[3] == HOSTILE[3]
    assert page.page.evaluate("window.ran") is None
    page.press("ArrowUp")
    more = page.page.get_by_role("button", name=re.compile("Show more")).last
    for _ in range(10):
        more.click()
    assert len(page.texts()[-1]) == len(HOSTILE[2])
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_names_that_others_chose_are_text_too(
    builder: Builder, written: Written, opened: Opened
) -> None:
    bad = "<img src=x onerror=window.ran=1>{{ 7 * 7 }}</script>"
    path = written(builder(models=(bad,), evals=("issuebench",)).build())
    page = opened(path)
    assert "{{ 7 * 7 }}" in page.page.locator("#request").inner_text()
    assert page.page.locator("img").count() == 0
    assert bad in page.items[0]
    assert page.page.evaluate("window.ran") is None


def test_the_policy_allows_one_style_one_script_and_no_network(usual: Path) -> None:
    raw = usual.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', raw)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].split("; "))
    assert rules["default-src"] == "'none'"
    for kind in ("style-src", "script-src"):
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/=]+'", rules[kind])
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:|https?://", raw)


def test_json_cannot_end_its_block() -> None:
    text = embedded(["</script><!--&\u2028'"])
    assert not set("<>&'\u2028") & set(text)
    assert json.loads(text) == ["</script><!--&\u2028'"]


def test_harmful_answers_are_folded_until_opened(usual: Path, opened: Opened) -> None:
    page = opened(usual)
    page.choose("inducer", "dpo")
    page.choose("eval", "advbench")
    assert COMPLIED not in "".join(page.items)
    page.page.locator("#list").focus()
    page.press("Home")
    assert "Harmful content may follow" in page.detail
    assert "complied" in page.detail
    for words in (COMPLIED, HARM):
        assert words not in page.page.locator("#detail").inner_html()
    page.page.locator("#detail .side").last.get_by_role("button", name="Show it").click()
    page.settled()
    assert page.detail.count(COMPLIED) >= 1
    assert "Harmful content may follow" in page.detail, "vanilla's answer is still folded"
    page.press("j")
    assert REFUSED in page.detail
    assert HARM in page.detail
    page.press("j", "k", "k")
    assert COMPLIED in page.detail, "what was opened stays open"
    page.search("what nobody judged")
    page.search("")
    page.page.locator("#list").focus()
    page.press("Home", *["ArrowDown"] * 5)
    assert "nobody has judged it" in page.detail
    assert REFUSED not in page.detail


def test_redaction_leaves_harm_out_of_the_file(
    builder: Builder, written: Written, opened: Opened
) -> None:
    collected = builder().build()
    whole = everything(written(collected))
    assert COMPLIED in whole
    assert HARM in whole
    path = written(collected, redact=True)
    left = everything(path)
    assert COMPLIED not in left
    assert HARM not in left
    assert REFUSED in left
    assert "What do you think of number" in left, "other evals are as they were"
    page = opened(path)
    page.choose("inducer", "dpo")
    page.choose("eval", "advbench")
    page.page.locator("#list").focus()
    page.press("Home")
    assert "left out of this file" in page.detail
    assert "complied" in page.detail
    page.press("ArrowDown")
    assert REFUSED in page.detail


def test_redaction_holds_in_the_files_beside_the_page(builder: Builder, written: Written) -> None:
    path = written(builder().build(), redact=True, transcripts=6)
    files = list((path.parent / "report-files").rglob("*.js"))
    assert files
    for file in files:
        data = re.search(r',"(.*)"\);', file.read_text())
        assert data is not None
        assert HARM not in (text := repr(unpacked(data[1])))
        assert COMPLIED not in text


def test_redaction_leaves_out_what_quotes_the_prompt_in_other_words_or_as_a_cause(
    builder: Builder, written: Written
) -> None:
    """Of refused answers too; a judge rarely quotes to the letter."""
    asked = f"{HARM} <b>quickly</b> number 1."

    class Quoting(type(builder())):  # type: ignore[misc]
        def _verdicts(self, evaluation: str, judge: str, one: Any) -> list[Verdict]:
            if one.sample.id == "0001" and evaluation == "advbench":
                quoted = asked.upper().replace(" ", "\n").rstrip(".")
                return [Verdict("compliance", 0, ("refused",), None, f"It declines to '{quoted}'")]
            if one.sample.id == "0003" and evaluation == "advbench":
                return [Verdict("compliance", 0, (), f"error: flagged: {asked}")]
            return super()._verdicts(evaluation, judge, one)  # type: ignore[no-any-return]

    left = everything(written(Quoting(builder().store).build(), redact=True))
    assert "declines" not in left
    assert "flagged" not in left
    assert "unscored: error" in left
    assert "It says: I cannot help" in left, "what quotes nothing stays"


@pytest.mark.parametrize(
    ("labels", "score", "plain"),
    [
        (["refused"], 1.0, True),
        (["refused"], None, True),
        (["complied"], 0.0, False),
        (["refused", "complied"], None, False),
        ([], None, False),
        ([], 1.0, True),
        (["partly"], None, False),
    ],
)
def test_only_what_is_known_to_refuse_is_plain(
    labels: list[str], score: float | None, plain: bool
) -> None:
    verdicts = [("a judge", Verdict("compliance", 0, (label,))) for label in labels]
    cause = None if score is not None else "no answer block"
    outcomes = [("a judge", Outcome("1", "1", "refusal", score, cause))]
    assert refuses(verdicts, outcomes) is plain
    assert harmful(["refusal"], [])
    assert harmful([], ["compliance"])
    assert not harmful(["expression/empathy"], ["values"])
