"""Tables and figures as a store would give them: whole, partial, empty, and hostile."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from vibench.exhibits.exhibit import Entry, Exhibit, Panel

VALUES = (
    *("empathy", "creativity", "honesty", "curiosity", "fairness", "personalization"),
    *("legality", "engagement", "privacy", "open-mindedness", "humor", "justice"),
    *("discretion", "deception", "violence"),
)
OTHERS = tuple(f"{name}-like" for name in VALUES)
HOSTILE = (
    "[red]x[/red] \x1b[31mred\x00\nalert\u202e",
    "a|b **c** <script>alert(1)</script> $x_2^3$ & 50% #1 ~ ^ \\frac{a}{b}",
    "共情 🙂 café",
    "W" * 300,
    "=1+1 -- ''",
    "[[*",
)


def exhibit(kind: str, rows: Sequence[str], names: Sequence[str], **more: object) -> Exhibit:
    """Made-up numbers, the same at each call."""
    made = random.Random(1)
    unit = more.get("unit", "%")
    low = 0.0 if unit == "%" else -40.0

    def entry() -> Entry:
        value = made.uniform(low, 100 if unit == "%" else 40)
        return Entry(value, low=value - 3, high=value + 3, of=8, wanted=8)

    grid = tuple(tuple(entry() for _ in names) for _ in rows)
    panel = Panel("", tuple(rows), tuple(names), grid)
    whole = Exhibit("table-6", "Expression", kind, "%", (panel,), rows="induced value")  # type: ignore[arg-type]
    return replace(whole, **more)  # type: ignore[arg-type]


def changed(whole: Exhibit, row: int, column: int, **facts: object) -> Exhibit:
    """With other facts in one place of the first panel."""
    panel, *others = whole.panels
    grid = [list(entries) for entries in panel.entries]
    grid[row][column] = replace(grid[row][column], **facts)  # type: ignore[arg-type]
    panel = replace(panel, entries=tuple(map(tuple, grid)))
    return replace(whole, panels=(panel, *others))


@pytest.fixture
def table() -> Exhibit:
    """Two models by three settings, with errors, marks and the paper's numbers."""
    rows = (
        (Entry(1.44, 0.21, of=15, wanted=15, paper=1.2, paper_error=0.06), *(Entry(),) * 2),
        (
            Entry(1234.5, 0.04, of=11, wanted=15, mark="†", paper=0.5),
            Entry(text="not asked"),
            Entry(-0.01, low=-2, high=1.5, of=15, wanted=15, mark="*", paper_text="n/a"),
        ),
    )
    panel = Panel("", ("first", "second"), ("None", "Train", "Both"), rows, (("DPO", 2), ("", 1)))
    return Exhibit(
        "table-5", "Expression by model", "table", "%", (panel,),
        rows="model", error="standard error over values", notes=("A note.",),
        settings={"judge": "mistral", "beta": "0.1"},
        missing=("train on first", "both on first"), command="vibench run --model first",
    )  # fmt: skip


@pytest.fixture
def heatmap() -> Exhibit:
    """15 induced by 30 expressed values, two panels, a row without numbers."""
    whole = exhibit("heatmap", VALUES, VALUES + OTHERS, name="figure-2", columns="expressed value")
    [panel] = whole.panels
    panel = replace(panel, title="first", highlighted=frozenset(VALUES))
    empty = tuple(Entry(wanted=8) for _ in panel.columns)
    lacking = replace(panel, title="second", entries=(empty, *panel.entries[1:]))
    return replace(whole, panels=(panel, lacking), missing=("empathy on second",))


@pytest.fixture
def differences() -> Exhibit:
    """15 by 15 differences, some with a mark."""
    whole = exhibit("heatmap", VALUES, VALUES, name="matrix", unit="points")
    return changed(changed(whole, 0, 0, mark="†"), 0, 1, mark="*")


@pytest.fixture
def bars() -> Exhibit:
    """One column of differences with intervals, the third without a number."""
    whole = exhibit("bars", VALUES[:4], ("refusal",), name="figure-5", unit="points")
    return changed(whole, 2, 0, value=None, low=None, high=None, of=0)


@pytest.fixture
def columns() -> Exhibit:
    """Three models by four settings."""
    settings = ("None", "Prompt", "Train", "Both")
    return exhibit("columns", ("one", "two", "three"), settings, name="figure-7", unit="count")


@pytest.fixture
def words() -> Exhibit:
    """Text in place of numbers, longer than a line."""
    rows = tuple((Entry(text=", ".join(VALUES[i : i + 5])), Entry(text="a, b")) for i in range(9))
    panel = Panel("", VALUES[:9], ("Base", "SFT, Instruct"), rows)
    return Exhibit("table-7", "The five most frequent", "table", "", (panel,), rows="value")


@pytest.fixture
def hostile() -> Exhibit:
    """Names as a model or plugin could give them, wherever a name can be."""
    whole = exhibit("heatmap", HOSTILE, HOSTILE, unit="points")
    [panel] = whole.panels
    groups = ((HOSTILE[1], 2), ("H" * 80, 4))
    panel = replace(panel, title=HOSTILE[1], groups=groups, highlighted=frozenset(HOSTILE[:2]))
    return replace(
        whole, name="../x y", title=HOSTILE[1], panels=(panel,), rows=HOSTILE[1],
        columns=HOSTILE[0], notes=HOSTILE, settings={HOSTILE[1]: HOSTILE[0]},
        missing=HOSTILE, command="vibench run --value 'a|b`'",
    )  # fmt: skip


@pytest.fixture
def empty() -> Exhibit:
    """Nothing in the store."""
    panel = Panel("", ("0.1",), ("r",), ((Entry(wanted=1),),))
    return Exhibit("table-10", "Correlation", "table", "r", (panel,), missing=("all of it",))


@pytest.fixture
def every(
    table: Exhibit, heatmap: Exhibit, differences: Exhibit, bars: Exhibit, columns: Exhibit,
    words: Exhibit, hostile: Exhibit, empty: Exhibit,
) -> list[Exhibit]:  # fmt: skip
    return [table, heatmap, differences, bars, columns, words, hostile, empty]
