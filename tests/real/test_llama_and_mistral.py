"""Models of these families are asked and trained as their chat templates have it."""

from __future__ import annotations

from family_tests import FamilyTests

FAMILIES = ("llama-3.1", "mistral-0.3", "mistral-nemo", "olmo-2")


class TestLlamaAndMistral(FamilyTests):
    """Every test, on each family."""
