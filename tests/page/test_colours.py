"""The colours of cells in the dark."""

from __future__ import annotations

from itertools import pairwise

import pytest

from vibench.exhibits.shades import Scale, Shade
from vibench.page.colours import dark, rules

SCALES = (Scale(-60, 60, True), Scale(0, 100, False))


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scale", SCALES)
def test_in_the_dark_text_stands_out_and_what_is_near_zero_is_near_the_ground(
    scale: Scale,
) -> None:
    found = [shade for v in range(101) if (shade := scale.shade(float(v)))]
    night = [dark(shade) for shade in found]
    for shade in night:
        high, low = sorted(map(luminance, (shade.background, shade.text)), reverse=True)
        assert (high + 0.05) / (low + 0.05) > 4.5
    grounds = [luminance(shade.background) for shade in night]
    assert grounds[0] < 0.03
    assert all(later >= earlier - 0.02 for earlier, later in pairwise(grounds))
    assert grounds[-1] > 0.15


def test_each_colour_has_a_rule_for_both() -> None:
    css = rules([Shade("#ffffff", "#000000"), None, Shade("#ffffff", "#000000")])
    assert css.count("td.sffffff{") == 3
    assert css.startswith("td.sffffff{background:#ffffff;color:#000000}")
    assert ":root[data-theme=dark] td.sffffff{background:#212121;color:#ffffff}" in css
