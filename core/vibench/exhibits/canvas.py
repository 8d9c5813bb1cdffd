"""Parts shared by all pictures: settings of matplotlib, names as plain text, files as bytes."""

from __future__ import annotations

import io
import unicodedata
import warnings
from bisect import bisect
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from vibench.errors import MissingExtra
from vibench.text import clean

__all__ = ["COLOURS", "FORMATS", "canvas", "fitted", "named", "plain", "saved", "width", "wrapped"]

FORMATS: Final = ("png", "svg", "pdf")

# Okabe and Ito's: told apart with any colour vision, the first two also in gray.
COLOURS: Final = (
    *("#0072B2", "#E69F00", "#009E73", "#CC79A7"),
    *("#56B4E9", "#D55E00", "#666666", "#F0E442"),
)

DPI, PIXELS = 150, 30_000  # Agg refuses pictures of 2 ** 16 pixels

SETTINGS: Final = {
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, so a figure looks the same anywhere
    "font.size": 9,
    "axes.titlesize": 11,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "vibench",
}
UNDATED: Final = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


@contextmanager
def canvas(what: str) -> Iterator[None]:
    """Draw within it: the same settings on any machine, no display.

    `what` begins the sentence of the MissingExtra that is raised without matplotlib.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtra(what, "figures", "matplotlib") from error
    with mpl.rc_context(SETTINGS), warnings.catch_warnings():
        # Names may be in any script; what the font lacks is drawn as a box.
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        yield


def saved(figure: Any, form: str) -> bytes:
    """Return a figure as a file of one of `FORMATS`: the same figure is the same bytes."""
    file = io.BytesIO()
    dpi = min(DPI, PIXELS / max(figure.get_size_inches()))
    figure.savefig(file, format=form, dpi=dpi, metadata=UNDATED[form])
    return file.getvalue()


@lru_cache(10_000)
def width(text: str, size: float = 9) -> float:
    """Return the width of a line at that font size, in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    measure = TextToPath().get_text_width_height_descent
    return float(measure(text, FontProperties(size=size), ismath=False)[0]) if text else 0.0


@lru_cache(10_000)
def fitted(name: str, widest: float, size: float = 9) -> str:
    """Return a name as plain text: no control characters, no formulas, and no wider than `widest`
    points at that font size."""
    # Also unassigned characters and surrogates, which fonts and SVG cannot hold.
    letters = (" " if unicodedata.category(c)[0] in "CZ" else c for c in name)
    line = " ".join("".join(letters).split())
    start = _start(line[:100], widest, size)
    return plain(line if start == line else f"{start[:-1].rstrip()}…")


def named(name: str, widest: float, size: float = 9) -> str:
    """Return a name from a store, fitted, without escape sequences of terminals."""
    return fitted(clean(name), widest, size)


def wrapped(text: str, widest: float, size: float = 9) -> str:
    """Return a paragraph in lines no wider than `widest` points; only a word that is wider than
    that is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size) <= widest:
            lines[-1] = longer
            continue
        rest = word
        while start := _start(rest, widest, size) or rest[:1]:
            lines.append(start)
            rest = rest[len(start) :]
    return plain("\n".join(lines))


def _start(text: str, widest: float, size: float) -> str:
    """Return as much of a text as is no wider."""
    # Width grows with every letter, so that halving finds the length.
    lengths = range(1, len(text) + 1)
    return text[: bisect(lengths, widest, key=lambda n: width(text[:n], size))]


def plain(text: str) -> str:
    """Return text in which matplotlib sees no formula."""
    # A pair of dollar signs is mathematics to matplotlib, and a broken formula an error.
    return text.replace("$", r"\$")
