"""A report as one HTML file, and what it cannot hold in files beside it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import StoreError, UsageError
from vibench.page.blocks import blocks
from vibench.page.commands import command_of
from vibench.page.compression import packed
from vibench.page.document import Besides, Holding, Options, page
from vibench.page.facts import Facts
from vibench.page.sets import TranscriptSet, transcript_sets
from vibench.page.transcript_choice import quotas
from vibench.page.transcripts import read_set
from vibench.report.run_report import RunReport
from vibench.store.artefacts import replacing

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["BESIDE", "Written", "catalogue", "finished", "write_page"]

BESIDE = 100_000
"""Of more transcripts than this no files are written beside a page: `vibench view` has them."""

NOTHING = Besides()


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: of `transcripts` there are, `held` are in the page itself and
    `beside` in `files` files beside it."""

    path: Path
    transcripts: int
    held: int
    beside: int
    files: int


def write_page(
    store: Store, collected: RunReport, path: Path, options: Options, besides: Besides = NOTHING
) -> Written:
    """Write the page; what was there is replaced once the new one is whole.

    Raises StoreError without a finished cell, UsageError where `path` cannot be written.
    """
    sets = finished(store, collected)
    with _writable(path), _folder(path) as folder:
        facts = Facts()
        shares = quotas([one.rows for one in sets], max(0, options.transcripts))
        total, held = sum(one.rows for one in sets), sum(shares)
        beside = held < total <= BESIDE
        held_lines: list[Any] = []
        held_blocks: list[str] = []
        parts: list[list[str]] = [[] for _ in sets]
        places: list[list[int]] = []
        for place, (one, share) in enumerate(zip(sets, shares, strict=True)):
            if share:
                for block in blocks(read_set(one, options.redact, share), facts):
                    places.append([place, len(block.lines)])
                    held_lines.append(block.lines)
                    held_blocks.append(packed(block.bodies))
            if beside and share < one.rows:
                parts[place] = _write_parts(folder, place, one, options, facts)
        told = catalogue(sets, "file", options.redact) | {
            "held": shares,
            "blocks": places,
            "facts": facts.rows(),
            "folder": [f"{path.stem}-files", folder.name],
            "parts": parts,
        }
        words = _words(total, held, beside, sum(share > 0 for share in shares), options)
        holding = Holding(told, words, packed(held_lines), held_blocks, beside)
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
            for piece in page(store, collected, sets, options, holding, besides):
                file.write(piece)
    files = sum(map(len, parts))
    return Written(path, total, held, total - held if beside else 0, files)


def finished(store: Store, collected: RunReport) -> list[TranscriptSet]:
    """The transcripts there are. Raises StoreError if no cell is finished."""
    if not collected.cells:
        record = collected.records[-1]
        raise StoreError(
            f"No cell of the run {record['id']} in {store.root} is finished, so there is nothing "
            "to report.",
            f"Go on with it: {command_of(record)}",
        )
    return transcript_sets(collected)


def catalogue(sets: Sequence[TranscriptSet], mode: str, redact: bool) -> dict[str, Any]:
    """What the page's script is told of the sets: [model, inducer, value, settings, eval,
    vanilla set, how many transcripts, key, judges]."""
    return {
        "mode": mode,
        "redacted": redact,
        "sets": [
            [
                one.model, one.inducer, one.value, ", ".join(one.settings), one.eval, one.vanilla,
                one.rows, one.key, [judging.judge for judging in one.judgings],
            ]
            for one in sets
        ],
    }  # fmt: skip


def _write_parts(
    folder: Path, place: int, one: TranscriptSet, options: Options, facts: Facts
) -> list[str]:
    """A whole set in files, each a script that hands its block over."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number, block in enumerate(blocks(read_set(one, options.redact), facts)):
        name = f"{place:04d}-{number:03d}.js"
        data = packed([block.lines, block.bodies])
        (folder / name).write_text(f"vibenchPart({json.dumps(name)},{json.dumps(data)});\n")
        names.append(name)
    return names


def _words(total: int, held: int, beside: bool, sets: int, options: Options) -> str:
    redacted = (
        " Answers that may do harm, and what was asked, are left out of this file."
        if options.redact
        else ""
    )
    if held == total:
        return f"All {total:,} transcripts are in this file.{redacted}"
    where = (
        "The rest is in the files beside this page, and is loaded for one subject at a time."
        if beside
        else "`vibench view` shows all of them."
    )
    if not held:
        return f"None of the {total:,} transcripts are in this file. {where}{redacted}"
    return (
        f"{held:,} of {total:,} transcripts are in this file: as many of each of {sets:,} sets "
        "(a subject in an eval) as there is room for, spread evenly over its samples, the same "
        f"samples for all subjects. {where}{redacted}"
    )


@contextlib.contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise UsageError(
            f"The page {path} cannot be written ({error.strerror or error}).",
            "Name another file with --html.",
        ) from error


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """A new folder for this page's files, of a name of its own, so that an earlier page keeps
    its files until it is replaced; on success those of earlier pages are removed."""
    whole = path.with_name(f"{path.stem}-files")
    mine = whole / uuid.uuid4().hex[:12]
    try:
        yield mine
    except BaseException:
        shutil.rmtree(mine, ignore_errors=True)
        _drop_if_empty(whole)
        raise
    for other in whole.iterdir() if whole.is_dir() else ():
        if other != mine and other.is_dir() and re.fullmatch("[0-9a-f]{12}", other.name):
            shutil.rmtree(other, ignore_errors=True)
    _drop_if_empty(whole)


def _drop_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
