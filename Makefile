# Everything here works after a clone, with Python 3.11 or later and make: each target sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo up page test test-page test-browser test-slow lint types format bench docs lock clean preview deploy drift workflows secrets \
	findings mutate mutate-grants audit bootstrap privilege

help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: .venv/ready ## Run the whole platform on this machine with real files (ONCE=1: exit with a status)
	@$(BIN)/python -m local.demo

up: .venv/ready ## Start the platform on this machine and leave it up
	@$(BIN)/penstock up

page: .venv/ready ## Build the page (npm's registry is needed for a new one) and say where it lies
	@$(BIN)/python -m components.page

test-page: .venv/ready ## Check and test the page's own code
	$(BIN)/python -m components.page lint types test

test-browser: .venv/browser ## Test the page in a real Chromium against the local cloud; pictures go to build/browser
	$(BIN)/pytest -m 'browser and not slow' -o addopts= -q -rs --import-mode=importlib -p no:cacheprovider --timeout 600 tests/browser

# Wheels and page first, which a new machine has to fetch: no test's time goes by while it does. The page needs npm's
# registry; without it, it says so, and the tests do without.
test: .venv/ready ## Run the tests
	@$(BIN)/python -m components.wheels
	-@$(BIN)/python -m components.page >/dev/null
	$(BIN)/pytest -n logical --maxprocesses 6 --dist loadfile --no-loadscope-reorder

test-slow: .venv/ready ## Run the campaigns that `make test` leaves out: 200 uploads at once, a 1 GB file, 2 GB by the page
	$(BIN)/pytest -m 'slow and not browser' -o addopts= -q --import-mode=importlib -p no:cacheprovider --timeout 3600 -s
	$(BIN)/pytest -m 'slow and browser' -o addopts= -q -rs --import-mode=importlib -p no:cacheprovider --timeout 3600 -s tests/browser

lint: .venv/ready ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready ## Check types, strictly
	$(BIN)/mypy

format: .venv/ready ## Put the code into the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/ready ## Measure against peers, in ratios
	$(BIN)/python -m benchmarks

bootstrap: .venv/ready ## Say what workflows need in an account before they can deploy; CONFIRM=yes makes it
	@$(BIN)/python -m bootstrap.command

STACK ?= dev
preview: .venv/ready ## Show what STACK=dev would change, judged by the policies (Pulumi CLI, credentials)
	@$(BIN)/python -m workflows.stack preview "$(STACK)"

deploy: .venv/ready ## Deploy STACK=dev, judged by the policies, without asking
	@$(BIN)/python -m workflows.stack deploy "$(STACK)"

drift: .venv/ready ## Compare STACK=dev with what is in the account
	@$(BIN)/python -m workflows.stack drift "$(STACK)"

workflows: .venv/ready ## Check what runs on pull requests, with zizmor and actionlint
	$(BIN)/zizmor --quiet --offline --pedantic .
	$(BIN)/python -m workflows.tools actionlint

secrets: .venv/ready ## Look for secrets in every commit
	$(BIN)/python -m workflows.tools gitleaks

findings: .venv/ready ## Write what the policies find in each stack to build/policies.sarif
	$(BIN)/python -m tests.policies.findings

mutate: .venv/ready ## Weaken every input of every resource, one at a time, and list what no policy notices
	$(BIN)/python -m tests.policies.mutation

# Strict: a library that the service does not know counts as a failure, not as clean.
AUDIT := $(BIN)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes
audit: .venv/ready ## Look all locked libraries up among known vulnerabilities (needs the network)
	$(AUDIT) $(addprefix -r ,$(wildcard requirements/*.txt requirements/functions/*.txt))
	@if [ -f web/package-lock.json ]; then npm --prefix web audit --audit-level=moderate; fi

docs: .venv/ready ## Write the generated pages anew
	$(BIN)/python -m docs.generate
	$(BIN)/python -m tests.privilege.report

privilege: .venv/ready ## Play the flow and write anew who needs which permission (docs/least-privilege.md)
	$(BIN)/python -m tests.privilege.record

mutate-grants: .venv/ready ## Take every permission away in turn; each has to be missed
	@$(BIN)/python -m tests.privilege.mutation

LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate
lock: .venv/ready ## Choose the newest versions of all libraries and lock them
	$(LOCK) --upgrade requirements/dev.in -o requirements/dev.txt
	for name in functions/catalogue functions/core functions/data functions/table functions/sign functions/token \
		functions/image deploy browser page; do \
		$(LOCK) -c requirements/dev.txt requirements/$$name.in -o requirements/$$name.txt; done
	sed -n 's/^pulumi==\([0-9.]*\).*/\1/p' requirements/deploy.txt >.pulumi.version

clean: ## Remove all that was built
	rm -rf .venv build .penstock *.egg-info

.venv/browser: .venv/ready requirements/browser.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --require-hashes -r requirements/browser.txt
	@touch .venv/browser

.venv/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Penstock needs Python 3.11 or later; \
	this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.13 …")'
	@test -d .venv || $(PYTHON) -m venv .venv || (echo "Python's venv module is missing; Debian has it in the \
	package python3-venv" >&2; rm -rf .venv; exit 1)
	@echo "Installing the locked libraries (once; a minute or so) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/ready
