"""What every test may use: the real data, a store, and the installed plugins."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, wait_until
from hypothesis import settings

from vibench.plugins import Plugins
from vibench.registry import Catalogue, load_catalogue
from vibench.store.artefacts import Store

ROOT = Path(__file__).parents[1]
REAL_DATA = ROOT.parent / "shared" / "data"

# Read here: no setting of the machine's is left once tests run.
NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = os.environ.get("VIBENCH_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


# Where tests run in the background, Ctrl-C may be ignored, and by what they start too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST = ("test_kills.py", "test_docs.py", "test_parity.py")

# How long an example takes on a busy machine says nothing.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin first, so that no process waits for them at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(autouse=True, scope="session")
def _alone() -> None:
    """No setting of the machine's reaches the tests."""
    for name in [n for n in os.environ if n.startswith("VIBENCH_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real public data; tests that need it are skipped where it is not."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real data is not here (../shared/data)")
    return REAL_DATA


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "store")
    made.prepare()
    return made


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return load_catalogue(working_folder=tmp_path_factory.mktemp("empty"))


@pytest.fixture
def plugins() -> Plugins:
    return Plugins.discover()


@pytest.fixture
def damage() -> Callable[[Path], None]:
    """Change one byte in the middle of a file."""

    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(bytes(content))

    return flip


@pytest.fixture
def vibench(tmp_path: Path) -> CommandLine:
    """The command line, in a folder of its own and without the machine's settings and keys."""
    return CommandLine(tmp_path)


class Endpoint:
    """An OpenAI-compatible server on loopback (tests/endpoint/server.py), in its own process."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it, again on the same port if it ran before."""
        command = [sys.executable, str(ROOT / "tests" / "endpoint" / "server.py")]
        for name, value in {**self.options, "port": self.port}.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.base_url = self._process.stdout.readline().strip()
        assert self.base_url.startswith("http://"), "the endpoint did not start"
        self.port = int(self.base_url.split(":")[2].partition("/")[0])

    def stop(self) -> None:
        """Kill it; open connections are cut."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def stats(self) -> Any:
        """What it was asked and what it answered since its start."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats") as answer:
            return json.load(answer)

    def settled(self) -> Any:
        """The statistics once nothing is under way but what hangs: after a client's end."""

        def quiet() -> Any:
            before, after = self.stats(), self.stats()
            return None if before["under_way"] or before["asked"] != after["asked"] else after

        return wait_until(quiet, step=0.1)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Callable[..., Endpoint]]:
    """Starts endpoints with the server's options: endpoint(latency=0.02, faults="cut=0.1")."""
    pytest.importorskip("aiohttp")
    started: list[Endpoint] = []

    def start(**options: Any) -> Endpoint:
        started.append(Endpoint(**options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real browser (playwright's), for pages."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if BROWSER is None:
        pytest.skip(f"there is no browser (none of {', '.join(NAMES)}, nor VIBENCH_BROWSER)")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield launched
        launched.close()
