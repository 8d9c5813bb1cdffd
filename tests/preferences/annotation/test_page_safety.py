"""The page with hostile, real and many items, and in a browser that gives it little."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vibench.judging.rubrics import VALUES
from vibench.preferences.annotation import read_answers, sample_items, write_kit
from vibench.preferences.published_sets import HHRLHF
from vibench.records import Message, PreferencePair

ANNOTATORS = ("Ann", "Ben & <b>Co</b>", "@chi")

Machine = Callable[..., Any]


def test_a_browser_that_keeps_nothing_says_so(machine: Machine) -> None:
    screen = machine(before="Storage.prototype.setItem = () => { throw new Error('full'); }")
    screen.begin("Ann")
    screen.press("1")
    screen.page.get_by_text("This browser does not keep answers").wait_for()
    assert "1 of 6 answered" in screen.progress


def test_the_page_may_not_reach_anything(browser: Any, kit: Path) -> None:
    page = browser.new_page()
    page.goto((kit / "annotate.html").as_uri())
    refused = page.evaluate(
        """async () => {
            const found = new Set();
            document.addEventListener(
                "securitypolicyviolation", (event) => found.add(event.effectiveDirective));
            const image = new Image();
            image.src = "http://127.0.0.1:9/x.png";
            const script = document.createElement("script");
            script.textContent = "window.ran = 1";
            document.body.append(image, script);
            document.body.insertAdjacentHTML("beforeend", "<b onclick='window.ran = 2'>x</b>");
            document.body.lastChild.click();
            await fetch("http://127.0.0.1:9/").catch(() => 0);
            await new Promise((done) => setTimeout(done, 100));
            return [window.ran ?? null, [...found].sort()];
        }"""
    )
    assert refused == [None, ["connect-src", "img-src", "script-src-attr", "script-src-elem"]]
    page.context.close()


def test_every_control_has_a_name_and_fits_a_narrow_screen(machine: Machine) -> None:
    screen = machine(viewport={"width": 360, "height": 640})
    screen.begin("Ann")
    tree = screen.page.locator("body").aria_snapshot()
    for role in ("button", "checkbox", "textbox", "spinbutton", "progressbar"):
        lines = [x.strip() for x in tree.split("\n") if x.strip().startswith(f"- {role}")]
        assert lines
        assert all('"' in line for line in lines), lines
    for _ in range(6):
        assert screen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screen.press("j")


def test_real_responses_are_shown_as_they_are(
    machine: Machine, real_data: Path, split: Any, tmp_path: Path
) -> None:
    pairs, _ = split(HHRLHF, real_data)
    real = sample_items({"empathy": pairs, "violence": pairs}, VALUES, per_value=30)
    write_kit(tmp_path / "real", "real", real, ANNOTATORS, {})
    screen = machine(tmp_path / "real" / "annotate.html")
    screen.begin("Ann")
    for item in real:
        assert screen.texts == [message.content for message in item.messages]
        screen.press("0", "j")
    path = screen.download(tmp_path)
    answers = list(read_answers(path, {i.id: i for i in real}, "real", ANNOTATORS))
    assert [answer.item for answer in answers] == [item.id for item in real]


def test_1500_items_are_there_within_seconds(machine: Machine, tmp_path: Path) -> None:
    prompt = (Message("user", "What now? " * 30),)
    pairs = [PreferencePair(f"p{n}", prompt, f"{n} " + "word " * 400, "") for n in range(100)]
    many = sample_items(dict.fromkeys(VALUES, pairs), VALUES)
    write_kit(tmp_path / "many", "many", many, ANNOTATORS, {})
    begun = time.monotonic()
    screen = machine(tmp_path / "many" / "annotate.html")
    screen.begin("Ann")
    screen.press("1")
    screen.page.get_by_text("1 of 1,500 answered").wait_for()
    assert time.monotonic() - begun < 10  # 0.6 s on two idle cores
