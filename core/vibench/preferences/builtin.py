"""The preference sources that come with vibench, registered as anyone's would be."""

from __future__ import annotations

from collections.abc import Callable

from vibench.hookspecs import hookimpl

__all__ = ["register_sources"]

SOURCES = {
    "embedded": "vibench.preferences.sources:EmbeddedPairs",
    "file": "vibench.preferences.sources:PairFile",
    "own-pairs": "vibench.preferences.own:OwnPairs",
    "hh-rlhf": "vibench.preferences.published_sets:HHRLHF",
    "pku-saferlhf": "vibench.preferences.published_sets:PKUSafeRLHF",
    "ultrafeedback": "vibench.preferences.published_sets:UltraFeedback",
    "helpsteer2": "vibench.preferences.published_sets:HelpSteer2",
}


@hookimpl
def register_sources(register: Callable[[str, str], None]) -> None:
    """Register all seven by name; a class is imported when a run names it."""
    for name, where in SOURCES.items():
        register(name, where)
