"""Classes for the colours of cells: the page's policy forbids inline styles."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable

from vibench.exhibits.shades import Shade

__all__ = ["class_of", "dark", "rules"]

DARKEST, LIGHTEST = 0.13, 0.72
"""Lightness in the dark theme of a cell that is white, or black, in the light theme."""


def class_of(shade: Shade) -> str:
    """Return the class of cells of that colour."""
    return f"s{shade.background[1:]}"


def rules(shades: Iterable[Shade | None]) -> str:
    """Return CSS for each colour, in the light and the dark theme."""
    by_class = {class_of(shade): shade for shade in shades if shade is not None}
    usual = _rules("", by_class)
    night = {name: dark(shade) for name, shade in by_class.items()}
    # A reader's own choice of theme goes over that of the system.
    return (
        f"{usual}{_rules(':root[data-theme=dark] ', night)}"
        "@media (prefers-color-scheme: dark) {\n"
        f"{_rules(':root:not([data-theme=light]) ', night)}}}\n"
    )


def dark(shade: Shade) -> Shade:
    """Return the colour for the dark theme: the same hue with lightness reversed, so that numbers
    near zero stay near the background."""
    red, green, blue = (int(shade.background[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    lightness = DARKEST + (LIGHTEST - DARKEST) * (1 - light)
    # As colourful as before: with the same saturation, a faint tint would become a strong colour.
    colour = saturation * (1 - abs(2 * light - 1)) / (1 - abs(2 * lightness - 1))
    parts = colorsys.hls_to_rgb(hue, lightness, min(0.8, colour))
    ground = sum(
        share * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
        for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
    )
    # Black or white, whichever has more contrast: at least 4.58 to 1.
    text = "#000000" if (ground + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"
    return Shade("#" + "".join(f"{round(255 * part):02x}" for part in parts), text)


def _rules(where: str, shades: dict[str, Shade]) -> str:
    return "".join(
        f"{where}td.{name}{{background:{shade.background};color:{shade.text}}}\n"
        for name, shade in sorted(shades.items())
    )
