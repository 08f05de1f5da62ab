# The commands of a fresh machine. `make` names them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
HOST ?= 127.0.0.1
PORT ?= 8080
# Processes that run the tests: one for each core. 0 runs them in pytest's own process.
WORKERS ?= auto
# How long `make stress` takes.
MINUTES ?= 5
ROUNDS ?= 500
# Where pip finds CPU builds of PyTorch; empty takes the default index.
TORCH_INDEX ?=
export HF_HUB_OFFLINE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

INSTALLED := $(VENV)/.installed
TESTED := $(VENV)/.installed-for-tests
TORCH := torch==2.13.0
LOCKING := pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-package torch --no-annotate --quiet $(LOCK)

.PHONY: help install serve test check stress soak kills laws lock format clean

help:
	@echo "make serve    Load the sample articles and tickets and serve them on http://$(HOST):$(PORT)."
	@echo "make test     Run the tests."
	@echo "make check    Run the linters, the type checker and the import rules."
	@echo "make stress   Run the long tests: $(MINUTES) minutes of load on a server, $(ROUNDS) processes killed while they write,"
	@echo "              and the property tests with five times as many examples. MINUTES= and ROUNDS= change that."
	@echo "make format   Fix what the linters can fix, and format the code."
	@echo "make lock     Write requirements*.txt: the version and the hashes of every package. LOCK=--upgrade uses new versions."
	@echo "make install  Set up $(VENV) only. Then: $(BIN)/kbsearch serve --data DIR --host H --port P"
	@echo "make clean    Remove $(VENV), data/, build/ and dist/."
	@echo "All but clean set up $(VENV) first. .ci/run runs check, test and a short stress."

$(INSTALLED): pyproject.toml requirements.txt
	@echo "== setting up $(VENV) (some minutes the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "kbsearch needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "the venv could not be made; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "== installing PyTorch"
	@$(BIN)/python -m pip install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	@echo "== installing kbsearch"
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --requirement requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(TESTED): $(INSTALLED) requirements-test.txt
	@echo "== installing what the tests and checks need"
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --requirement requirements-test.txt
	@touch $@

install: $(INSTALLED)

serve: $(INSTALLED)
	@exec $(BIN)/kbsearch serve --data $(DATA) --host $(HOST) --port $(PORT) --samples

test: $(TESTED)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

check: $(TESTED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.project.locked
	$(BIN)/pyright

stress: $(TESTED)
	$(MAKE) --jobs=2 --output-sync=target soak kills
	$(MAKE) laws

soak: $(TESTED)
	$(BIN)/python -m scripts.stress.soak --minutes $(MINUTES) --clients 2 --documents 3000

kills: $(TESTED)
	$(BIN)/python -m scripts.stress.kill_rounds --rounds $(ROUNDS)

laws: $(TESTED)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile -m hypothesis --hypothesis-profile thorough

# Versions stay as they are locked unless pyproject.toml forbids them; LOCK=--upgrade takes the newest.
lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile $(LOCKING) --output-file requirements.txt
	$(BIN)/uv pip compile $(LOCKING) --extra test --extra check --output-file requirements-test.txt
	$(BIN)/python -m pip uninstall --quiet --yes uv

format: $(TESTED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) data build dist
