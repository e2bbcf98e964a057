# Everything a person does here. `make` alone lists it.
#
# STACK=name      another stack beside the usual one, with state of its own under var/
# STACK_FILE=path other ports, paths and deadlines than infra/local/stack.toml
# EXPOSE=1        the machine's own address instead of a network namespace

PYTHON ?= python3
STACK ?= local
SCENARIO ?= loadtest/caller/scenarios/demo.yaml

py := .venv/bin/python
local := $(py) -m infra.local --stack $(STACK)

.DEFAULT_GOAL := help
.PHONY: help setup up status logs down demo call test check soak eval eval-voice bench-ear bench-kb bench-latency bench-providers chaos-providers lock format

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## install what is missing; a second run only looks
	@$(PYTHON) -m infra.local.setup

up: setup  ## start the fleet, or bring back what died, and wait until it is healthy
	@$(local) up

status:  ## each process, its health, calls in progress, free seats
	@$(local) status

logs:  ## the end of every log; NAME=worker-1 for one, FOLLOW=1 to go on
	@$(local) logs $(NAME) $(if $(FOLLOW),--follow)

down:  ## stop everything
	@$(local) down

demo: setup  ## a whole booking by voice over real SIP, checked
	@$(local) up
	@$(local) demo

call: setup  ## dial the fleet: NUMBER=+15551230000 of a business, SCENARIO=file, or WAV=file of your own
	@$(local) up
	@$(local) call $(if $(NUMBER),--number $(NUMBER)) $(if $(WAV),--wav $(WAV),--scenario $(SCENARIO))

test: setup  ## every test; TESTS=tests/unit for some
	@$(py) -m tests $(TESTS)

check: setup  ## ruff, mypy, import layers
	@$(py) -m ruff check .
	@$(py) -m ruff format --check --quiet . || { echo 'not formatted as the project is: run make format' >&2; exit 1; }
	@$(py) -m mypy
	@.venv/bin/lint-imports

soak: setup  ## many calls one after another, each checked
	@$(local) up
	@$(local) run -- $(py) -m loadtest.soak $(SOAK)

eval: setup  ## simulated callers by the thousand, in text: EVAL="--n 2000 --seed 1"
	@env -u DATABASE_URL STACK_FILE=infra/local/database.toml $(py) -m infra.local --stack eval-base \
		once -- $(py) -m loadtest.evaluation --knowledge $(EVAL)

eval-voice: setup  ## the same callers on the telephone: EVAL="--n 60 --at-once 2 --seed 1"
	@$(local) up
	@$(local) run -- $(py) -m loadtest.voice_evaluation $(EVAL)

bench-ear: setup  ## prove the caller's clock against a responder of known delay
	@$(py) -m loadtest.caller bench-ear $(BENCH)

bench-kb: setup  ## how well and how fast the knowledge base answers: BENCH=--quick
	@$(py) -m tests.bench.knowledge $(BENCH)

bench-latency: setup  ## how long callers wait for an answer, and for what: BENCH="--calls 18 --at-once 1,6"
	@for run in nova-3=nova-3+gpt-4.1+aura-2 flux=flux+gpt-oss-groq+flash-v2.5; do \
		rm -rf var/latency/$${run%%=*}; \
		env -u DATABASE_URL STACK_FILE=infra/local/hosted-$${run%%=*}.toml \
			VOICEFLEET_SPEECH_CACHE_DIR=$(CURDIR)/var/latency/$${run%%=*}/speech $(py) -m infra.local \
			--stack latency-$${run%%=*} once -- $(py) -m loadtest.latency --profile $${run#*=} \
			--out var/latency/$${run%%=*} $(BENCH); \
		case $$? in 0|1|3) ;; *) exit 2;; esac; \
	done
	@$(py) -m loadtest.latency --join var/latency/nova-3/latency.json var/latency/flux/latency.json --out var/latency

bench-providers: setup  ## each provider's client to its first result, and the table of it: BENCH="--n 20"
	@$(py) -m tests.bench.providers $(BENCH)
	@$(py) -m tests.unit.providers.providers_page

chaos-providers: setup  ## providers fail while callers talk, twenty times each way: CHAOS="faults --trials 2 --only stt"
	@env -u DATABASE_URL STACK_FILE=$(or $(STACK_FILE),infra/local/hosted-flux.toml) $(py) -m infra.local \
		--stack chaos once -- $(py) -m loadtest.chaos $(CHAOS)

lock:  ## resolve requirements.lock anew; LOCKFLAGS=--upgrade
	@$(PYTHON) -m infra.local.setup lock $(LOCKFLAGS)

format: setup  ## order imports and fix what ruff can fix
	@$(py) -m ruff check --fix .
