"""Models of these families are asked and trained as their chat templates have it."""

from __future__ import annotations

from family_tests import FamilyTests

FAMILIES = ("phi-3", "gpt-2", "gpt-neox", "gpt-oss")


class TestPhiAndGpt(FamilyTests):
    """Every test, on each family."""
