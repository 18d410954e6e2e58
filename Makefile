# Two commands: `make run` and `make test`. Everything they need is made here; nothing outside this folder is touched.
PYTHON ?= $(shell command -v python3.11 || command -v python3)

.PHONY: help run test soak bench pictures check environments prepare clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: environments ## install what is missing, build what has changed, start the desk (Ctrl-C stops it)
	@exec .venv/bin/python -m actions run

test: environments prepare ## the whole suite: lint, types, Rasa's own checks, unit, journey and browser tests
	@$(PYTHON) actions/environments.py tests
	@$(MAKE) --no-print-directory check
	@MADOGUCHI_REQUIRE_INDEX=1 .venv/bin/python -m pytest -n 2 --dist loadfile

soak: environments prepare ## what takes long: 200 kills, 10,000 strings, then ten minutes at half the capacity (about 25 minutes)
	@$(PYTHON) actions/environments.py tests
	@MADOGUCHI_REQUIRE_INDEX=1 .venv/bin/python -m pytest -m soak -s
	@.venv/bin/python -m tests.benchmarks endurance

bench: environments prepare ## how fast everything is, beside stock Rasa and MiniLM (docs/performance.md; about 20 minutes)
	@$(PYTHON) actions/environments.py tests
	@.venv/bin/python -m tests.benchmarks

pictures: environments prepare ## draw docs/pictures anew, from a desk of its own (needs Chromium and Noto Sans CJK)
	@$(PYTHON) actions/environments.py tests
	@.venv/bin/python -m tests.browser.screenshots

check: ## lint and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

environments:
	@$(PYTHON) actions/environments.py app bot

prepare:
	@.venv/bin/python -m actions prepare

clean: ## delete environments and everything that was built or recorded
	rm -rf .venv .venv-rasa .madoguchi .mypy_cache .ruff_cache .pytest_cache .hypothesis
