# `make` lists the targets. What each does stands in .ci/*.sh, for people and CI alike.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run dev build test lint fmt e2e bytes-accept screenshots bench cluster deny tools e2e-tools

help: ## List these targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: build ## Install what the build needs (once, no root), build, serve on http://localhost:8000
	@. .ci/env.sh && exec "$$SPHERESPACE_BIN" serve

dev: tools ## Serve, and rebuild on every change
	@. .ci/env.sh && exec cargo leptos watch

build: tools ## Build target/release/spherespace, assets and all
	@.ci/build.sh

test: ## Everything that CI checks: lints, unit, integration and browser tests
	@.ci/test.sh

lint: ## Formatting and Clippy, for the server and for the browser
	@.ci/test.sh lint

fmt: ## Format the Rust code
	@cargo fmt --all

e2e: build e2e-tools ## Browser tests only; ARGS="room.spec.ts --headed" narrows them
	@. .ci/env.sh && npm run --silent --prefix end2end test -- $(ARGS)

bytes-accept: build e2e-tools ## Accept today's first-load bytes as the gate's figures
	@. .ci/env.sh && BYTES_ACCEPT=1 npm run --silent --prefix end2end test -- bytes.spec.ts

screenshots: build e2e-tools ## Take the pictures in docs/images
	@. .ci/env.sh && SCREENSHOTS=1 npm run --silent --prefix end2end test

bench: build ## Measure, and print the figures as tables
	@. .ci/env.sh && exec cargo run --release --locked -p bench -- all

cluster: build e2e-tools ## Three nodes with Postgres, Redis and a balancer on http://localhost:8000, to watch and to kill
	@. .ci/env.sh && exec cargo run --release --locked -p cluster

deny: ## Check licences, bans and sources of the dependencies with cargo-deny
	@.ci/tools.sh deny && . .ci/env.sh && cargo deny check bans licenses sources

tools:
	@.ci/tools.sh build

e2e-tools:
	@.ci/tools.sh test
