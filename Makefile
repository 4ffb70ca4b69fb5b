# Everything runs in .venv, made by the first command that needs it.

PYTHON ?= python3
BIN := .venv/bin
# Python compiles what it imports, and keeps it; pip would compile all there is, for a minute.
INSTALL := $(BIN)/python -m pip install --no-compile
DEV := requirements-cluster.txt requirements-baselines.txt requirements-dev.txt

CPU_HINT := No NVIDIA GPU was found. What is installed now brings several gigabytes for one. For the small CPU \
build press Ctrl-C, type $(PYTHON) -m venv .venv, install torch into it with the command that pytorch.org shows \
for Linux, Pip and CPU (with .venv/bin/python -m pip for its pip3), and give this command again.

# Without reordering: tests/conftest.py puts the files that take long first, xdist would put small ones last.
IN_PARALLEL := --numprocesses logical --dist loadfile --no-loadscope-reorder

# Words and documents are checked, so that nobody commits a wrong one; `make test` leaves them to `make check`.
DOCUMENTS := tests/test_documents.py tests/test_words.py

.PHONY: app setup test test-fast check bench bench-app bench-sweep bench-own bench-sentences bench-memory bench-table pictures faults diagnosis format clean

app: setup
	@exec $(BIN)/python -m rnn_core app

setup: .venv/installed

test: .venv/dev-ready
	$(BIN)/python -m pytest $(IN_PARALLEL) $(addprefix --ignore=,$(DOCUMENTS))

# For the habit: under 90 seconds, without a browser, without a worker, without a long training.
test-fast: .venv/dev-ready
	$(BIN)/python -m pytest $(IN_PARALLEL) $(addprefix --ignore=,$(DOCUMENTS)) -m "not browser and not slow"

check: .venv/dev-ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/oxlint rnn_core/export/page tests/export/page
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet $(DOCUMENTS)

faults: .venv/dev-ready
	@$(BIN)/python -m tests.faults

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
	@$(BIN)/python -m benchmarks.moving

format: .venv/dev-ready
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf build *.egg-info .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

.venv/installed: requirements.txt
	@if [ "$$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null && \
	  ! $(BIN)/python -m pip show --quiet torch 2>/dev/null; then echo "$(CPU_HINT)"; fi
	@echo "Setting up .venv; the first time takes a few minutes."
	$(PYTHON) -m venv .venv
	$(INSTALL) --requirement requirements.txt
	@touch $@

.venv/dev-ready: .venv/installed $(DEV)
	$(INSTALL) $(addprefix --requirement ,$(DEV))
	@touch $@
