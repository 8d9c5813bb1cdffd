"""The report as a page: in one file (`write_page`), or served on loopback (`serve`)."""

from __future__ import annotations

from vibench.report.page.building import Besides, Options
from vibench.report.page.judges import Agreed, Pairing
from vibench.report.page.writing import Written, write_page

__all__ = ["Agreed", "Besides", "Options", "Pairing", "Written", "write_page"]
