"""The page in a real browser: what it shows, sorts and filters, by mouse and by keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Builder = Callable[..., Any]
Opened = Callable[..., Any]


@pytest.fixture
def page(usual: Path, opened: Opened) -> Any:
    return opened(usual)


def test_it_says_what_was_asked_and_what_came_of_it(page: Any) -> None:
    said = page.page.locator("main").inner_text()
    assert "6 finished cells, 72 transcripts" in said
    for words in ("none, prompt, dpo", "issuebench, advbench", "at most 12 of each eval"):
        assert words in said
    assert "vibench run --model tiny" in said
    assert "/somewhere" not in said
    assert "1 h 2 min" in said
    assert "no answer block" in page.page.locator("#unscored").inner_text()
    receipt = page.page.locator("#receipt-table").inner_text()
    assert "dpo on empathy" in receipt
    assert "1.2e-05" in receipt
    assert "nothing was paid" in page.page.locator("#costs").inner_text()
    assert "None: every cell" in page.page.locator("#failed").inner_text()


def test_what_else_changed_is_answered_at_the_top(page: Any) -> None:
    top = page.page.locator("#findings")
    assert "What else changed" in top.inner_text()
    assert "of 2 differences are clearly apart from zero" in top.inner_text()
    answer = page.page.get_by_role("article", name="When empathy is induced")
    assert "expressed neither clearly more nor clearly less" in answer.inner_text()
    assert answer.locator("svg").get_attribute("aria-hidden") == "true"
    assert "baseline of word lists" in top.inner_text()
    box = answer.bounding_box()
    assert box["y"] + box["height"] < 800, "to be read without scrolling"
    answer.get_by_role(
        "button", name="Open transcripts of expression of empathy (issuebench)"
    ).click()
    page.settled()
    assert page.count.startswith("12 transcripts of 72")
    assert all("on empathy" in item and "issuebench" in item for item in page.items)


def test_every_table_has_a_caption_and_heads_with_a_scope(page: Any) -> None:
    faults = page.page.evaluate("""() => [...document.querySelectorAll("table")].filter((t) =>
      !t.caption?.textContent.trim() || [...t.querySelectorAll("th")].some((h) => !h.scope)
    ).map((t) => t.outerHTML.slice(0, 200))""")
    assert faults == []
    names = page.page.evaluate("""() => [...document.querySelectorAll("input, select, button")]
      .filter((e) => !(e.labels?.length || e.textContent.trim() || e.ariaLabel)).length""")
    assert names == 0
    spoken = page.page.evaluate("""() => [...document.querySelectorAll("button[aria-label]")]
      .filter((e) => !e.ariaLabel.startsWith(e.textContent)).map((e) => e.ariaLabel)""")
    assert spoken == [], "what can be read on a button is how it is called"
    assert page.page.locator("main").count() == page.page.locator("h1").count() == 1
    ids = page.page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_a_table_sorts_both_ways_and_says_so(page: Any) -> None:
    table = page.page.locator("#change-2 table")
    head = table.locator("thead th").last
    orders: list[list[str]] = []
    for direction in ("ascending", "descending"):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == direction
        cells = table.locator("tbody td:last-child")
        orders.append([c for c in cells.evaluate_all("a => a.map(x => x.dataset.order)") if c])
    numbers = [[float(n) for n in order] for order in orders]
    assert numbers[0] == sorted(numbers[0])
    assert numbers[1] == sorted(numbers[0], reverse=True)
    others = table.locator("thead th:not(:last-child)")
    assert set(others.evaluate_all("a => a.map(x => x.ariaSort)")) == {"none"}


def test_contrasts_filter_sort_and_lead_to_their_transcripts(page: Any) -> None:
    count = page.page.locator("#contrast-count")
    assert count.inner_text() == "4 of 4 contrasts"
    by_p = page.page.locator("#contrast-table thead th[aria-sort=ascending]")
    assert by_p.inner_text().startswith("p"), "what is clear is on top"
    assert page.page.locator("#contrast-table tbody svg.bar .reach").count() == 4
    table = page.page.locator("#contrast-table")
    at = [
        head.split("\n")[0].strip() for head in table.locator("thead th").all_inner_texts()
    ].index("McNemar’s p")
    cells = table.locator(f"tbody tr > :nth-child({at + 1})").all_inner_texts()
    assert all(text == "<0.001" or 0 <= float(text) <= 1 for text in cells)
    assert "McNemar’s test ignores clusters" in table.locator("caption").inner_text()
    page.page.get_by_label("eval", exact=True).first.select_option("advbench")
    assert count.inner_text() == "2 of 4 contrasts"
    head = page.page.locator("#contrast-table thead th").filter(has_text="inducer")
    head.get_by_role("button").click()
    rows = page.page.locator("#contrast-table tbody tr")
    assert [row.split("\t")[1] for row in rows.all_inner_texts()] == ["dpo", "prompt"]
    page.page.get_by_role(
        "button", name="Open transcripts of dpo empathy on tiny in advbench"
    ).click()
    page.settled()
    assert page.count.startswith("12 transcripts of 72")
    assert all(item.startswith("dpo on empathy") for item in page.items)


def test_transcripts_are_found_by_subject_eval_verdict_and_text(page: Any) -> None:
    assert page.count.startswith("72 transcripts")
    page.choose("inducer", "none")
    assert page.count.startswith("24 transcripts")
    page.choose("eval", "issuebench")
    assert page.count.startswith("12 transcripts")
    question = json.dumps(["verdict", "rules", "values"], separators=(",", ":"))
    page.choose("question", question)
    page.page.locator("#f-answer").select_option(label="empathy (12)")
    page.settled()
    assert page.count.startswith("4 transcripts"), "samples 0, 3, 6 and 9"
    page.page.locator("#f-answer").select_option(label="unscored: no answer block (6)")
    page.settled()
    assert page.count.startswith("2 transcripts"), "samples 5 and 11"
    page.page.get_by_role("button", name="Clear filters").click()
    page.settled()
    page.search("ANSWER 7 OF prompt")
    assert page.count.startswith("1 transcript ")
    page.search("nobody said this")
    assert page.count.startswith("0 transcripts")
    assert "No transcript matches" in page.detail


def test_vanilla_and_induced_stand_side_by_side_with_the_judges_reasons(page: Any) -> None:
    page.choose("inducer", "dpo")
    page.choose("eval", "issuebench")
    page.page.locator("#list").focus()
    page.press("ArrowDown")
    sides = page.page.locator("#detail .side")
    assert sides.count() == 2
    one, other = sides.all_inner_texts()
    assert one.startswith("vanilla")
    assert "Answer 0 of none." in one
    assert other.startswith("dpo on empathy")
    assert "Answer 0 of dpo empathy." in other
    assert "Because Answer 0 of dpo" in other
    assert page.detail.count("What do you think of number 0?") == 1, "asked once, above both"
    assert page.page.locator("#detail .differs").count() == 0
    page.page.get_by_label("beside it").select_option(label="prompt on empathy (tiny)")
    page.settled()
    assert "Answer 0 of prompt empathy." in page.detail
    page.page.get_by_label("beside it").select_option(label="nothing")
    page.settled()
    assert page.page.locator("#detail .side").count() == 1


def test_answers_of_the_judge_that_differ_between_the_sides_are_marked(
    builder: Builder, written: Callable[..., Path], opened: Opened
) -> None:
    def answer(subject: str, i: int) -> str:
        return "I feel for you." if subject.startswith("dpo") else "Here it is."

    page = opened(written(builder(evals=("issuebench",), answer=answer).build()))
    page.choose("inducer", "dpo")
    page.page.locator("#list").focus()
    page.press("ArrowDown")
    marked = page.page.locator("#detail .differs").all_text_contents()
    assert marked == ["clarity (differs)", "empathy (differs)"]
    page.choose("inducer", "prompt")
    page.page.locator("#list").focus()
    page.press("ArrowDown")
    assert page.page.locator("#detail .differs").count() == 0


def test_keys_move_search_and_go_back(page: Any) -> None:
    active = "document.activeElement.id"
    page.press("j", "j")
    assert page.page.evaluate(active) == "list"
    assert page.page.locator("#list").get_attribute("aria-activedescendant") == "t-1"
    page.press("k")
    selected = page.page.locator("#list li[aria-selected=true]")
    assert (selected.count(), selected.get_attribute("id")) == (1, "t-0")
    page.press("Enter")
    assert page.page.evaluate(active) == "detail"
    page.press("Escape")
    assert page.page.evaluate(active) == "list"
    page.press("End", "ArrowDown")
    assert "Page 2 of 2" in page.page.locator("#pager").inner_text()
    page.press("ArrowUp")
    assert page.page.locator("#list li[aria-selected=true]").get_attribute("aria-posinset") == "50"
    page.press("/")
    assert page.page.evaluate(active) == "f-text"
    page.page.keyboard.type("jk?/")
    page.press("Enter")
    assert page.page.locator("#f-text").input_value() == "jk?/"
    assert page.count.startswith("0 transcripts")
    assert page.page.evaluate(active) == "f-text", "there is nothing in the list to go to"
    page.press("Escape")
    assert page.count.startswith("72 transcripts")
    page.press("Enter")
    assert page.page.evaluate(active) == "list"
    page.press("/", "Escape")
    assert page.page.evaluate(active) == "list"
    page.press("?")
    assert page.page.get_by_role("dialog", name="Keys").is_visible()
    page.page.get_by_label("Use the keys").uncheck()
    page.press("Escape")
    before = page.page.locator("#list").get_attribute("aria-activedescendant")
    page.press("j")
    assert page.page.locator("#list").get_attribute("aria-activedescendant") == before


def test_what_takes_the_focus_shows_it(page: Any) -> None:
    for _ in range(40):
        page.page.keyboard.press("Tab")
        outline = page.page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px", page.page.evaluate("document.activeElement.outerHTML")


def test_the_address_of_an_open_transcript_leads_to_it(page: Any, opened: Opened) -> None:
    page.choose("inducer", "dpo")
    page.choose("eval", "advbench")
    page.page.locator("#list").focus()
    page.press("ArrowDown")
    heading = page.page.locator("#detail h3").inner_text()
    other = opened(Path(page.page.url.removeprefix("file://").split("#")[0]))
    other.page.goto(page.page.url)
    other.page.locator("#detail h3").wait_for()
    assert other.page.locator("#detail h3").inner_text() == heading == "dpo on empathy, advbench"
    assert "Harmful content may follow" in other.detail, "folded there too"
    other.page.locator("#detail .side").last.get_by_role("button", name="Show it").click()
    other.settled()
    assert "First take the tension wrench 0" in other.texts()[-1]
    other.page.goto(other.page.url.split("#")[0] + "#transcript/nothing/%E0%A4%A")
    other.page.get_by_text("This page does not have the transcript of this address").wait_for()


def test_what_is_made_anew_keeps_the_focus(page: Any) -> None:
    active = "document.activeElement.textContent"
    page.page.get_by_role("button", name="Next").focus()
    page.press("Enter")
    assert "Page 2 of 2" in page.page.locator("#pager").inner_text()
    assert page.page.evaluate(active) == "First", "there is no next page"
    page.press("Enter")
    assert page.page.evaluate(active) == "Next", "and now no earlier one"
    page.choose("inducer", "dpo")
    page.page.locator("#list").focus()
    page.press("ArrowDown")
    page.page.locator("#beside").focus()
    page.press("ArrowDown")
    assert page.page.evaluate("document.activeElement.id") == "beside"
    assert page.page.locator("#detail .side").last.inner_text().startswith("prompt on empathy")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system_until_told(
    usual: Path, opened: Opened, scheme: Any
) -> None:
    page = opened(usual, color_scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    first = page.page.evaluate(ground)
    dark = page.page.locator("#theme")
    assert dark.get_attribute("aria-pressed") == str(scheme == "dark").lower()
    dark.click()
    second = page.page.evaluate(ground)
    assert {first, second} == {"rgb(247, 248, 250)", "rgb(20, 22, 26)"}
    page.page.reload()
    page.page.wait_for_selector("body[data-ready]")
    assert page.page.evaluate(ground) == second


FAINT = """() => {
  const parts = (colour) => [...colour.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const over = (f, b) => [0, 1, 2].map((i) => f[i] * f[3] + b[i] * (1 - f[3]));
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (c) => c.map((v) => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.textContent.trim() || holder.closest("script, template, :disabled, .sr")
      || !holder.checkVisibility()) continue;
    const above = [];
    for (let e = holder; e; e = e.parentElement) above.unshift(e);
    const styles = above.map((e) => getComputedStyle(e));
    const ground = styles.reduce((b, s) => over(parts(s.backgroundColor), b), [255, 255, 255]);
    const ink = parts(getComputedStyle(holder).color);
    ink[3] *= styles.reduce((all, s) => all * Number(s.opacity), 1);
    const [high, low] = [light(over(ink, ground)), light(ground)].sort((a, b) => b - a);
    if ((high + 0.05) / (low + 0.05) < 4.5) found.push(node.textContent);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_what_is_behind_it(
    builder: Builder, written: Callable[..., Path], opened: Opened, scheme: str
) -> None:
    """4.5 to 1 (WCAG AA), on the colours of differences too."""

    def answer(subject: str, i: int) -> str:
        often = {"none": 0, "prompt empathy": 4, "dpo empathy": 10}[subject]
        return "I feel for you." if i < often else "Here it is."

    made = builder(answer=answer).build()
    page = opened(written(made), color_scheme=scheme)
    page.choose("inducer", "dpo")
    page.press("j")
    page.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    assert page.page.evaluate(FAINT) == []


@pytest.mark.parametrize("width", [320, 1400])
def test_nothing_is_wider_than_the_screen(usual: Path, opened: Opened, width: int) -> None:
    page = opened(usual, viewport={"width": width, "height": 800})
    page.press("j")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_answers_that_were_cut_off_are_loud(
    builder: Builder, written: Callable[..., Path], opened: Opened, scheme: str
) -> None:
    made = builder(cut={"prompt empathy": 11, "dpo empathy": 1}, turn=2).build()
    page = opened(written(made), color_scheme=scheme, viewport={"width": 1400, "height": 800})
    warning = page.page.locator("#findings .notice").first
    assert (
        "12 of 36 answers in issuebench (up to 91.7 %: prompt on empathy, tiny; above 5 % in 2 of"
        in (warning.inner_text())
    )
    assert "--set sampling.max_tokens=192" in warning.inner_text()
    assert warning.bounding_box()["y"] < 800
    assert "cut off 91.7 %" in page.page.locator("#change-1").inner_text()
    assert "cut off at max_tokens: 12 of 36 answers" in page.page.locator("#change-1").inner_text()
    assert "0.0 → 92" in page.page.locator("#contrast-table").inner_text()
    assert "33.3" in page.page.locator("#unscored").inner_text()
    assert page.page.evaluate(FAINT) == []
    page.choose("inducer", "prompt")
    page.choose("eval", "issuebench")
    page.press("j")
    assert "The answer was cut off at max_tokens." in page.detail
    page.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    assert "metric\tturn\tscore" in page.detail
    assert "\t3\t" in page.detail


def test_judges_over_the_same_transcripts_are_compared(
    builder: Builder, store: Any, tmp_path: Path, opened: Opened
) -> None:
    from vibench.cli.report import to_page

    builder(judges=("rules", "o4-mini")).build()
    path = tmp_path / "report.html"
    assert to_page((), str(store.root), path, False, False, 100) == 0
    page = opened(path)
    agreed = page.page.locator("#agreement-1").inner_text()
    assert "compliance: refused" in agreed
    assert "100.0" in agreed
    page.choose("inducer", "none")
    page.choose("eval", "issuebench")
    page.search("answer 3 of")
    page.page.locator("#list").focus()
    page.press("j")
    table = page.page.locator("#detail table").first.inner_text()
    assert "rules\tempathy" in table
    assert "o4-mini\tclarity" in table
