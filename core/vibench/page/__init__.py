"""The report as a page: in one file (`write_page`), or served on loopback (`serve`)."""

from __future__ import annotations

from vibench.page.contents import Options, Supplement
from vibench.page.html_file import Written, write_page
from vibench.page.judges import JudgePair, QuestionAgreement

__all__ = ["JudgePair", "Options", "QuestionAgreement", "Supplement", "Written", "write_page"]
