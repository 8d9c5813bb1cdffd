"""A run on a real model and real data, from nothing to a page: what `make real` does.

SmolLM2-135M-Instruct is converted from the GGUF file of a Python package, trained and prompted on
real preference rows, asked real prompts and judged by `rules`. Rerunning the command resumes it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from convert_gguf import main as convert_gguf
from short_pairs import write_short_pairs
from vibench.errors import UsageError
from vibench.plugins import Plugins

__all__ = ["Sizes", "run_options"]

VALUES = ("empathy", "honesty")


@dataclass(frozen=True, slots=True)
class Sizes:
    """The size of a run: pairs of each value, prompts of each eval, tokens of an answer."""

    pairs: int
    limit: int
    max_tokens: int


def run_options(folder: Path, data: Path | None, sizes: Sizes) -> list[str]:
    """Return the options of `vibench run`. Everything it makes is in `folder`."""
    options = {
        "--model": folder / "smollm2-135m-instruct",
        "--inducer": "none,prompt,dpo,dpo+prompt",
        "--value": ",".join(VALUES),
        "--eval": "issuebench,anthrobench,advbench",
        "--judge": "rules",
        "--extractor": "rules",
        "--source": pairs_file(folder, sizes),
        "--minimum-pairs": 4,
        "--limit": sizes.limit,
        "--store": folder / "store",
    }
    if data is not None:
        options["--data"] = data
    settings = {
        "sampling.max_tokens": sizes.max_tokens,
        # Few steps on a small model: the paper's 5e-6 would change next to nothing.
        "dpo.learning_rate": "3e-4",
        "dpo.epochs": 2,
        "dpo.batch_size": 4,
        "dpo.max_length": 256,
    }
    flags = [str(part) for option in options.items() for part in option]
    return flags + [part for name, n in settings.items() for part in ("--set", f"{name}={n}")]


def pairs_file(folder: Path, sizes: Sizes) -> Path:
    # By the judge's version: another one finds the values in other pairs.
    version = Plugins.discover().get("judge", "rules").version
    return folder / f"pairs-{sizes.pairs}-rules-{version}.jsonl"


def vibench(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "vibench", *arguments], check=False).returncode


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    began = time.monotonic()
    sizes = Sizes(options.pairs, options.limit, options.max_tokens)
    folder, data = options.folder, options.data
    model, pairs, page = (
        folder / "smollm2-135m-instruct",
        pairs_file(folder, sizes),
        folder / "report.html",
    )
    if not model.is_dir() and (code := convert_gguf([str(model)])):
        return code
    if not pairs.is_file():
        counts = write_short_pairs(pairs, VALUES, sizes.pairs, data)
        print(f"{pairs}: " + ", ".join(f"{n} pairs for {value}" for value, n in counts.items()))
    code = vibench("run", *run_options(folder, data, sizes))
    if code:
        return code
    code = vibench("report", "--store", str(folder / "store"), "--html", str(page))
    print(f"{page} is ready, after {(time.monotonic() - began) / 60:.1f} minutes.")
    return code


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--folder", type=Path, default=Path(".vibench-real"), help="where everything is kept")
    add(
        "--data",
        type=Path,
        default=os.environ.get("VIBENCH_DATA") or None,
        help="a folder of data sets (VIBENCH_DATA); without it they are downloaded",
    )
    add("--pairs", type=int, default=24, help="preference pairs for each value")
    add("--limit", type=int, default=6, help="prompts of each eval")
    add("--max-tokens", type=int, default=150, help="length of an answer")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; rerun the same command to resume", file=sys.stderr)
        sys.exit(130)
