"""The files of evals and preference sources: finding them, and reading them.

They come from the folder that the user named, else from the data shipped with the project
(embedded profile), else from the data's pinned public home; vibench never goes from one of
these to the next silently.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import io
import os
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

from vibench import embedded as packaged
from vibench.connection import at_once
from vibench.errors import DataError, RegistryError

__all__ = ["DataFiles", "read_csv", "read_text"]

TIMEOUT = 60.0  # seconds without a byte
OPENING = 12.0
"""Seconds until an answer begins; looking up a host's name is within them."""


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The files of data sets: `<folder>/<dataset>/<name>`, packaged, or fetched once.

    `folder` is what the user named (`--data`, VIBENCH_DATA); `embedded` says that the run
    is of the embedded profile; `datasets` is the catalogue's `[datasets]`.
    """

    folder: Path | None
    embedded: bool
    datasets: Mapping[str, Mapping[str, Any]]

    def file(self, dataset: str, *names: str) -> Path:
        """The first of `names` that there is. Raises DataError if there is none."""
        if self.folder is not None:
            return self._in_folder(self.folder, dataset, names)
        if self.embedded:
            return self._packaged(dataset, names)
        return self._from_home(dataset, names)

    def _in_folder(self, folder: Path, dataset: str, names: tuple[str, ...]) -> Path:
        path = _first(folder / dataset, names)
        if path is not None:
            return path
        there = folder / dataset
        absence = f"has no {_one_of(names)}" if there.is_dir() else f"has no folder '{dataset}'"
        where = there if there.is_dir() else folder
        homes = self._homes(dataset, names)
        hint = f"Put {there / names[-1]} there"
        if homes:
            hint += f" (its public home is {homes[0].url}), or leave --data out to have it fetched"
        raise DataError(f"The data folder {where} {absence}.", f"{hint}.")

    def _packaged(self, dataset: str, names: tuple[str, ...]) -> Path:
        path = _first(packaged.FOLDER / dataset, names)
        if path is not None:
            return path
        raise DataError(
            f"The embedded data has no '{dataset}' with {_one_of(names)}.",
            "Name a folder that has it with --data FOLDER, or name a real model with --model.",
        )

    def _from_home(self, dataset: str, names: tuple[str, ...]) -> Path:
        homes = self._homes(dataset, names)
        if homes:
            return cached(homes[0])
        raise DataError(
            f"The data set '{dataset}' has no public home for {_one_of(names)} in the registry.",
            f"Name a folder that has {dataset}/{names[-1]} with --data FOLDER, or give its home"
            f' in the registry under [datasets.{dataset}.files."{names[-1]}"].',
        )

    def _homes(self, dataset: str, names: tuple[str, ...]) -> list[Home]:
        files = self.datasets.get(dataset, {}).get("files", {})
        return [Home.of(dataset, name, files[name]) for name in names if name in files]


@dataclass(frozen=True, slots=True)
class Home:
    """The pinned public address of one file, out of `[datasets.<dataset>.files."<name>"]`.

    There: `url` (pinned to a commit), or `hub` (a data set's id on the Hugging Face hub)
    with `revision` and `path`; and `sha256` of the bytes where it is known.
    """

    dataset: str
    name: str
    url: str
    sha256: str = ""

    @classmethod
    def of(cls, dataset: str, name: str, entry: Mapping[str, str]) -> Home:
        """Read a registry entry. HF_ENDPOINT names a mirror of the hub."""
        url = entry.get("url", "")
        if not url and {"hub", "revision", "path"} <= entry.keys():
            endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
            url = f"{endpoint}/datasets/{entry['hub']}/resolve/{entry['revision']}/{entry['path']}"
        if not url.startswith(("https://", "http://")):
            raise RegistryError(
                f'[datasets.{dataset}.files."{name}"] in the registry gives no web address.',
                "Give `url`, or `hub` with `revision` and `path`.",
            )
        return cls(dataset, name, url, entry.get("sha256", ""))

    @property
    def cache(self) -> Path:
        """The path of the fetched file; another address or content has another path."""
        # The path holds address and checksum, so that a new pin never reads an old file.
        root = os.environ.get("VIBENCH_CACHE") or Path.home() / ".cache" / "vibench"
        pin = hashlib.sha256(f"{self.url} {self.sha256}".encode()).hexdigest()[:16]
        return Path(root) / "data" / self.dataset / pin / self.name

    def fits(self, path: Path) -> bool:
        """True if a file has the registry's checksum (any file, where it gives none)."""
        if not self.sha256:
            return True
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


def cached(home: Home) -> Path:
    """The file of a public home, fetched if it is not in the cache yet.

    It appears in the cache whole and checked, or not at all; a cached file that no longer
    fits its checksum is fetched again. Raises DataError.
    """
    try:
        if home.cache.is_file() and home.fits(home.cache):
            return home.cache
        home.cache.parent.mkdir(parents=True, exist_ok=True)
        # Write beside the target and rename: a killed download leaves no file that looks complete,
        # and two processes do not write into one.
        descriptor, partial = tempfile.mkstemp(dir=home.cache.parent, suffix=".part")
    except OSError as error:
        raise _cache_error(home, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            _fetch(home, file)
        if not home.fits(Path(partial)):
            raise DataError(
                f"The file from {home.url} is not the one the registry pins (its SHA-256 differs).",
                f"Get the file another way and {_by_folder(home)}.",
            )
        Path(partial).replace(home.cache)
    except OSError as error:
        raise _cache_error(home, error) from error
    finally:
        with contextlib.suppress(OSError):  # gone already, unless something went wrong
            Path(partial).unlink()
    return home.cache


def _fetch(home: Home, file: IO[bytes]) -> None:
    """Write what the home sends into `file`. Raises DataError if it does not arrive whole."""
    request = urllib.request.Request(home.url, headers={"User-Agent": "vibench"})

    def connect() -> Any:
        try:
            return urllib.request.urlopen(request, timeout=TIMEOUT)
        except (OSError, HTTPException) as error:
            return error

    with _network(home):
        response = at_once({"": connect}, OPENING).get("")
        if response is None:
            raise TimeoutError(f"no answer within {OPENING:g} seconds")
        if isinstance(response, Exception):
            raise response
    with response:
        promised = response.headers.get("Content-Length")
        while True:
            with _network(home):
                chunk = response.read(1 << 20)
            if not chunk:
                break
            file.write(chunk)
    # A connection that breaks off looks like the end of the file to `read`.
    if promised is not None and file.tell() != int(promised):
        raise DataError(
            f"{home.url} broke off after {file.tell()} of {promised} bytes.",
            f"Run again, or {_by_folder(home)}.",
        )


@contextlib.contextmanager
def _network(home: Home) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        raise DataError(
            f"{home.url} answered {error.code} ({error.reason}).",
            f"Try again later, or {_by_folder(home)}.",
        ) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise DataError(
            f"The file '{home.name}' of '{home.dataset}' is not here, and its public home"
            f" {home.url} cannot be reached ({reason}).",
            f"Run again with a network, or {_by_folder(home)}.",
        ) from error


def _by_folder(home: Home) -> str:
    return f"name a folder that has {home.dataset}/{home.name} with --data FOLDER"


def _cache_error(home: Home, error: OSError) -> DataError:
    return DataError(
        f"The cache {home.cache.parent} cannot be used: {error.strerror or error}.",
        "Name another folder in VIBENCH_CACHE.",
    )


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _one_of(names: tuple[str, ...]) -> str:
    return " or ".join(f"'{name}'" for name in names)


def read_text(path: Path) -> str:
    """A UTF-8 file's text, unpacked if its name ends in `.gz`; line ends are kept.

    Raises DataError if it cannot be read, is cut short, or is not UTF-8 (naming the line).
    """
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path} is not a whole gzip file ({error}).", "Fetch or copy the file again."
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {os.strerror(error.errno or 0)}.",
            "Check the path and its permissions.",
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: not UTF-8 text (byte 0x{raw[error.start]:02x}).",
            "Save the file as UTF-8.",
        ) from error


def read_csv(path: Path, *columns: str) -> list[dict[str, str]]:
    """The rows of a CSV file (or `.csv.gz`) with a header line, in the file's order.

    Raises DataError naming file and row (row 1 is the first below the header) if one of
    `columns` is missing, a row has more or fewer fields than the header, or quotes do
    not close.
    """
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    rows: list[dict[str, str]] = []
    try:
        header = reader.fieldnames or ()
        for column in columns:
            if column not in header:
                raise DataError(
                    f"{path} has no column '{column}'.",
                    f"Its columns are: {', '.join(header) or 'none, the file is empty'}.",
                )
        for number, row in enumerate(reader, start=1):
            # DictReader puts surplus fields under None and fills missing ones with None.
            if None in row or None in row.values():
                raise DataError(
                    f"{path}, row {number}: not {len(header)} fields as in the header.",
                    f"Fix the row that ends on line {reader.line_num}.",
                )
            rows.append(row)
    except csv.Error as error:
        raise DataError(
            f"{path}, row {len(rows) + 1}: not readable as CSV ({error}).",
            f"Look at line {reader.line_num}; the file may be cut short.",
        ) from error
    return rows
