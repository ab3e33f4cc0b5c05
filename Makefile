# `make demo` and `make test` do all their own set-up on a fresh Debian 12. `make help` lists the rest.

VENV := .venv/.ready
PAGES := edge_agent/web/pages/.ready
ARGS ?=

.PHONY: help demo setup pages test faults check format bench conformance wheel clean

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST)

demo: $(VENV) $(PAGES) ## a whole simulated store in the browser; ARGS="--headless --seconds 60 --seed 7"
	@exec .venv/bin/store-sim demo $(ARGS)

setup: $(VENV) $(PAGES) ## .venv from the lock, and the pages

pages: $(PAGES) ## the front end, built

test: $(VENV) $(PAGES) check ## everything that CI runs
	@.make/test-tools
	@.venv/bin/pytest -n auto --dist loadfile $(ARGS)

faults: $(VENV) $(PAGES) ## the long tests, most of them faults, within the hour; ARGS="--seed 7"
	@.make/test-tools nats-server
	@.venv/bin/pytest -n auto --dist loadfile -m long --timeout 3600 tests/faults tests/scenario tests/browser --publish $(ARGS)
	@.venv/bin/python -m tests.faults.table

check: $(VENV) $(PAGES) ## format, lint, types, layering
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@PATH="$$PWD/.venv-node/bin:$$PATH" npm --prefix web run --silent check

format: $(VENV) ## put the code in its form
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: $(VENV) $(PAGES) ## measure beside named peers, write bench/results and docs/performance.md
	@.venv/bin/python -m bench $(ARGS)

conformance: $(VENV) ## the simulated BlueZ's checks before a real one, in a virtual machine (90 MB once, minutes)
	@.venv/bin/python -m tests.conformance.machine $(ARGS)

wheel: $(VENV) $(PAGES) ## a wheel with the pages in it and the locked versions beside, in dist/
	@.venv/bin/uv build --quiet --wheel --out-dir dist
	@.venv/bin/uv export --frozen --no-dev --no-emit-project --quiet --output-file dist/requirements.txt
	@ls dist/*

clean: ## forget what was built
	rm -rf .venv .venv-node web/node_modules edge_agent/web/pages cloud_bridge/hub/pages bench/.peers .conformance var

$(VENV): pyproject.toml uv.lock .make/venv
	@.make/venv

$(PAGES): $(VENV) $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)
	@.make/pages
