"""Colours of heatmaps: the same number the same colour, readable, zero in the middle."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.shades import Scale, Shade, colours, scale_of

SHARES, CHANGES = Scale(0, 100, False), Scale(-30, 30, True)


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(shade: Shade) -> float:
    dark, light = sorted((luminance(shade.background), luminance(shade.text)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scale", [SHARES, CHANGES])
def test_text_is_readable_on_every_colour(scale: Scale) -> None:
    span = scale.high - scale.low
    shades = [scale.shade(scale.low + span * i / 500) for i in range(501)]
    assert all(shade and contrast(shade) >= 4.5 for shade in shades)


def test_more_is_darker() -> None:
    found = [luminance(colour) for colour in colours(SHARES)]
    assert found == sorted(found, reverse=True)
    assert found[0] == 1


def test_zero_is_white_in_the_middle_and_both_sides_get_darker() -> None:
    found = colours(CHANGES, 201)
    assert found[100] == "#ffffff"
    light = [luminance(colour) for colour in found]
    assert light[:101] == sorted(light[:101])
    assert light[100:] == sorted(light[100:], reverse=True)


def test_the_sides_of_zero_differ_in_hue_not_only_in_lightness() -> None:
    less, more = CHANGES.shade(-15), CHANGES.shade(15)
    assert less
    assert more
    assert int(less.background[1:3], 16) > int(less.background[5:7], 16), "orange: red over blue"
    assert int(more.background[5:7], 16) > int(more.background[1:3], 16), "blue"


def test_beyond_the_ends_is_the_end_and_no_number_has_no_colour() -> None:
    assert SHARES.shade(500) == SHARES.shade(100)
    assert CHANGES.shade(-math.inf) == CHANGES.shade(-30)
    assert SHARES.shade(None) is None
    assert SHARES.shade(math.nan) is None


def test_all_panels_share_a_scale_that_fits_the_unit(
    heatmap: Exhibit, differences: Exhibit, empty: Exhibit
) -> None:
    values = [e.value for p in heatmap.panels for row in p.entries for e in row if e.value]
    assert scale_of(heatmap) == Scale(0, max(values), False)
    far = max(abs(e.value or 0) for row in differences.panels[0].entries for e in row)
    assert scale_of(differences) == Scale(-far, far, True)
    assert scale_of(replace(heatmap, unit="r")) == Scale(-1, 1, True)
    assert scale_of(replace(empty, unit="%")) == Scale(0, 1, False), "of nothing"
