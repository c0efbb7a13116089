# make demo: the main job in small, from nothing to a report.   make test: the test suite.
# make results: docs/results, the README's answer and its figure, with the finished runs of this machine (RUNS=ledger: of
# some experiments alone).
# make test-long: what takes minutes, such as a sweep that is killed five times, and further ways of the same kind.
# make docs: the site, in outputs/site.
# make test-cluster: sweeps on a Slurm and a Ray of this machine, and on a disk of two (docs/clusters.md).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
RAY := $(VENV)-ray
# One more than cores: some tests wait for processes that they started.
WORKERS = $(shell $(BIN)/python -c 'import os; print(min(4, os.cpu_count() or 1) + 1)')

.PHONY: demo results docs test test-long test-cluster lint format install clean

install: $(INSTALLED)

# Made anew when the requirements change; otherwise a second call installs nothing.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "make: $(PYTHON) is Python %d.%d; aeaug needs 3.11 to 3.13: make PYTHON=python3.12" % sys.version_info[:2])'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,tune,docs,fidelity,hf]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/python scripts/train.py -m experiment=demo
	$(BIN)/python scripts/report.py experiment=demo
	@echo
	@echo "TensorBoard: $(BIN)/tensorboard --logdir outputs/runs/demo"

results: $(INSTALLED)
	$(BIN)/python scripts/results.py $(RUNS)

# Not --quiet: warnings, at which it is to fail, would not count. NO_MKDOCS_2_WARNING: an advertisement of the theme's.
docs: $(INSTALLED)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "outputs/site/index.html; with search: $(BIN)/python -m http.server -d outputs/site"

test: $(INSTALLED)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-long: $(INSTALLED)
	$(BIN)/python -m pytest tests/long
	$(BIN)/python -m pytest -m long

# Ray's plugin has other requirements than the pins: an environment of its own. What is missing is said first.
test-cluster: $(INSTALLED)
	@$(BIN)/python -m tests.cluster.slurm
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,slurm]'
	$(BIN)/python -m pytest tests/cluster/test_slurm.py tests/cluster/test_shared_disk.py
	test -e $(RAY)/.installed -a $(RAY)/.installed -nt pyproject.toml || { \
	    $(PYTHON) -m venv $(RAY) && \
	    $(RAY)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[ray]' pytest && touch $(RAY)/.installed; }
	$(RAY)/bin/python -m pytest tests/cluster/test_ray.py

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(RAY) .pytest_cache .ruff_cache .mypy_cache
