# Needs python3 (3.11 or newer) and make, nothing else; everything goes into .venv.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: demo test check prove bench stability lock clean help

demo: .venv/.installed ## la démonstration : le SI de référence et son rapport / the demo
	@$(BIN)/tgv demo

test: check ## tous les essais du projet / every test of the project
	@$(BIN)/python -m pytest tests --numprocesses 3 --dist loadgroup

check: .venv/.installed ## style et types / style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

prove: .venv/.installed ## chaque défaut semé est-il vu ? / is every planted defect seen?
	@$(BIN)/tgv prove

bench: .venv/.installed ## les mesures de vitesse, à côté des autres / the measurements, beside others
	@$(BIN)/python bench/run.py

stability: .venv/.installed ## les verdicts sont-ils toujours les mêmes ? / are verdicts always the same?
	@$(BIN)/python bench/stability.py

lock: .venv/.installed ## refaire requirements.lock (UPGRADE=1 : monter les versions) / remake it
	@$(BIN)/uv --no-config pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) \
	  --quiet --output-file requirements.lock

clean: ## effacer .venv et les caches / remove .venv and the caches
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## cette liste / this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile | expand -t 14

# The stamp is made last: a .venv without it is unfinished and is made again from nothing.
.venv/.locked: requirements.lock
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 ou plus récent est requis : installez-le, ou indiquez-le (make PYTHON=python3.12) / Python 3.11 or newer is needed: install it, or name it (make PYTHON=python3.12)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Ce Python est trop ancien, il faut 3.11 ou plus : installez-le, ou indiquez-le (make PYTHON=python3.12) / This Python is too old, 3.11 or newer is needed: install it, or name it (make PYTHON=python3.12)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Il manque à Python son module venv : installez le paquet python3-venv (Debian, Ubuntu : apt install python3-venv) / Python lacks its venv module: install the package python3-venv (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "Préparation de .venv, une seule fois / Preparing .venv, once only" >&2
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
