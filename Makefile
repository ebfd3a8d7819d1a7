# Needs make and Python 3.11, 3.12 or 3.13. Everything else goes into .venv, once, and again when
# pyproject.toml or constraints.txt changes: by uv where it is on the PATH, else by Python's own venv and pip.

.DEFAULT_GOAL := help
.PHONY: help fano test test-all lint format docs notebooks denmark bench dask web serve web-test test-web clean

READY = .venv/.ready
READY_TEST = .venv/.ready-test

comma := ,

python_fits = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))

# $(call install,WHAT): WHAT, editable, held to constraints.txt; so is what builds it, for which newer versions
# of pip read PIP_BUILD_CONSTRAINT. The paths are relative because pip splits these variables at spaces.
install = \
	if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python .venv/bin/python \
			--constraints constraints.txt --build-constraints constraints.txt --editable "$(1)"; \
	else \
		{ .venv/bin/python -m pip --version || .venv/bin/python -m ensurepip; } >/dev/null 2>&1; \
		PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
			.venv/bin/python -m pip install --quiet --editable "$(1)"; \
	fi || { echo "The installation failed; the lines above say why. It needs the network, this once." >&2; exit 1; }

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@echo '  ARGS="..." adds arguments to fano, denmark, serve, test, test-all, test-web and bench; PYTHON=... names the Python to use.'

fano: $(READY) ## compare the policies for Fanø
	@.venv/bin/trappe compare fano --draws 100 $(ARGS)

test: $(READY_TEST) ## the tests, but for the slow ones
	.venv/bin/python -m pytest -m "not slow" $(ARGS)

test-all: $(READY_TEST) ## all tests
	.venv/bin/python -m pytest $(ARGS)

lint: $(READY_TEST) ## style, format and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

format: $(READY_TEST) ## put the code into the house's format
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

docs: $(READY) ## write docs/assumptions.md from the evidence records
	.venv/bin/trappe parameters --markdown > docs/assumptions.md

notebooks: $(READY_TEST) ## run the notebooks and rewrite them with their outputs (some minutes)
	.venv/bin/python -m experiments.notebooks $(ARGS)

denmark: $(READY) ## run all 98 municipalities; docs/denmark.png anew (a minute or two)
	.venv/bin/trappe denmark --language en --out results/readme-denmark $(ARGS)
	.venv/bin/python -c "from PIL import Image; i = Image.open('results/readme-denmark/ranking.png').convert('RGB'); \
		i.resize((840, 840 * i.height // i.width), Image.Resampling.LANCZOS).quantize(64, Image.Quantize.MAXCOVERAGE).save('docs/denmark.png', optimize=True)"

bench: $(READY) ## measure the speed
	.venv/bin/python -m benchmarks $(ARGS)

dask: $(READY) ## add what it takes to run on a Dask scheduler (trappe sweep --executor tcp://...)
	@$(call install,.[dask])

web: $(READY) ## add what the page needs (trappe serve)
	@$(call install,.[web])

serve: web ## show the page for Fanø in the browser
	@.venv/bin/trappe serve fano $(ARGS)

web-test: $(READY_TEST) # what test-web needs; a step of its own, so that CI can go on without it
	@$(call install,.[test$(comma)web-test])

test-web: web-test ## the tests of the page; in a real browser where chromium is there
	.venv/bin/python -m pytest -rs tests/test_page_rendered.py tests/test_page_browser.py $(ARGS)

clean: ## remove .venv, caches and builds; results/ stays
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@fits='$(python_fits)'; \
	if ! .venv/bin/python -c "$$fits" >/dev/null 2>&1; then \
		rm -rf .venv; \
		if command -v uv >/dev/null 2>&1; then \
			uv venv --quiet $${PYTHON:+--python "$$PYTHON"} .venv || exit 1; \
		else \
			set -- python3.11 python3.12 python3.13 python3; \
			if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; fi; \
			python=; \
			for name do \
				if "$$name" -c "$$fits" >/dev/null 2>&1; then python=$$name; break; fi; \
			done; \
			if [ -z "$$python" ]; then \
				echo "Indsatstrappe needs Python 3.11, 3.12 or 3.13, and none was found (tried: $$*)." >&2; \
				echo "Install one, or name it: make PYTHON=/path/to/python3" >&2; \
				exit 1; \
			fi; \
			"$$python" -m venv .venv || exit 1; \
		fi; \
	fi; \
	echo "Installing into .venv (once, about a minute) ..."; \
	$(call install,.)
	@touch $@

$(READY_TEST): $(READY)
	@echo "Adding the test tools to .venv (once) ..."; \
	$(call install,.[test])
	@touch $@
