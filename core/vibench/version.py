"""The version of this vibench: in a module of its own, so that those who need it import no more."""

__all__ = ["__version__"]

__version__ = "0.2.0"
