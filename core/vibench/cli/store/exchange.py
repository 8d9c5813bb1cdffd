"""`vibench store export`, and `vibench store import` of what it wrote or of another store."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

from vibench.cli.store.paid_answers import import_paid_answers
from vibench.cli.store.size_list import check_store
from vibench.errors import SpecError, StoreError
from vibench.results.run_files import run_files
from vibench.store.archive import open_archive, write_archive
from vibench.store.artefacts import Store
from vibench.store.files import explain
from vibench.store.foreign_files import FolderFiles, ForeignFiles, refusal_of
from vibench.store.foreign_store import foreign_store
from vibench.store.store_format import FORMAT
from vibench.store.transfer import Transfer, transfer
from vibench.text import clean

__all__ = ["export_run", "import_path"]


def export_run(root: str, run: str, path: Path, ledgers: bool, force: bool) -> None:
    """Write one run to a file, and print what it holds."""
    if path.exists() and (not force or not path.is_file()):
        raise SpecError(f"{path} is there already.", "Name another file, or pass --force.")
    if not path.absolute().parent.is_dir():
        raise SpecError(f"There is no folder {path.parent}.", "Create it, or name another file.")
    store = check_store(root)
    contents = run_files(store, run, ledgers)
    try:
        size = write_archive(path, run, contents.files)
    except FileNotFoundError as error:
        raise StoreError(
            f"The store {root} changed while it was exported ({error.filename}).",
            "Run the same command again.",
        ) from error
    except OSError as error:
        raise SpecError(
            f"{path} cannot be written ({error.strerror or error}).", "Name another file."
        ) from error
    answers = f" and {contents.ledgers:,} ledgers" if ledgers else ""
    print(
        f"Wrote {clean(str(path), 500)}: the run {run} with {contents.finished:,} of "
        f"{contents.stages:,} stages{answers}, {size:,} bytes."
    )


def import_path(path: Path, root: str, registry: Sequence[Path]) -> None:
    """Import an exported file, another store, or what an earlier version's store has of use."""
    if path.is_file():
        with open_archive(path) as archive:
            _import(archive, root)
        return
    number = _format_of(path)
    if type(number) is int and number > FORMAT:
        raise refusal_of(
            str(path),
            f"a newer version of vibench wrote it (format {number}, not {FORMAT})",
            "Nothing was written. Import it with that version.",
        )
    if number != FORMAT:
        import_paid_answers(path, root, registry)
        return
    if path.resolve() == Path(root).resolve():
        raise StoreError(
            f"{path} cannot be imported into itself.", "Name another folder with --store."
        )
    try:
        folder = FolderFiles(path)
    except OSError as error:
        raise explain(error, path) from error
    _import(folder, root)


def _import(source: ForeignFiles, root: str) -> None:
    store = Store(root)
    # A store of another format is refused before a large file is read.
    store.check_format()
    try:
        foreign = foreign_store(source)
    except OSError as error:
        raise explain(error, Path(source.label)) from error
    for line in _lines(transfer(foreign, store), source.label, root):
        print(line)


def _lines(done: Transfer, source: str, root: str) -> list[str]:
    lines = [
        f"Imported {clean(source, 500)} into {clean(root, 500)}: {done.runs:,} runs, "
        f"{done.artefacts:,} artefacts and {done.rows:,} stored answers"
        f"{f' ({done.present:,} were there already)' if done.present else ''}."
    ]
    if done.different:
        lines.append(
            f"  {done.different:,} answers differ from those in {clean(root, 500)}, which were "
            "kept."
        )
    return lines


def _format_of(path: Path) -> object:
    """Return the format in a store's marker, None if it has none that can be read."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        marker = json.loads((path / "store.json").read_bytes())
        return marker.get("format") if isinstance(marker, dict) else None
    return None
