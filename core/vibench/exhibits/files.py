"""Exhibits as files in a folder, in every form that each has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from vibench.errors import MissingExtra, UsageError
from vibench.exhibits.canvas import FORMATS
from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.exhibit_document import exhibit_document
from vibench.exhibits.exhibit_records import exhibits_csv
from vibench.exhibits.latex import as_latex
from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.picture import PICTURED, picture
from vibench.store.artefacts import replacing

__all__ = ["write"]

Form = tuple[str, Callable[[], bytes]]


def write(exhibits: Sequence[Exhibit], folder: Path, wrote: Callable[[Path], None]) -> None:
    """Write NAME.md, .tex and .csv of each exhibit, and .png, .svg and .pdf of those that are
    pictures, and call `wrote` for each file. Files are written atomically, and the same numbers
    are the same bytes.

    Raise UsageError where a file cannot be written and, after all text forms, MissingExtra
    without matplotlib.
    """
    for exhibit in exhibits:
        _write(exhibit, _texts(exhibit), folder, wrote)
    # Text forms first: without matplotlib those are all written before the error.
    for exhibit in exhibits:
        _write(exhibit, _pictures(exhibit), folder, wrote)


def _texts(exhibit: Exhibit) -> Iterable[Form]:
    yield "md", lambda: as_markdown(exhibit_document(exhibit)).encode()
    yield "tex", lambda: as_latex(exhibit).encode()
    yield "csv", lambda: exhibits_csv([exhibit]).encode()


def _pictures(exhibit: Exhibit) -> Iterable[Form]:
    def drawn(form: str) -> Callable[[], bytes]:
        return lambda: picture(exhibit, form)

    if exhibit.kind in PICTURED:
        for form in FORMATS:
            yield form, drawn(form)


def _write(
    exhibit: Exhibit, forms: Iterable[Form], folder: Path, wrote: Callable[[Path], None]
) -> None:
    # Names of exhibits are ours, but nothing may write outside the folder.
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", exhibit.name)
    for suffix, content in forms:
        path = folder / f"{name}.{suffix}"
        try:
            # Made before anything is opened: a picture that fails leaves no empty file.
            data = content()
        except MissingExtra as error:
            raise MissingExtra(
                f"Drawing '{exhibit.name}' (the text forms are written)", "figures", "matplotlib"
            ) from error
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_bytes(data)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror or error}.",
                "Name a writable folder with --out.",
            ) from error
        wrote(path)
