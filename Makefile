# make demo: the main job in small, from nothing to a report.   make test: the whole test suite.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test lint format install clean

install: $(INSTALLED)

# Made anew when the requirements change; otherwise a second call installs nothing.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "make: $(PYTHON) is Python %d.%d; aeaug needs 3.11 to 3.13: make PYTHON=python3.12" % sys.version_info[:2])'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,sweep,tune]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/python scripts/train.py -m experiment=demo
	$(BIN)/python scripts/report.py experiment=demo
	@echo
	@echo "TensorBoard: $(BIN)/tensorboard --logdir outputs/runs/demo"

test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache
