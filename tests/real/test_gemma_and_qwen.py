"""Models of these families are asked and trained as their chat templates have it."""

from __future__ import annotations

from family_tests import FamilyTests

FAMILIES = ("gemma-2", "gemma-3", "gemma-3-vision", "qwen-2.5", "qwen-3")


class TestGemmaAndQwen(FamilyTests):
    """Every test, on each family."""
