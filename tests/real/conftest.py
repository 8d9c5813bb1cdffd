"""The zoo: tiny models of the families of a test file, each built once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from zoo import Specimen, build

from vibench.engines.transformers.engine import TransformersEngine, TransformersSession

pytest.register_assert_rewrite("family_tests")
pytest.importorskip("torch")
pytest.importorskip("peft")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a file on each of its `FAMILIES`."""
    if "specimen" in metafunc.fixturenames:
        metafunc.parametrize("specimen", metafunc.module.FAMILIES, indirect=True, scope="module")


@pytest.fixture(scope="module")
def specimen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Specimen:
    """The model of a family, in a folder."""
    return build(request.param, tmp_path_factory.mktemp("zoo") / request.param)


@pytest.fixture(scope="module")
def session(specimen: Specimen) -> Iterator[TransformersSession]:
    """A session of the transformers engine on it."""
    properties = TransformersEngine.parameters["properties"]
    defaults = {name: entry["default"] for name, entry in properties.items()}
    opened = TransformersEngine(**{**defaults, "device": "cpu"}).open(specimen.model)
    yield opened
    opened.close()
