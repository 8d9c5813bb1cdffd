"""Classes for the colours of cells: the page's policy lets no element have a style of its own."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable

from vibench.exhibits.shades import Shade

__all__ = ["class_of", "dark", "rules"]

DARKEST, LIGHTEST = 0.13, 0.72
"""How light a cell is in the dark that is white, or black, in the light."""


def class_of(shade: Shade) -> str:
    """The class of cells of that colour."""
    return f"s{shade.background[1:]}"


def rules(shades: Iterable[Shade | None]) -> str:
    """CSS for each colour there is, in the light and in the dark."""
    found = {class_of(shade): shade for shade in shades if shade is not None}
    usual = _rules("", found)
    night = {name: dark(shade) for name, shade in found.items()}
    return (
        f"{usual}{_rules(':root[data-theme=dark] ', night)}"
        "@media (prefers-color-scheme: dark) {\n"
        f"{_rules(':root:not([data-theme=light]) ', night)}}}\n"
    )


def dark(shade: Shade) -> Shade:
    """The same hue, the lighter the darker it was: what is near zero stays near the ground."""
    red, green, blue = (int(shade.background[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    lightness = DARKEST + (LIGHTEST - DARKEST) * (1 - light)
    # As colourful as before, or a faint tint would be a strong colour in the dark.
    colour = saturation * (1 - abs(2 * light - 1)) / (1 - abs(2 * lightness - 1))
    parts = colorsys.hls_to_rgb(hue, lightness, min(0.8, colour))
    ground = sum(
        share * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
        for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
    )
    # The one of black and white that stands out more: 4.58 to 1 at the least.
    text = "#000000" if (ground + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"
    return Shade("#" + "".join(f"{round(255 * part):02x}" for part in parts), text)


def _rules(where: str, shades: dict[str, Shade]) -> str:
    return "".join(
        f"{where}td.{name}{{background:{shade.background};color:{shade.text}}}\n"
        for name, shade in sorted(shades.items())
    )
