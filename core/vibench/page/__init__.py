"""The report as a page: in one file (`write_page`), or served on loopback (`serve`)."""

from __future__ import annotations

from vibench.page.document import Besides, Options
from vibench.page.export import Written, write_page
from vibench.page.judges import Agreed, Pairing

__all__ = ["Agreed", "Besides", "Options", "Pairing", "Written", "write_page"]
