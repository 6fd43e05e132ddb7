# Palier: everything a newcomer types. Needs Python 3.11 or later and make; uv is used when present.
.DEFAULT_GOAL := help
.PHONY: help run check test trust faults mutants walk quality messages bench bench-peer lock audit sbom pin-images clean
.DELETE_ON_ERROR:

# The system's Python where it will do: it is optimised, one compiled by hand often is not.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' \
  2>/dev/null && echo /usr/bin/python3 || echo python3)
# Keep compiled modules: without them each process that starts compiles 3,000 files, 3 s on one core.
export PYTHONDONTWRITEBYTECODE :=
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# Of `make audit`, `make sbom` and one test, which need the library `requests`.
TOOLS := .palier/tools
# One more test process than cores: a browser test or a killed worker is often awaited.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
PYTEST = $(PY) -m pytest -n $(shell expr $(CORES) + 1) --dist worksteal

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.installed-app ## Start the whole portal on http://localhost:8000 (PORT=… to change)
	@exec $(PY) -m portal.dev.supervisor

check: quality ## Before each commit: quality, and every short test that needs no browser
	$(PYTEST) -m "not long" --ignore tests/e2e --ignore tests/faults $(ARGS)

test: ## Run every test, browser tests included
	@$(MAKE) --no-print-directory -j $(CORES) $(VENV)/.installed-dev $(TOOLS)/.installed
	@$(PY) -m portal.dev.browser
	@$(PY) -m portal.dev.pgbouncer
	@$(PY) -m portal.dev.sshd
	$(PYTEST) $(ARGS)

faults: $(VENV)/.installed-dev ## Break everything at random while requests go through; nothing may be lost (10 minutes)
	$(PY) -m tests.faults.storm $(ARGS)

trust: $(VENV)/.installed-dev $(TOOLS)/.installed ## Run the long tests whole, for hours (make test runs them short)
	@$(PY) -m portal.dev.browser
	@$(PY) -m portal.dev.pgbouncer
	@$(PY) -m portal.dev.sshd
	PALIER_TRUST=1 $(PYTEST) -m trust $(ARGS)

mutants: $(VENV)/.installed-dev ## Break each wall, key, lease and link in turn, and see what guards it fail
	PALIER_TRUST=1 $(PYTEST) -m mutant $(ARGS)

walk: $(VENV)/.installed-dev ## Only look at every page in a browser: accessibility, reflow, weight
	@$(PY) -m portal.dev.browser
	PALIER_TRUST=1 $(PYTEST) tests/e2e/test_every_page.py tests/e2e/test_weights.py $(ARGS)

quality: $(VENV)/.installed-dev node_modules/.installed ## Lint, formatting, types, templates, scripts, styles, forgotten migrations, translations
	@$(MAKE) --no-print-directory -j $(CORES) $(QUALITY)

# Longest first; none waits for another.
QUALITY := quality-types quality-templates quality-translations quality-lifecycle quality-migrations \
  quality-imports quality-scripts quality-lint quality-format
.PHONY: $(QUALITY)
quality-types:
	$(PY) -m mypy
quality-templates:
	$(BIN)/djlint --lint --quiet templates
quality-translations:
	$(PY) -m pytest -q tests/portal/test_translations.py
quality-lifecycle:
	$(PY) manage.py lifecycle --check
quality-migrations:
	$(PY) manage.py makemigrations --check --dry-run
quality-imports:
	$(BIN)/lint-imports --no-logo
quality-scripts:
	npm run --silent check
quality-lint:
	$(BIN)/ruff check .
quality-format:
	$(BIN)/ruff format --check .

messages: $(VENV)/.installed-dev ## Collect the texts to translate and compile the translations (needs gettext)
	@command -v msgfmt >/dev/null 2>&1 || { echo "gettext is missing. Debian, Ubuntu: apt-get install gettext. Fedora: dnf install gettext. macOS: brew install gettext."; exit 1; }
	$(PY) manage.py makemessages --locale fr --no-wrap --no-location --no-obsolete --ignore '.venv/*' --ignore 'tests/*' --ignore 'benchmarks/*'
	$(PY) manage.py compilemessages --locale fr --ignore '.venv/*'

bench: $(VENV)/.installed-dev ## Measure speed and scale
	$(PY) -m benchmarks $(ARGS)

bench-peer: $(VENV)/.installed-dev ## Measure beside django-helpdesk, which it installs apart
	$(PY) -m benchmarks.peer $(ARGS)

# UPGRADE=1 takes the newest versions; without it, only what pyproject.toml changed is touched.
COMPILE = pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-header -q $(if $(UPGRADE),--upgrade)
lock: ## Recompile the pinned requirements from pyproject.toml (needs uv)
	uv pip compile $(COMPILE) -o requirements/app.txt
	uv pip compile $(COMPILE) --extra dev --constraint requirements/app.txt -o requirements/dev.txt
	uv pip compile $(subst pyproject.toml,requirements/tools.in,$(COMPILE)) -o requirements/tools.txt
	@echo "Now run make sbom: sbom.cdx.json names what is locked."

audit: $(TOOLS)/.installed ## Look for known vulnerabilities of the locked requirements
	$(TOOLS)/bin/python -m tools.audit

sbom: $(TOOLS)/.installed $(VENV)/.installed-app ## Write sbom.cdx.json, the bill of materials of the locked requirements
	$(TOOLS)/bin/python -m tools.sbom $(PY)

pin-images: ## Write the digest of each base image behind its version (needs docker and its registry)
	$(PYTHON) -m tools.pin_images

clean: ## Stop the embedded services, then remove the environment and local data
	@if [ -x $(PY) ]; then $(PY) -m portal.dev.embedded stop; $(PY) -m portal.dev.embedded destroy; fi
	rm -rf $(VENV) .palier .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis staticfiles node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Biome checks and formats scripts and style sheets; nothing else needs Node.js.
node_modules/.installed: package.json package-lock.json
	@command -v npm >/dev/null 2>&1 || { echo "npm is missing: make quality checks scripts and style sheets with it. Debian, Ubuntu: apt-get install nodejs npm. Fedora: dnf install nodejs. macOS: brew install node."; exit 1; }
	@npm ci --silent || { echo "Biome could not be installed: no network, or no registry (npm config get registry)."; exit 1; }
	@touch $@

# Where a library has no build (a rare processor, musl), say what would do instead.
NO_BUILD = { echo "A requirement could not be installed: no network, no space, or no build for this system. Linux (x86-64, arm64) and macOS are known to work; elsewhere use docker-compose.yml."; exit 1; }

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Palier needs Python 3.11 or later; set PYTHON=/path/to/python3.11")'
	@if command -v uv >/dev/null 2>&1; then uv venv -q --python $(PYTHON) $(VENV); else $(PYTHON) -m venv $(VENV); fi

$(TOOLS)/.installed: requirements/tools.txt
	@echo "Installing the tools into $(TOOLS)…"
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install -q --disable-pip-version-check --no-compile --require-hashes -r requirements/tools.txt || $(NO_BUILD)
	@touch $@

# dev contains app, so installing it satisfies both stamps. A module is compiled when it is first
# imported: compiling all 11,000 takes a third of the installation, and most are never used.
$(VENV)/.installed-dev: requirements/dev.txt requirements/app.txt | $(PY)
	@echo "Installing the development requirements into $(VENV)…"
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(PY) --require-hashes -r requirements/dev.txt; \
	else $(PY) -m pip install -q --disable-pip-version-check --no-compile --require-hashes -r requirements/dev.txt; fi || $(NO_BUILD)
	@touch $(VENV)/.installed-app $@

$(VENV)/.installed-app: requirements/app.txt | $(PY)
	@echo "Installing the requirements into $(VENV)…"
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(PY) --require-hashes -r requirements/app.txt; \
	else $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/app.txt; fi || $(NO_BUILD)
	@touch $@
