# Plain python3, pip and make are all that a fresh machine needs; every target sets up .venv by itself.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test app notebooks bench lint nightly clean
.DELETE_ON_ERROR:

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev,timm,app]"
	@touch $@

lint: $(READY)  ## style, types and the arrows between the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(READY)  ## every test but the nightly and the online ones
	$(BIN)/pytest -n auto

nightly: $(READY)  ## the long proofs
	$(BIN)/pytest -m nightly

demo: $(READY)  ## the main job on what ships, offline: the embedded network on stimuli and photographs
	$(BIN)/neurolupa demo

notebooks: $(READY)  ## every notebook, run once and written in both languages, with what it shows, to out/notebooks
	$(BIN)/python -m notebooks --out out/notebooks

app: $(READY)  ## the dashboard in the browser, on this machine alone; Ctrl-C ends it
	$(BIN)/neurolupa app

bench: $(READY)  ## the ratios of benchmarks/, side by side in one run
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache
