# heatnet: `make run` solves the demo district and writes its report; `make test` runs everything that must hold.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL ?= models/harbin_demo
OUT ?= out

.PHONY: run test bench peers clean

run: $(VENV)/run.stamp
	@mkdir -p $(OUT)
	@$(BIN)/heatnet report $(MODEL) --lang en --out $(OUT)/report_en.html --quiet
	@$(BIN)/heatnet report $(MODEL) --lang zh --out $(OUT)/report_zh.html

test: $(VENV)/test.stamp
	$(BIN)/ruff check heatnet tests models benchmarks
	$(BIN)/mypy heatnet
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: $(VENV)/test.stamp
	$(BIN)/python -m pytest benchmarks -p no:xdist --benchmark-only --benchmark-json=$(OUT)/bench.json

peers: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.peers --readme --out $(OUT)/peers.json
	$(BIN)/python -m benchmarks.plot $(OUT)/peers.json docs/speed.svg

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("heatnet needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) $(OUT) build *.egg-info
