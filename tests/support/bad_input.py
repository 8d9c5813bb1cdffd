"""Bad input by a seed: configurations, matrices, registries and files that are malformed, deep,
huge or full of control characters, and the code that reads them, called in this process.

    python tests/support/bad_input.py --cases 2000 --seed 1

Each case must be accepted, or refused by one short sentence and a hint. Anything else is printed
with its case's seed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vibench.data import DataFiles
from vibench.errors import UsageError
from vibench.plan import make_plan
from vibench.plugins import Plugins
from vibench.preferences import unique_pairs
from vibench.registry import Catalogue, load_catalogue
from vibench.spec_completion import from_flags

__all__ = ["KINDS", "Reader", "complaint", "generated"]

MAX_SENTENCE = 650
MAX_HINT = 1250
MAX_SECONDS = 30.0
DEPTHS = (3, 20, 60, 95, 97, 101, 900, 3000)
BASE = {"evals": ["anthrobench"], "inducers": ["dpo"]}
SETTINGS = (
    *("dpo.beta", "dpo.lora_rank", "dpo.dtype", "dpo.trl", "dpo.target_modules", "dpo.epochs"),
    *("dpo.lr", "dpo.bf16", "dpo.chat_template", "dpo.gradient_checkpointing"),
    *("sampling.temperature", "sampling.max_tokens", "sampling.max_new_tokens"),
    *("transformers.dtype", "transformers.batch_size", "anthrobench.turns", "vllm.dtype"),
    *("generation.top_p", "nothing.here", "own-pairs.limit", "embedded.copies"),
)
OPTIONS = (
    *("models", "inducers", "values", "evals", "judges", "seeds", "set", "limit", "data", "pairs"),
    *("sources", "engine", "simulator", "extractor", "profile", "budget_usd", "max_errors"),
)
NAMES = ("models", "inducers", "values", "evals", "judges", "sources")
ODD_TEXTS = (
    *("", " ", "\x00", "\x1b[2J\x1b]0;owned\x07", "\u202egnp.exe", "\u2028line", "a\nb", "\ud800"),
    *("../" * 40, "~", "/", ".", "=", ":", "a:b:c", ",", "+", "none", "all", "null", "NaN", "-1"),
    *("1e400", "9" * 5000, "0" * 300, "-0.0", "'; DROP", "%s{}", "\\", '"', "ö" * 50, "😀" * 9),
    *("./no.py:Class", "./no.py:", "bad.py:\x00", "b" * 300 + ".py:Class", "issuebench=rules"),
    *("./folder", "tasks.yaml", "openai:gpt-5.6-terra", "org/model", "org/model@", "lm-eval:"),
)


@dataclass(frozen=True)
class Case:
    """One input: its kind, what reads it, and a description for reports."""

    kind: str
    read: Callable[[Reader, Path], object]
    description: str


@dataclass
class Reader:
    """The code that reads input: the catalogue, the installed plugins, and what they make."""

    catalogue: Catalogue = field(default_factory=load_catalogue)
    plugins: Plugins = field(default_factory=Plugins.discover)

    def configuration(self, catalogue: Catalogue | None = None, **flags: Any) -> None:
        """Read options as `vibench plan` does, up to the plan."""
        catalogue = catalogue or self.catalogue
        spec = from_flags(catalogue, self.plugins, **flags)
        folder = Path(spec.data).expanduser() if spec.data else None
        data = DataFiles(folder, spec.embedded_data, catalogue.datasets)
        make_plan(spec, catalogue, self.plugins, data)

    def matrix(self, path: Path) -> None:
        self.configuration(matrix=path)

    def registry(self, path: Path) -> None:
        catalogue = load_catalogue([path])
        self.configuration(catalogue, **BASE, models=["mine"], values=["mine", "empathy"], limit=1)

    def pairs(self, path: Path) -> None:
        source = self.plugins.build("source", "file", {"path": str(path)})
        for _ in unique_pairs(source, DataFiles(None, False, {})):
            pass
        self.configuration(**BASE, pairs=[f"empathy={path}"], limit=1)


@dataclass(frozen=True)
class Deep:
    """A value within lists or tables; objects of that depth could not be compared or printed."""

    scalar: Any
    depth: int
    as_list: bool


class Input(random.Random):
    """Values of every malformed kind, each decided by the seed."""

    def text(self) -> str:
        if self.random() < 0.15:
            return self.choice("ab\u202e\n\x1b,=") * self.choice((300, 5000, 100_000))
        return self.choice(ODD_TEXTS)

    def deep(self) -> Deep:
        return Deep(self.scalar(), self.choice(DEPTHS), self.random() < 0.5)

    def scalar(self) -> Any:
        return self.choice(
            [0, -1, 1, 10**30, 10**400, 0.1, -0.0, 1e308, True, False, self.text(), "empathy"]
        )

    def value(self) -> Any:
        chance = self.random()
        if chance < 0.6:
            return self.scalar()
        if chance < 0.7:
            return self.deep()
        if chance < 0.8:
            return [self.scalar() for _ in range(self.choice((0, 1, 2, 2000)))]
        return {self.text(): self.scalar() for _ in range(self.choice((0, 1, 3)))}

    def damaged(self, content: bytes) -> bytes:
        """Return a file's content as a crash or an editor may leave it."""
        chance = self.random()
        if chance < 0.8:
            return content
        if chance < 0.9:
            return content[: self.randrange(len(content) + 1)]
        at = self.randrange(len(content) + 1)
        return content[:at] + self.choice([b"\xff\xfe", b"\x00", b"[[", b'"', b"\r"]) + content[at:]


def _json(value: Any, equals: str = ":") -> str:
    """Return a value in JSON, however deep and however large its numbers."""
    match value:
        case Deep(scalar, depth, True):
            return "[" * depth + _json(scalar) + "]" * depth
        case Deep(scalar, depth):
            return f'{{"a" {equals} ' * depth + _json(scalar) + "}" * depth
        case dict():
            entries = (f"{_key(k)} {equals} {_json(v, equals)}" for k, v in value.items())
            return "{" + ", ".join(entries) + "}"
        case list():
            return "[" + ", ".join(_json(entry, equals) for entry in value) + "]"
    return json.dumps(value)


def _toml(value: Any) -> str:
    return _json(value, "=")


def _key(text: str) -> str:
    return json.dumps(text)


def _flags(random: Input) -> Case:
    sets = [
        f"{random.choice(SETTINGS)}={random.choice([_json, str_of])(random.value())}"
        for _ in range(random.choice((1, 1, 2)))
    ]
    if random.random() < 0.1:
        sets = [random.text()]
    flags: dict[str, Any] = {**BASE, "values": ["empathy"], "limit": 1, "sets": sets}
    for name in random.sample(
        [*NAMES, "seeds", "pairs"],
        random.choice((0, 0, 1, 2)),
    ):
        flags[name] = [random.text()]
    for name in ("engine", "simulator", "extractor", "profile"):
        if random.random() < 0.05:
            flags[name] = random.text() or "x"
    if random.random() < 0.1:
        flags["limit"] = random.choice((-1, 0, 10**30))
    return Case("configuration", lambda reader, _: reader.configuration(**flags), repr(flags))


def str_of(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _matrix(random: Input) -> Case:
    options = random.sample(OPTIONS, random.choice((1, 1, 2, 4)))
    base = {"evals": ["anthrobench"], "inducers": ["dpo"], "values": ["empathy"], "limit": 1}
    lines = [f"{name} = {_toml(base[name])}" for name in base if name not in options]
    for option in options:
        name = option if random.random() < 0.9 else _key(random.text())
        if option in ("set", "pairs") and random.random() < 0.8:
            setting = random.choice(SETTINGS) if option == "set" else _key(random.text())
            lines.append(f"{option}.{setting} = {_toml(random.value())}")
        elif option in (*NAMES, "seeds") and random.random() < 0.7:
            lines.append(f"{name} = {_toml([random.choice((random.text(), random.scalar()))])}")
        else:
            lines.append(f"{name} = {_toml(random.value())}")
    if random.random() < 0.1:
        lines.append(".".join(["a"] * random.choice(DEPTHS)) + " = 1")
    if random.random() < 0.1:
        lines.append("date = " + random.choice(["2026-11-28", "2026-13-45", "07:32:00", "inf"]))
    if random.random() < 0.02:
        lines += [f"key{number} = 1" for number in range(random.choice((20_000, 1_000_000)))]
    return _file(random, "matrix", "matrix.toml", "\n".join(lines), Reader.matrix)


REGISTRY = {
    "values.mine": {"valence": "positive", "category": "c", "definition": "d", "induction": "i"},
    "models.mine": {"source": "embedded:tiny-instruct", "stage": "instruct", "family": "f"},
    "sources.mine": {"description": "d", "licence": "MIT", "hub": "org/set", "revision": "main"},
    "profiles.embedded": {"values": ["empathy"], "judges": ["rules"], "models": ["mine"]},
    "profiles.embedded.sampling": {"temperature": 0.7, "top_p": 0.9, "max_tokens": 8},
    "profiles.embedded.settings.dpo": {"beta": 0.1, "lora_rank": 4, "dtype": "auto"},
    "prices.mine": {"input": 1.0, "output": 2.0},
    "datasets.mine": {"description": "d", "licence": "MIT", "source": "org/set"},
}


def _registry(random: Input) -> Case:
    lines = []
    tables = random.sample(sorted(REGISTRY), random.choice((1, 2, 4)))
    broken = random.choice(tables)
    for table in sorted({*tables, "models.mine", "values.mine"}):
        entries: dict[str, Any] = dict(REGISTRY[table])
        if table == broken:
            key = random.choice(sorted(entries)) if random.random() < 0.8 else random.text()
            entries[key] = random.value()
        if table == broken and random.random() < 0.1:
            table = f"{table.partition('.')[0]}.{_key(random.text())}"
        lines.append(f"[{table}]")
        for key, entry in entries.items():
            lines.append(f"{key if key.isidentifier() else _key(key)} = {_toml(entry)}")
    return _file(random, "registry", "overlay.toml", "\n".join(lines), Reader.registry)


def _pairs(random: Input) -> Case:
    rows = []
    for number in range(random.choice((1, 3, 20))):
        row: dict[str, Any] = {"prompt": f"p{number}", "chosen": "c", "rejected": "r"}
        if random.random() < 0.5:
            row[random.choice(("prompt", "chosen", "rejected", "system", "id"))] = random.value()
        if random.random() < 0.2:
            message = {"role": random.choice(("user", "tool", 1)), "content": random.value()}
            row[random.choice(("prompt", "chosen"))] = [message]
        if random.random() < 0.02:
            row |= {f"key{column}": 1 for column in range(50_000)}
        rows.append(row)
    name = random.choice(("a.jsonl", "a.json", "a.csv", "a.tsv", "a.jsonl.gz", "a.parquet", "a"))
    objects = list(map(_json, rows))
    content = "[" + ",".join(objects) + "]" if name == "a.json" else "\n".join(objects)
    if name in ("a.csv", "a.tsv"):
        comma = "," if name == "a.csv" else "\t"
        cells = [comma.join(_csv(row[c]) for c in ("prompt", "chosen", "rejected")) for row in rows]
        content = "\n".join([comma.join(("prompt", "chosen", "rejected")), *cells])
    return _file(random, "pairs", name, content, Reader.pairs)


def _csv(value: Any) -> str:
    return '"' + str_of(value).replace('"', '""') + '"'


def _file(
    random: Input, kind: str, name: str, content: str, read: Callable[[Reader, Path], None]
) -> Case:
    raw = random.damaged(content.encode(errors="surrogatepass"))
    if name.endswith(".gz"):
        raw = random.damaged(gzip.compress(raw, mtime=0))

    def act(reader: Reader, folder: Path) -> None:
        (folder / name).write_bytes(raw)
        read(reader, folder / name)

    return Case(kind, act, f"{name}: {raw[:200]!r}")


KINDS = (_flags, _matrix, _registry, _pairs)


def generated(seed: int) -> Case:
    """Return the case of a seed; seeds take turns among the kinds."""
    return KINDS[seed % len(KINDS)](Input(seed))


def complaint(reader: Reader, case: Case, folder: Path) -> tuple[str, str]:
    """Return what became of a case, "accepted" or "refused", and what is wrong with that: an
    exception of another kind, or an error that is long, empty or not fit for a terminal."""
    try:
        case.read(reader, folder)
    except UsageError as error:
        return "refused", _defect_of(error)
    except Exception:
        return "failed", traceback.format_exc(limit=-6)
    return "accepted", ""


def _defect_of(error: UsageError) -> str:
    if not error.message or not error.hint:
        return f"no sentence or no hint: {error!r:.300}"
    if not error.message.isprintable() or not error.hint.replace("\n", "").isprintable():
        return f"control characters: {error!r:.300}"
    if len(error.message) > MAX_SENTENCE or len(error.hint) > MAX_HINT:
        return f"{len(error.message)} and {len(error.hint)} characters: {error!r:.300}"
    return ""


def _cases(first: int, count: int) -> Iterator[tuple[int, Case]]:
    for seed in range(first * 1_000_000, first * 1_000_000 + count):
        yield seed, generated(seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    reader, counts, defects = Reader(), Counter[str](), 0
    start = slowest = time.monotonic()
    slowest = 0.0
    for seed, case in _cases(arguments.seed, arguments.cases):
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            result, defect = complaint(reader, case, Path(folder))
        seconds = time.monotonic() - begun
        slowest = max(slowest, seconds)
        if seconds > MAX_SECONDS and not defect:
            defect = f"took {seconds:.0f} s"
        counts[f"{case.kind} {result}"] += 1
        if defect:
            defects += 1
            print(f"case {seed}, {case.description[:200]!r}\n{defect}\n", flush=True)
    print(f"seed {arguments.seed}: {sum(counts.values())} cases, {defects} defects,"
          f" {time.monotonic() - start:.0f} s, slowest {slowest:.1f} s")  # fmt: skip
    for name, count in sorted(counts.items()):
        print(f"  {name}: {count}")
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main())
