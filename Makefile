# Everything here needs Go and make and nothing else: the checkers are pinned in tools/ and built on first
# use, and so is the Temporal CLI where none is there and none can be fetched.
SHELL := bash

PROGRAMS := worker starter emulator
# A Temporal CLI of your own (TEMPORAL_CLI, else on PATH) is used in place of the pinned one: its path.
OWN_CLI := $(shell cli=$$(command -v "$(or $(TEMPORAL_CLI),temporal)") && { [[ $$cli == /* ]] || cli=$$PWD/$$cli; echo "$$cli"; })

.PHONY: help
help: ## Show this help
	@echo "Speech Retrainer: recreates Custom Speech models before they expire."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Settings: TEMPORAL_CLI=path of a Temporal CLI to use instead of the pinned one,"
	@echo "TEMPORAL_DOWNLOAD=address to fetch that from, or off to build it (as CI=true),"
	@echo "SAMPLEDATA=folder with Microsoft's sample data sets for the tests on real input,"
	@echo "LANES=32 how many cases of a campaign run side by side."

.PHONY: demo
demo: build ## Tell one model's story on a local stack, in half a minute
	@go build -o bin/demo ./demo && exec bin/demo

.PHONY: dev
dev: build ## Run Temporal with web UI, emulator and worker until Ctrl-C
	@go build -o bin/demo ./demo && exec bin/demo --dev

# The tests of e2e/ run by themselves, after the others: they start many processes and wait for most of
# their time. The summary goes to stderr, so that stdout ends as `go test` ends it.
.PHONY: test
test: build bin/worker-crash ## Run all tests: unit, contract, workflow and end-to-end
	@mkdir -p .run; status=0; start=$$SECONDS; set -o pipefail; \
	go test -timeout 15m -parallel 8 $$(go list ./... | grep -v '/e2e$$') 2>&1 | tee .run/test.log || status=1; \
	E2E_BIN=$(CURDIR)/bin go test -timeout 15m -count 1 -parallel 6 -v ./e2e 2>&1 | grep --line-buffered -v '^=== ' | tee -a .run/test.log || status=1; \
	awk -v took=$$((SECONDS - start)) ' \
		/^ok /                   { ok++ } \
		/^FAIL\t/                { failed = failed " " $$2 } \
		/^ *--- SKIP: /          { skipped = skipped " " $$3 } \
		END { printf "make test: %d packages ok, failed:%s, skipped:%s, %d s\n", ok, failed ? failed : " none", \
			skipped ? skipped : " none", took }' .run/test.log >&2; \
	exit $$status

# Every room in which something goes on side by side. e2e/ is not among them: its programs are processes of their own.
RACED := activities emulator internal/dataset internal/emulator internal/notify internal/page internal/speech internal/mirror internal/stack \
	internal/telemetry starter worker workflows

.PHONY: race
race: ## Run tests under the race detector (needs a C compiler)
	@compiler=$$(go env CC); command -v $${compiler%% *} >/dev/null || { echo \
		"make race needs a C compiler ($$compiler, or CC=...): Go's race detector is linked with cgo" >&2; exit 1; }
	CGO_ENABLED=1 go test -race -short -timeout 30m -parallel 8 $(RACED:%=./%)

.PHONY: crash
crash: build bin/worker-crash ## Kill workers at every point, restart Temporal (an hour)
	@go build -o bin/campaign ./campaign && exec bin/campaign crash --lanes $(LANES)

.PHONY: chaos
chaos: build bin/worker-crash ## Random faults, kills and jumps of the clock: SEED=1 RUNS=20
	@go build -o bin/campaign ./campaign && exec bin/campaign chaos --lanes $(LANES) --seed $(SEED) --runs $(RUNS)

# What this machine lacks is said before anything is built.
.PHONY: cluster
cluster: ## Kill Temporal and its Postgres: RETRAINS=50 SEED=1
	@go build -o bin/campaign ./campaign && bin/campaign cluster --check
	@$(MAKE) --no-print-directory build bin/temporal-server bin/temporal-sql-tool
	@exec bin/campaign cluster --seed $(SEED) --retrains $(RETRAINS)

# The built programs of bin/ are what is measured: always those of this tree.
.PHONY: bench
bench: build ## Measure into docs/performance.md (half an hour): ROWS="lone"
	@go build -o bin/bench ./bench && exec bin/bench $(ROWS)

# No part of CI: it needs a Prometheus. What lacks is said before anything is built.
.PHONY: test-alerts
test-alerts: ## Fire every alert in a Prometheus (needs make test-tools)
	@tools/test-tools.sh --check alerts
	promtool check config deploy/prometheus/prometheus.yaml
	promtool test rules deploy/prometheus/rules_test.yaml
	go test ./deploy
	@$(MAKE) --no-print-directory build
	E2E_BIN=$(CURDIR)/bin go test -tags alerts -timeout 10m -count 1 ./e2e -run '^TestAlertsLive$$' -v

.PHONY: mutants
mutants: ## Take guards out: a test must notice. MUTANTS="A01 A05"
	@go build -o bin/mutants ./internal/mutants && exec bin/mutants $(MUTANTS)

.PHONY: histories
histories: build bin/worker-crash ## Record the histories that the replay test stands on
	@go build -o bin/campaign ./campaign && exec bin/campaign histories --lanes 8

# The parts of pages that are made from the programs: flags, settings, the example of the gate.
DOCUMENTED := emulator internal/config internal/lifecycle starter worker

.PHONY: docs
docs: ## Write the parts of docs/ that are made from the programs
	@go test $(DOCUMENTED:%=./%) -run '^TestReferenceOf' -update >/dev/null && echo "docs/ is current"

SEED := 1
RUNS := 20
RETRAINS := 50
# Cases of a campaign that run side by side: they wait for most of their time.
LANES := 32

# The worker that can be stopped at one exact point; it is never shipped.
.PHONY: bin/worker-crash
bin/worker-crash:
	@go build -tags crash -o $@ ./worker

# What these need beside Go: tools/test-tools.sh, once. What is missing is said before anything is built.
.PHONY: test-tools
test-tools: ## Install what test-screens and test-alerts need
	@tools/test-tools.sh

.PHONY: test-screens
test-screens: ## Look at the fleet page in Chromium (needs make test-tools)
	@tools/test-tools.sh --check screens
	@$(MAKE) --no-print-directory build
	@go build -o bin/screens ./screens && exec bin/screens node tools/screens/look.mjs $(CURDIR)/docs/img

.PHONY: house
house: ## Count files, lines and arrows of each room: ROOM="starter"
	@go build -o bin/house ./internal/house && exec bin/house $(ROOM)

FUZZTIME ?= 60s
FUZZ := internal/dataset:FuzzWAV internal/dataset:FuzzArchive internal/dataset:FuzzText internal/lifecycle:FuzzParseDuration \
	internal/speech:FuzzDates internal/speech:FuzzErrorEnvelope internal/speech:FuzzHeaders internal/speech:FuzzNextLink \
	internal/speech:FuzzObject internal/secret:FuzzRedact internal/fleet:FuzzDocument internal/decode:FuzzRequest

# Shrinking what was found is bounded: it would take most of the time otherwise.
.PHONY: fuzz
fuzz: ## Fuzz every reader of foreign data, FUZZTIME=60s each
	@set -e; for t in $(FUZZ); do \
		go test ./$${t%%:*} -run '^$$' -fuzz "^$${t##*:}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s -parallel 2; done

.PHONY: check
check: bin/.checkers ## Check format, vet, staticcheck, errors, determinism
	@unformatted=$$(bin/gofumpt -l .); \
	if [ -n "$$unformatted" ]; then printf 'not formatted (mend with: bin/gofumpt -w FILE):\n%s\n' "$$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags crash ./worker
	go vet -tags alerts ./e2e
	bin/staticcheck ./...
	bin/errcheck -exclude tools/lint/errcheck.txt ./...
	bin/go-errorlint ./...
	bin/workflowcheck -config tools/lint/workflowcheck.yaml ./workflows/...

# govulncheck ends with 3 when it found something, with 1 when it could not look.
.PHONY: vuln
vuln: bin/.checkers ## Look for known vulnerabilities (needs the internet)
	@bin/govulncheck $(if $(VULNDB),-db $(VULNDB)) ./... || { status=$$?; [ $$status = 3 ] || echo \
		"make vuln needs Go's vulnerability database: run it where the internet is reached, or name a copy with VULNDB=URL" >&2; \
		exit $$status; }

.PHONY: build
build: temporal ## Build worker, starter, emulator, Temporal CLI into bin/
	go build -ldflags="-s -w" -o bin/ $(PROGRAMS:%=./%)

.PHONY: temporal
ifneq ($(OWN_CLI),)
override export TEMPORAL_CLI := $(OWN_CLI)
temporal:
	@echo "Temporal CLI (TEMPORAL_CLI, else the one on PATH):"; echo "  $(OWN_CLI)"
	@[ -e bin/temporal ] || { mkdir -p bin && ln -sf "$(OWN_CLI)" bin/temporal; }
else ifneq ($(TEMPORAL_CLI),)
temporal:
	@echo "TEMPORAL_CLI is no program (name a Temporal CLI, or leave it out):" >&2; echo "  $(TEMPORAL_CLI)" >&2; exit 1
else
temporal: bin/temporal
endif

# A person's make fetches it in seconds; internal/fetch ends with 3 where that was not tried or did not work.
bin/temporal: tools/go.mod tools/go.sum
	@echo "There is no Temporal CLI: TEMPORAL_CLI is not set, none is on PATH or in bin/."
	@go build -o bin/fetch ./internal/fetch
	@bin/fetch --to $@ || { status=$$?; [ $$status = 3 ] || exit $$status; \
		echo "Building it from its modules: some minutes the first time (five on two cores,"; \
		echo "and 1.5 GB of modules). To avoid that: install it so that temporal is on PATH,"; \
		echo "or name it with TEMPORAL_CLI=PATH."; \
		go build -C tools -ldflags "-s -w" -o ../$@ github.com/temporalio/cli/cmd/temporal; }
	@touch $@

# Temporal's own server and the tool that makes its schemas, of the version that the CLI has inside.
bin/temporal-server: tools/go.mod tools/go.sum
	go build -C tools -ldflags "-s -w" -o ../$@ go.temporal.io/server/cmd/server
	@touch $@

bin/temporal-sql-tool: tools/go.mod tools/go.sum
	go build -C tools -ldflags "-s -w" -o ../$@ go.temporal.io/server/cmd/tools/sql
	@touch $@

# The checkers, and govulncheck, as tools/lint/go.mod pins them.
bin/.checkers: tools/lint/go.mod tools/lint/go.sum
	@mkdir -p bin
	go build -C tools/lint -o ../../bin/ tool
	@touch $@

.PHONY: clean
clean: ## Remove what was built and the logs of demo and tests
	rm -rf bin .run
