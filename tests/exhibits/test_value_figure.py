"""Figure 9, and the paper's own numbers."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import MissingExtra, UsageError
from vibench.exhibits.value_figure import draw
from vibench.paper import value_data

PAPER = Path(__file__).resolve().parents[3] / "shared" / "paper" / "paper.txt"

TWO = {
    "hh-rlhf": [("empathy", 300, 200), ("humor", 20, 500), ("honesty", 5, 6)],
    "helpsteer2": [("clarity", 30, 20)],
}
STARTS = {"png": b"\x89PNG\r\n", "svg": b"<?xml", "pdf": b"%PDF-"}


@pytest.fixture
def words(tmp_path: Path) -> Callable[..., list[str]]:
    """Every text of a figure, in the order drawn (SVG keeps each as a comment)."""
    pytest.importorskip("matplotlib")

    def drawn(distributions: Any, **more: Any) -> list[str]:
        path = tmp_path / "figure.svg"
        draw(distributions, path, **more)
        return re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"), re.DOTALL)

    return drawn


@pytest.mark.parametrize("form", ["png", "svg", "pdf", "PNG"])
def test_the_suffix_says_the_format_and_the_same_numbers_make_the_same_file(
    tmp_path: Path, form: str
) -> None:
    pytest.importorskip("matplotlib")
    one, other = tmp_path / f"one.{form}", tmp_path / f"other.{form}"
    draw(TWO, one, title="Values")
    draw(TWO, other, title="Values")
    assert one.read_bytes().startswith(STARTS[form.lower()])
    assert one.read_bytes() == other.read_bytes()


def test_each_source_has_a_panel_with_its_most_frequent_values_first(
    words: Callable[..., list[str]],
) -> None:
    shown = words(TWO, top=2, title="All sources")
    assert [w for w in shown if w in ("humor", "empathy", "clarity")] == [
        "humor",
        "empathy",
        "clarity",
    ]
    assert "honesty" not in shown, "the third of the two asked for"
    for text in ("Top 2 values in hh-rlhf", "Values in helpsteer2", "chosen", "rejected"):
        assert shown.count(text) == 1
    assert "All sources" in shown


def test_a_source_in_which_nothing_is_expressed_says_so(words: Callable[..., list[str]]) -> None:
    assert "No response expresses a value." in words({**TWO, "empty": [("humor", 0, 0)]})


def test_names_that_a_model_made_up_are_text_and_nothing_else(
    words: Callable[..., list[str]],
) -> None:
    names = [
        "$x_2^3$ for $5",
        "\x1b[31mred\x00\nalert\u202e",
        "共情 🙂",
        "{x}",
        "a" * 400,
        "\\frac",
    ]
    shown = words({"$s$": [(name, 9 - i, 1) for i, name in enumerate(names)]})
    start = shown.index("$x_2^3$ for $5")
    *others, long, last = shown[start : start + len(names)]
    assert others == ["$x_2^3$ for $5", "[31mred alert", "共情 🙂", "{x}"]
    assert re.fullmatch("a{20,60}…", long)
    assert last == "\\frac"
    assert "Values in $s$" in shown


def test_no_label_is_cut_off_at_the_edge(tmp_path: Path) -> None:
    """The outermost pixels stay white on all four sides, the longest names being as wide as
    names get."""
    pytest.importorskip("matplotlib")
    image = pytest.importorskip("matplotlib.image")
    path = tmp_path / "figure.png"
    draw({f"source {i} {'W' * 60}": [("W" * 60, 10**9, 10**9)] for i in range(3)}, path)
    pixels = image.imread(path)[:, :, :3]
    edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    assert all((edge == 1).all() for edge in edges)


def test_settings_of_the_machine_do_not_reach_the_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mpl = pytest.importorskip("matplotlib")
    draw(TWO, tmp_path / "plain.png")
    with mpl.rc_context({"text.usetex": True, "font.size": 30}):
        draw(TWO, tmp_path / "set.png")
    assert (tmp_path / "plain.png").read_bytes() == (tmp_path / "set.png").read_bytes()


@pytest.mark.parametrize(
    ("name", "distributions", "top", "message"),
    [
        ("figure.bmp", TWO, 20, r"cannot be saved as 'figure.bmp'.*\.png, \.svg, \.pdf"),
        ("figure", TWO, 20, "cannot be saved as 'figure'"),
        ("figure.png", {}, 20, "no source to draw"),
        ("figure.png", TWO, 0, "0 values cannot be drawn"),
        ("figure.png", TWO, 101, "101 values cannot be drawn"),
        ("gone/figure.png", TWO, 20, r"figure\.png cannot be written: No such file"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    tmp_path: Path, name: str, distributions: Any, top: int, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        draw(distributions, tmp_path / name, top=top)
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_error_is_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"pip install 'vibench\[figures\]'"):
        draw(TWO, tmp_path / "figure.png")


def rows_before(caption: str) -> list[list[str]]:
    """The rows of the table that stands above its caption in the paper's text."""
    if not PAPER.is_file():
        pytest.skip("needs the paper's text beside the project")
    before = PAPER.read_text(encoding="utf-8").split(f"\n{caption}")[0].rstrip()
    table = before.split("\n\n")[-1]
    return [line.split("\t") for line in table.splitlines()[1:]]


def test_table_1_is_the_papers() -> None:
    assert rows_before("Table 1:") == [
        [value, str(size.chosen), str(size.rejected), str(size.total)]
        for value, size in value_data().subsets.items()
    ]


def test_table_2_is_the_papers() -> None:
    assert rows_before("Table 2:") == [
        [annotator, f"{share:.2f}"] for annotator, share in value_data().averaged.items()
    ]


def test_table_3_is_the_papers() -> None:
    assert rows_before("Table 3:") == [
        [value, f"{row.precision}", f"{row.jaccard:.2f}".removeprefix("0")]
        for value, row in value_data().humans.items()
    ]


def test_what_section_4_states_is_the_papers() -> None:
    if not PAPER.is_file():
        pytest.skip("needs the paper's text beside the project")
    text, numbers = PAPER.read_text(encoding="utf-8"), value_data()
    llama, mistral = numbers.labels_per_response.values()
    assert f"Llama and Mistral models output {llama} and {mistral} values present" in text
    assert f"disagreed on whether any value is present for {numbers.without_agreement}%" in text


def test_the_papers_totals_are_sums() -> None:
    assert all(s.chosen + s.rejected == s.total for s in value_data().subsets.values())
