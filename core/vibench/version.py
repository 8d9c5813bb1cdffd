"""The version of this vibench: in a module of its own, so that those who need it import no more."""

__all__ = ["INTERFACE", "__version__"]

__version__ = "0.2.0"

INTERFACE = 1
"""The version of the plugin interface (docs/stability.md). It goes up when a plugin that was
written for the version before would no longer work unchanged."""
