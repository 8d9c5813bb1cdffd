"""How fast 3,000 transcripts are judged at an endpoint that answers after 20 ms.

    python benchmarks/judging.py [--calls 3000] [--connections 64,256] [--latency 0.02]
                                 [--rounds 3] [--inspect VENV/bin/python]

Whole processes against a server of this script's own, in turns, the best of the rounds each:
`vibench data values` on pairs that are in its store already, its verdicts durable; a bare
aiohttp loop that asks the same and keeps nothing; and Inspect AI, if a Python that has it is
named (`pip install inspect-ai openai` in an environment of its own). What a process takes for
20 calls is told too, and the ratio to the bare loop once both have started. CPU is what the process
and its children used; the server's is not in it. Modules are compiled before anything is
timed, as they are where packages are installed (a checkout's are not, where Python is told to
write no bytecode).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPLY = "<thinking>The assistant comforts the user.</thinking>\n<answer>empathy</answer>"
COMPILED = "compiled"
AIMS = {"inspect": 20.0, "bare": 0.6}
INSPECT = """
import json, sys
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.solver import generate

url, prompts, connections, folder = sys.argv[1:]
samples = [Sample(input=json.loads(line)) for line in open(prompts)]
config = GenerateConfig(max_connections=int(connections), temperature=0.2, max_tokens=1024)
(log,) = eval(
    Task(dataset=MemoryDataset(samples), solver=generate(), config=config),
    model="openai-api/local/judge",
    model_base_url=url, model_args={"api_key": "none"},
    display="none", log_dir=folder, max_samples=int(connections), score=False,
)
answered = sum("<answer>" in sample.output.completion for sample in log.samples)
assert log.status == "success" and answered == len(samples), (log.status, log.error, answered)
"""


class Answering(asyncio.Protocol):
    """HTTP/1.1 with kept connections: each request is answered after the latency."""

    latency = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
            whole = end + 4 + int(length or 0)
            if len(self.buffer) < whole:
                return
            self.buffer = self.buffer[whole:]
            asyncio.get_running_loop().call_later(self.latency, self.answer)

    def answer(self) -> None:
        self.transport.write(ANSWER)


def response() -> bytes:
    message = {"role": "assistant", "content": REPLY}
    used = {"prompt_tokens": 400, "completion_tokens": 20, "total_tokens": 420}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "judge",
            "choices": [choice], "usage": used}  # fmt: skip
    raw = json.dumps(body).encode()
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    return f"{head}{len(raw)}\r\n\r\n".encode() + raw


ANSWER = response()


async def serve(latency: float) -> None:
    Answering.latency = latency
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


async def bare(url: str, prompts: Path, connections: int) -> None:
    """As little as asking takes: a worker per connection, the reply read as JSON."""
    import aiohttp

    bodies = iter([json.loads(line) for line in prompts.read_text().splitlines()])
    answers = []

    async def work(http: aiohttp.ClientSession) -> None:
        for prompt in bodies:
            body = {"model": "judge", "messages": [{"role": "user", "content": prompt}],
                    "max_tokens": 1024, "temperature": 0.2, "top_p": 1.0, "seed": 1}  # fmt: skip
            async with http.post(f"{url}/chat/completions", json=body) as reply:
                answers.append((await reply.json())["choices"][0]["message"]["content"])

    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as http:
        await asyncio.gather(*(work(http) for _ in range(connections)))
    assert all("<answer>" in answer for answer in answers)


def write_inputs(folder: Path, calls: int) -> tuple[Path, Path]:
    """Pairs for vibench, and the prompts that it makes of them for the others."""
    from vibench.judging.judge_prompts import render
    from vibench.judging.rubrics import values_rubric
    from vibench.preferences.values import response_messages
    from vibench.records import Message, PreferencePair

    pairs, prompts = folder / "pairs.jsonl", folder / "prompts.jsonl"
    said = "I am so sorry to hear that, and I would like to help you with what comes next. " * 12
    with pairs.open("w") as written, prompts.open("w") as asked:
        for n in range(calls // 2):
            question = f"What should I do about number {n}?"
            one = PreferencePair(
                str(n), (Message("user", question),), f"{said}{n}", f"No. {said}{n}"
            )
            row = {"prompt": question, "chosen": one.chosen, "rejected": one.rejected}
            written.write(json.dumps(row) + "\n")
            for side in ("chosen", "rejected"):
                (message,) = render(values_rubric(response_messages(one, side)))
                asked.write(json.dumps(message.content) + "\n")
    return pairs, prompts


@dataclass(frozen=True, slots=True)
class Took:
    """A whole process: seconds of the clock and of CPU."""

    wall: float
    cpu: float


LEFT_OUT = ("VIBENCH_", "OPENAI_", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


def timed(command: list[str], folder: Path, compiled: Path | None = None) -> Took:
    """Run a command; `compiled` is where its modules' bytecode is, if not beside them."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(LEFT_OUT)}
    if compiled is not None:
        kept["PYTHONPYCACHEPREFIX"] = str(compiled)
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=kept, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu)


def vibench(pairs: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "vibench", "data", *more, "--json", "--source", pairs.name]


def judging(url: str, pairs: Path, connections: int, folder: Path) -> Took:
    """vibench in a store of its own, which has the pairs and no verdict yet."""
    folder.mkdir()
    (folder / pairs.name).write_bytes(pairs.read_bytes())
    compiled = folder.parent / COMPILED
    timed(vibench(pairs, "pairs"), folder, compiled)
    settings = {"mistral.engine": "openai", "mistral.model": "judge", "openai.base_url": url,
                "openai.connections": str(connections)}  # fmt: skip
    command = [*vibench(pairs, "values"), "--extractor", "mistral"]
    for name, value in settings.items():
        command += ["--set", f"{name}={value}"]
    took = timed(command, folder, compiled)
    (table,) = folder.glob(".vibench/artefacts/values/*/*/verdicts.parquet")
    check_verdicts(table, 2 * len(pairs.read_text().splitlines()))
    return took


def check_verdicts(table: Path, calls: int) -> None:
    from vibench.store.record_tables import read_verdicts

    found = [verdict for several in read_verdicts(table).values() for verdict in several]
    assert len(found) == calls, f"{len(found)} verdicts of {calls} calls"
    assert {verdict.labels for verdict in found} == {("empathy",)}


def looping(url: str, prompts: Path, connections: int, folder: Path) -> Took:
    """The bare loop."""
    command = [sys.executable, __file__, "--bare", url, str(prompts), str(connections)]
    return timed(command, folder, folder / COMPILED)


def compare(asked: Any, url: str, folder: Path) -> None:
    few = 20
    pairs, prompts = write_inputs(folder, few)
    judging(url, pairs, few, folder / "first")
    looping(url, prompts, few, folder)
    starts = {
        "vibench": min(
            judging(url, pairs, few, folder / f"start-{n}").wall for n in range(asked.rounds)
        ),
        "bare": min(looping(url, prompts, few, folder).wall for _ in range(asked.rounds)),
    }
    for name, wall in starts.items():
        print(f"{name} takes {wall:.2f} s to start and make {few} calls at once")
    pairs, prompts = write_inputs(folder, asked.calls)
    script = folder / "inspect_calls.py"
    script.write_text(INSPECT)
    for connections in asked.connections:
        took: dict[str, list[Took]] = {}
        for n in range(asked.rounds):
            place = folder / f"{connections}-{n}"
            took.setdefault("vibench", []).append(judging(url, pairs, connections, place))
            took.setdefault("bare", []).append(looping(url, prompts, connections, folder))
            if asked.inspect and not n:
                other = [asked.inspect, str(script), url, str(prompts), str(connections)]
                took["inspect"] = [timed([*other, str(place / "logs")], folder)]
        show(connections, asked.calls, took, starts)


def show(
    connections: int, calls: int, took: dict[str, list[Took]], starts: dict[str, float]
) -> None:
    best = {name: min(several, key=lambda one: one.wall) for name, several in took.items()}
    print(f"\n{calls} calls over {connections} connections, whole processes")
    for name, one in best.items():
        each = 1000 * one.cpu / calls
        print(f"  {name:8} {one.wall:7.2f} s {calls / one.wall:8.0f} a second"
              f"  {each:6.2f} ms of CPU a call")  # fmt: skip
    for name, aim in AIMS.items():
        if name in best:
            ratio = best[name].wall / best["vibench"].wall
            print(f"  vibench's rate is {ratio:.2f} times that of {name}; the aim is {aim:g}")
    mine, its = (best[name].wall - starts[name] for name in ("vibench", "bare"))
    print(f"  once both have started: {its / mine:.2f} times that of bare")


def main() -> None:
    if sys.argv[1:2] == ["--bare"]:
        asyncio.run(bare(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument(
        "--connections", type=lambda text: [int(n) for n in text.split(",")], default=[64, 256]
    )
    parser.add_argument("--latency", type=float, default=0.02, help="seconds before each answer")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--inspect", default="", help="a Python that has inspect-ai")
    parser.add_argument("--serve", action="store_true", help="only be the server")
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(serve(asked.latency))
        return
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", "--latency", str(asked.latency)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        with tempfile.TemporaryDirectory() as folder:
            compare(asked, server.stdout.readline().strip(), Path(folder))
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
