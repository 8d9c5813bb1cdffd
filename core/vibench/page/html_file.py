"""A report as one HTML file, with the transcripts that it cannot hold in files beside it."""

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
from vibench.page.compression import packed
from vibench.page.contents import Options, PageTranscripts, Supplement, page
from vibench.page.facts import Facts
from vibench.page.run_words import command_of
from vibench.page.sets import TranscriptSet, transcript_sets
from vibench.page.transcript_choice import quotas
from vibench.page.transcripts import read_set
from vibench.report.run_report import RunReport
from vibench.store.artefacts import replacing

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["BESIDE", "Written", "catalogue", "finished", "write_page"]

BESIDE = 100_000
"""Most transcripts in files beside a page; `vibench view` shows any number."""

NOTHING = Supplement()


@dataclass(frozen=True, slots=True)
class Written:
    """A page on disk: of `transcripts`, `held` are in the page itself and `beside` in `files` files
    beside it."""

    path: Path
    transcripts: int
    held: int
    beside: int
    files: int


def write_page(
    store: Store,
    collected: RunReport,
    path: Path,
    options: Options,
    supplement: Supplement = NOTHING,
) -> Written:
    """Write the page, replacing an earlier one once the new one is whole.

    Raise StoreError without a finished cell, UsageError where `path` cannot be written.
    """
    sets = finished(store, collected)
    with _writable(path), _folder(path) as folder:
        facts = Facts()
        shares = quotas([transcripts.rows for transcripts in sets], max(0, options.transcripts))
        total, held = sum(transcripts.rows for transcripts in sets), sum(shares)
        # More would be thousands of files: `vibench view` reads them from the store instead.
        beside = held < total <= BESIDE
        held_lines: list[Any] = []
        held_blocks: list[str] = []
        parts: list[list[str]] = [[] for _ in sets]
        places: list[list[int]] = []  # For each block in the page: its set, and its transcripts.
        for number, (transcripts, share) in enumerate(zip(sets, shares, strict=True)):
            if share:
                for block in blocks(read_set(transcripts, options.redact, share), facts):
                    places.append([number, len(block.lines)])
                    held_lines.append(block.lines)
                    held_blocks.append(packed(block.bodies))
            # The files beside have the whole set, also what the page holds: one read in order.
            if beside and share < transcripts.rows:
                parts[number] = _write_parts(folder, number, transcripts, options, facts)
        about_sets = catalogue(sets, "file", options.redact) | {
            "held": shares,
            "blocks": places,
            "facts": facts.rows(),
            "folder": [f"{path.stem}-files", folder.name],
            "parts": parts,
        }
        words = _words(total, held, beside, sum(share > 0 for share in shares), options)
        holding = PageTranscripts(about_sets, words, packed(held_lines), held_blocks, beside)
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
            for piece in page(store, collected, sets, options, holding, supplement):
                file.write(piece)
    files = sum(map(len, parts))
    return Written(path, total, held, total - held if beside else 0, files)


def finished(store: Store, collected: RunReport) -> list[TranscriptSet]:
    """Return the transcripts of the finished cells. Raise StoreError if there are none."""
    if not collected.cells:
        record = collected.records[-1]
        raise StoreError(
            f"No cell of the run {record['id']} in {store.root} is finished, so there is nothing "
            "to report.",
            f"Resume it: {command_of(record)}",
        )
    return transcript_sets(collected)


def catalogue(sets: Sequence[TranscriptSet], mode: str, redact: bool) -> dict[str, Any]:
    """Return the sets as the page's script needs them: [model, inducer, value, settings, eval,
    vanilla set, number of transcripts, key, judges]."""
    return {
        "mode": mode,
        "redacted": redact,
        "sets": [
            [
                *(s.model, s.inducer, s.value, ", ".join(s.settings), s.eval, s.vanilla),
                *(s.rows, s.key, [judgment.judge for judgment in s.judgments]),
            ]
            for s in sets
        ],
    }


def _write_parts(
    folder: Path, set_number: int, transcripts: TranscriptSet, options: Options, facts: Facts
) -> list[str]:
    """Write a set in files, each a script that hands its block to the page."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number, block in enumerate(blocks(read_set(transcripts, options.redact), facts)):
        name = f"{set_number:04d}-{number:03d}.js"
        data = packed([block.lines, block.bodies])
        (folder / name).write_text(f"vibenchPart({json.dumps(name)},{json.dumps(data)});\n")
        names.append(name)
    return names


def _words(total: int, held: int, beside: bool, sets: int, options: Options) -> str:
    redacted = (
        " Harmful answers and their prompts are left out of this file." if options.redact else ""
    )
    if held == total:
        return f"All {total:,} transcripts are in this file.{redacted}"
    where = (
        "The rest is in the files beside this page, loaded for one subject at a time."
        if beside
        else "`vibench view` shows all of them."
    )
    if not held:
        return f"None of the {total:,} transcripts are in this file. {where}{redacted}"
    return (
        f"{held:,} of {total:,} transcripts are in this file: an equal share of each of {sets:,} "
        "sets (a subject in an eval), spread evenly over its samples, the same samples for all "
        f"subjects. {where}{redacted}"
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
    """Yield a new folder for this page's files, so that an earlier page keeps its own until it is
    replaced; on success the files of earlier pages are removed."""
    parent = path.with_name(f"{path.stem}-files")
    mine = parent / uuid.uuid4().hex[:12]
    try:
        yield mine
    except BaseException:  # Ctrl-C too must not leave half a folder.
        shutil.rmtree(mine, ignore_errors=True)
        _drop_if_empty(parent)
        raise
    # The new page is in place, so nothing refers to the earlier files any more.
    for earlier in parent.iterdir() if parent.is_dir() else ():
        # Only folders named as ours are: a reader may keep other things there.
        if earlier != mine and earlier.is_dir() and re.fullmatch("[0-9a-f]{12}", earlier.name):
            shutil.rmtree(earlier, ignore_errors=True)
    _drop_if_empty(parent)


def _drop_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
