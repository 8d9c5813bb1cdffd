"""A judge whose module needs something that is not there any more."""

from vibench import Judge, a_name_that_was_removed

__all__ = ["Sphinx"]


class Sphinx(Judge):
    """Answers every question with one of its own."""

    def accepts(self, rubric_name: str) -> bool:
        return rubric_name == a_name_that_was_removed
