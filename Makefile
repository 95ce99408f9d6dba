# Two commands do everything: `make demo` and `make test`. Each builds its own
# virtual environment, so nothing of yours is touched.
PYTHON ?= python3
DEMO_ENV := .venv/demo
TEST_ENV := .venv/test

# Two BLAS threads on a busy machine can make small problems 20 times slower.
export OPENBLAS_NUM_THREADS ?= 2
export OMP_NUM_THREADS ?= 2

.PHONY: demo test clean

demo: $(DEMO_ENV)/ready
	$(DEMO_ENV)/bin/hokan demo --output demo

test: $(TEST_ENV)/ready
	$(TEST_ENV)/bin/ruff check src tests benchmarks
	$(TEST_ENV)/bin/ruff format --check src tests benchmarks
	$(TEST_ENV)/bin/mypy
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(TEST_ENV)/bin/python -m pytest -n 2 --dist loadfile

$(DEMO_ENV)/ready: pyproject.toml
	rm -rf $(DEMO_ENV)
	$(PYTHON) -m venv $(DEMO_ENV)
	$(DEMO_ENV)/bin/python -m pip install --quiet --editable ".[datasets,plots]"
	touch $@

$(TEST_ENV)/ready: pyproject.toml
	rm -rf $(TEST_ENV)
	$(PYTHON) -m venv $(TEST_ENV)
	$(TEST_ENV)/bin/python -m pip install --quiet --editable ".[test]"
	touch $@

clean:
	rm -rf .venv demo
