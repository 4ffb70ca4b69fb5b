# Everything runs in .venv, made by the first command that needs it.

PYTHON ?= python3
BIN := .venv/bin
# Python compiles what it imports, and keeps it; pip would compile all there is, for a minute.
INSTALL := $(BIN)/python -m pip install --no-compile
DEV := requirements-cluster.txt requirements-baselines.txt requirements-dev.txt

# Where pytorch.org has torch for a CPU alone (pip by itself brings gigabytes for a GPU), and the seconds to reach it.
TORCH_CPU := https://download.pytorch.org/whl/cpu
PATIENCE := 5

# Random cells that are tried.
N := 1000

# Without reordering: tests/conftest.py puts the files that take long first, xdist would put small ones last.
IN_PARALLEL := --numprocesses logical --dist loadfile --no-loadscope-reorder

# Words and documents are checked, so that nobody commits a wrong one; `make test` leaves them to `make check`.
DOCUMENTS := tests/test_documents.py tests/test_words.py tests/test_direction.py

.PHONY: app setup test test-fast check check-types check-rest bench bench-app bench-sweep bench-own bench-sentences bench-memory bench-table pictures faults mutants random-cells diagnosis weight weight-lower format clean

app: setup
	@exec $(BIN)/python -m rnn_core app

setup: .venv/installed

test: .venv/dev-ready
	$(BIN)/python -m pytest $(IN_PARALLEL) $(addprefix --ignore=,$(DOCUMENTS))

# For the habit: under 90 seconds, without a browser, without a worker, without a long training.
test-fast: .venv/dev-ready
	$(BIN)/python -m pytest $(IN_PARALLEL) $(addprefix --ignore=,$(DOCUMENTS)) -m "not browser and not slow"

# Types take as long as all other checks together: `make --jobs 2 check` looks at both at once.
check: check-types check-rest

check-types: .venv/dev-ready
	$(BIN)/mypy

check-rest: .venv/dev-ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/oxlint rnn_core/export/page tests/export/page
	$(BIN)/lint-imports
	$(BIN)/python -m tests.weight --check
	$(BIN)/python -m pytest --quiet $(DOCUMENTS)

weight: .venv/dev-ready
	@$(BIN)/python -m tests.weight

weight-lower: .venv/dev-ready
	@$(BIN)/python -m tests.weight --lower

faults: .venv/dev-ready
	@$(BIN)/python -m tests.faults

mutants: .venv/dev-ready
	@$(BIN)/python -m tests.mutants

random-cells: .venv/dev-ready
	@$(BIN)/python -m tests.equations.checks $(N)

diagnosis: .venv/dev-ready
	@$(BIN)/python -m tests.diagnosis

bench: .venv/installed
	@$(BIN)/python -m rnn_core bench

bench-app: .venv/dev-ready
	@$(BIN)/python -m benchmarks app

bench-sweep: .venv/dev-ready
	@$(BIN)/python -m benchmarks sweep

bench-own: .venv/dev-ready
	@$(BIN)/python -m benchmarks own

bench-memory: .venv/dev-ready
	@$(BIN)/python -m benchmarks memory

bench-table: .venv/dev-ready
	@$(BIN)/python -m benchmarks table

bench-sentences: .venv/dev-ready
	@$(BIN)/python -m benchmarks sentences

pictures: .venv/dev-ready
	@$(BIN)/python -m benchmarks.pictures

format: .venv/dev-ready
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf build *.egg-info .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

.venv/installed: requirements.txt
	@echo "Setting up .venv; the first time takes a few minutes."
	$(PYTHON) -m venv .venv
	@[ "$$(uname -s)" != Linux ] || command -v nvidia-smi >/dev/null || $(BIN)/python -m pip show --quiet torch 2>/dev/null || \
	  if timeout $(PATIENCE) $(BIN)/python -c "import urllib.request as u; u.urlopen('$(TORCH_CPU)/torch/')" 2>/dev/null; then \
	    echo "No NVIDIA GPU was found: torch for a CPU, from $(TORCH_CPU)."; \
	    $(INSTALL) --index-url $(TORCH_CPU) "$$(grep ^torch requirements.txt)" || echo "That failed: torch as pip finds it."; \
	  else echo "No NVIDIA GPU was found, and $(TORCH_CPU) can't be reached: torch as pip finds it."; fi
	$(INSTALL) --requirement requirements.txt
	@touch $@

.venv/dev-ready: .venv/installed $(DEV)
	$(INSTALL) $(addprefix --requirement ,$(DEV))
	@touch $@
