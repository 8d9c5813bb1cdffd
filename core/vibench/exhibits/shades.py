"""The colours of numbers in heatmaps, the same on a terminal, in LaTeX, pictures and pages.

Shares and counts go from white to dark blue. Differences and correlations go from orange over
white (zero) to blue: told apart with any colour vision, and lighter is nearer to zero in both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vibench.exhibits.exhibit import Exhibit

__all__ = ["HIGHLIGHT", "Scale", "Shade", "colours", "scale_of"]

# ColorBrewer's Blues, and its Oranges reversed before them, less the two darkest.
RISING: Final = ("#ffffff", "#deebf7", "#9ecae1", "#4292c6", "#08519c", "#08306b")
DIVERGING: Final = (
    *("#7f2704", "#a63603", "#e6550d", "#fd8d3c", "#fdd0a2"),
    *("#ffffff", "#c6dbef", "#6baed6", "#3182bd", "#08519c", "#08306b"),
)

HIGHLIGHT: Final = "#d9d9d9"
"""Behind the names of columns that stand out."""

BLACK, WHITE = "#000000", "#ffffff"


@dataclass(frozen=True, slots=True)
class Shade:
    """A background and the text on it, as CSS hex colours. `light` says that the text is
    light: black and white, whichever has the more contrast (always over 4.5 to 1)."""

    background: str
    text: str

    @property
    def light(self) -> bool:
        return self.text == WHITE


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers between which colours run, in the exhibit's unit. In a diverging one zero
    is in the middle, and white."""

    low: float
    high: float
    diverging: bool

    def shade(self, value: float | None) -> Shade | None:
        """Return a number's colour, None without a number; beyond the ends, that of the end."""
        if value is None or math.isnan(value):
            return None
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        red, green, blue = _mixed(DIVERGING if self.diverging else RISING, share)
        background = f"#{red:02x}{green:02x}{blue:02x}"
        return Shade(background, _readable(red, green, blue))


def scale_of(exhibit: Exhibit) -> Scale:
    """Return one scale for all panels, so that the same colour is the same number in each."""
    numbers = [
        entry.value
        for panel in exhibit.panels
        for row in panel.entries
        for entry in row
        if entry.value is not None and math.isfinite(entry.value)
    ]
    # Correlations have natural ends; those of the data would make weak ones look strong.
    if exhibit.unit == "r":
        return Scale(-1, 1, True)
    # Symmetric around zero, so that equal changes up and down are equally dark.
    far = max(map(abs, numbers), default=0) or 1
    diverging = exhibit.unit == "points" or any(number < 0 for number in numbers)
    return Scale(-far if diverging else 0, far, diverging)


def colours(scale: Scale, steps: int = 256) -> list[str]:
    """Return the scale's colours from its low to its high end, as CSS hex."""
    span = scale.high - scale.low
    shades = (scale.shade(scale.low + span * i / (steps - 1)) for i in range(steps))
    return [shade.background for shade in shades if shade]


def _mixed(stops: Sequence[str], share: float) -> tuple[int, int, int]:
    position = share * (len(stops) - 1)
    # The last stop begins no interval: 1.0 is the end of the one before.
    first = min(int(position), len(stops) - 2)
    before, after = _parts(stops[first]), _parts(stops[first + 1])
    red, green, blue = (
        round(b + (a - b) * (position - first)) for b, a in zip(before, after, strict=True)
    )
    return red, green, blue


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _readable(*parts: int) -> str:
    """Return black or white, whichever has more contrast by relative luminance (WCAG 2.2)."""
    linear = [
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return BLACK if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else WHITE
