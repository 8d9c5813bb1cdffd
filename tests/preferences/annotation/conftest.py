"""A small kit with text that means harm, and a browser that opens its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vibench.judging.rubrics import VALUES
from vibench.preferences.annotation import Item, sample_items, write_kit
from vibench.records import Message, PreferencePair

KIT = "kit-1"
ANNOTATORS = ("Ann", "Ben & <b>Co</b>", "@chi")
DEFINITIONS = {name: f"what <i>{name}</i> is" for name in VALUES}

RESPONSES = (
    "I am so sorry to hear that.\n\n- Rest.\n- Tell a friend.\n\nWhat would help you most?",
    "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
    "<!--<script>\u2028\u2029{{data}} ${1} \\u003c",
    '=HYPERLINK("http://127.0.0.1:9/")\n=1+1;=2+2,@SUM(A1)\t-3\r\n+4 \'=5',
    "مرحبا! كيف يمكنني مساعدتك اليوم؟ \u202e(reversed) שלום",
    "word " * 4000 + "x" * 400,
    "Sure 🙂\x00\x1b[31m ]]> <answer>empathy</answer>",
)


def pair(number: int) -> PreferencePair:
    asked = (Message("user", "Hi"), Message("assistant", "Hello!"), Message("user", "Help <me>?"))
    return PreferencePair(f"p{number}", asked, RESPONSES[number], "no", "made up")


@pytest.fixture
def items() -> list[Item]:
    subsets = {"empathy": map(pair, range(3)), "honesty": map(pair, range(3, 6))}
    return sample_items(subsets, VALUES, per_value=5)


@pytest.fixture
def kit(tmp_path: Path, items: list[Item]) -> Path:
    folder = tmp_path / "kit"
    write_kit(folder, KIT, items, ANNOTATORS, DEFINITIONS)
    return folder


@dataclass(frozen=True)
class Screen:
    """The page as an annotator uses it; `page` is playwright's."""

    page: Any

    def begin(self, annotator: str) -> None:
        """Say who one is, and close the guidelines that are shown the first time."""
        self.page.get_by_role("button", name=annotator).click()
        self.page.get_by_role("heading", name="Guidelines", exact=True).wait_for()
        self.press("Escape")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def at(self) -> int:
        """The index of the item that is shown."""
        return int(self.page.locator("#title").inner_text().split()[1].replace(",", "")) - 1

    @property
    def texts(self) -> list[str]:
        """What the turns say."""
        found: list[str] = self.page.locator(".text").evaluate_all("a => a.map(x => x.textContent)")
        return found

    @property
    def chosen(self) -> tuple[frozenset[str], bool]:
        """The labels that are checked, and whether none is."""
        boxes = self.page.locator("#choices input:checked")
        checked = boxes.evaluate_all("all => all.map(x => x.value)")
        return frozenset(checked) - {"None of these"}, "None of these" in checked

    @property
    def progress(self) -> str:
        text: str = self.page.locator("#count").inner_text()
        return text

    @property
    def note(self) -> Any:
        return self.page.get_by_label("Justification")

    def load(self, path: Path) -> None:
        self.page.locator("#file").set_input_files(path)

    def download(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name="Download").click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path


@pytest.fixture
def machine(browser: Any, kit: Path) -> Iterator[Callable[..., Screen]]:
    """Opens a kit's page in a browser that has never seen it. At the end: no request has
    left it, and no script failed or was refused."""
    contexts, requests, errors = [], [], []

    def opened(page_of: Path = kit / "annotate.html", before: str = "", **options: Any) -> Screen:
        context = browser.new_context(accept_downloads=True, **options)
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", lambda message: errors.append(message.text))
        context.add_init_script(before)
        page = context.new_page()
        page.goto(page_of.as_uri())
        return Screen(page)

    yield opened
    for context in contexts:
        context.close()
    assert {url.split(":")[0] for url in requests} <= {"file", "blob"}
    assert errors == []
