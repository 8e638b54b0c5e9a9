# The single entry point for people and CI. Needs Go, git, make and, for the first run, the Go module proxy.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

export GOWORK := off
GO ?= go
LINT_VERSION := v2.15.0
VULN_VERSION := v1.8.0
APIDIFF_VERSION := v0.0.0-20260908205506-85c1c2202aba
OTHER_GO := go1.27.3# the second supported version; the first is that of go.mod
FUZZTIME ?= 10s
COUNT ?= 1
SEED ?= 1
MODULES := store/redis store/sql docs/browser errgen/examples/clients scripts/sbom scripts/mutate# modules of their own, so that the root requires little
PROVIDER ?= $(patsubst specs/%.yaml,%,$(wildcard specs/*.yaml))

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

.PHONY: demo
demo: generate ## regenerate from the specs, then walk through a payment against a local sandbox
	@$(GO) run ./cmd/demo

.PHONY: generate
generate: ## make everything that is generated from the specs
	@$(GO) generate ./tools.go

.PHONY: docs
docs: ## make the reference pages of the APIs, of the error codes and of retries
	@$(GO) run ./errgen gen
	@$(GO) run ./scripts/apidocs $(notdir $(basename $(wildcard specs/*.yaml)))

.PHONY: test
test: ## run all tests, with a sample of the exhaustive sweeps
	$(GO) test ./...

.PHONY: race
race: ## run all tests under the race detector, in random order, COUNT times (needs a C compiler)
	$(GO) test -race -shuffle=on -count=$(COUNT) -timeout=30m ./...

.PHONY: redis
redis: ## run the tests of store/redis, a module of its own, against a real redis-server (needs a C compiler)
	cd store/redis && $(GO) test -race -count=1 ./...

.PHONY: sql
sql: ## run the tests of store/sql, a module of its own, with SQLite and a real PostgreSQL (needs a C compiler)
	cd store/sql && $(GO) test -race -count=1 ./...

.PHONY: kill
kill: ## deliver 10,000 events and kill processes 1,000 times, with each database; SEED=2 makes other random choices (about 10 minutes)
	cd store/sql && SPECPAY_FULL=1 SPECPAY_KILLS=1000 SPECPAY_SEED=$(SEED) $(GO) test -count=1 -timeout=60m -v -run '^Test(Killed|Mixed)' .

.PHONY: contract
contract: override export SPECPAY_RECORD := $(abspath $(SPECPAY_RECORD))# the tests run in folders of their own
contract: ## run the contract tests of every provider; PROVIDER=qpay with QPAY_* set runs the harmless ones against that server; SPECPAY_RECORD=DIR writes the redacted traffic to DIR
	$(GO) test -count=1 -run '^Test(Client|Webhook|Sandbox)Contract$$' -v $(addprefix ./,$(PROVIDER)) 2>&1 | grep -vE '^(=== |PASS$$)'

.PHONY: browser
browser: ## open the reference pages in a headless Chromium (skipped where there is none)
	cd docs/browser && $(GO) test -count=1 -v ./...

.PHONY: clients
clients: ## run the generated error codes under HTTP client libraries of other people, a module of its own
	cd errgen/examples/clients && $(GO) test -count=1 ./...

.PHONY: sandbox
sandbox: ## serve the sandboxes on 127.0.0.1
	@$(GO) run ./cmd/sandbox

.PHONY: check
check: ## check specs, generated files, module files, formatting and style; changes nothing
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(GO) run ./errgen lint -werror
	$(GO) run ./errgen -check
	@scripts/check-generated
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); test -z "$$unformatted" || { echo "gofmt differs: $$unformatted"; exit 1; }
	$(GO) vet ./...
	@for m in $(MODULES); do echo "== $$m"; (cd $$m && $(GO) mod tidy -diff && $(GO) mod verify && $(GO) vet ./...); done
	$(MAKE) portable
	$(MAKE) lint

.PHONY: portable
portable: ## check that tools of other people can read the specs: oapi-codegen's own templates, Redocly, Spectral, openapi-typescript, and that the TypeScript of errgen reads what Go reads (needs npx)
	SPECPAY_FULL=1 $(GO) test -count=1 -run '^TestDefaultTemplatesCompile$$' .
	@scripts/portable/check
	SPECPAY_FULL=1 $(GO) test -count=1 -v -run '^TestTypeScript$$' ./errgen | grep -vE '^(=== |---|PASS$$)'

.PHONY: diff
diff: ## say what changed in the specs since the last tag, or since REV=<revision>
	@scripts/diff $(REV)

.PHONY: lint
lint: ## run the linters of .golangci.yml
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION) run ./...
	@for m in $(MODULES); do echo "== $$m"; (cd $$m && $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION) run ./...); done

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME, one after another
	@scripts/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: cover
cover: ## say how much of the code the tests reach
	$(GO) test -coverprofile=cover.out -coverpkg=./... ./... >/dev/null
	$(GO) tool cover -func=cover.out | tail -1

.PHONY: reliability
reliability: ## run all tests, with the exhaustive sweeps in full (about 5 minutes of CPU)
	SPECPAY_FULL=1 $(GO) test -count=1 -timeout=60m ./...

# the code that decides what a call did, and whether to believe a response or a notification
PKG ?= internal/sign internal/jsonscan apierr apierr/catalog internal/transport internal/webhook \
	$(foreach p,$(PROVIDER),$(p)/auth.go $(p)/webhook.go)

.PHONY: mutate
mutate: ## change the code in one place at a time and report changes that no test notices (hours), or only in PKG="internal/sign qpay/auth.go"
	@cd scripts/mutate && $(GO) run . -v $(PKG)

.PHONY: soundness
soundness: ## compare the outcomes of calls with the ledgers of the sandboxes: every operation x every connection fault x 200 seeds, every refusal of a retry, every HTTP/2 error code
	SPECPAY_FULL=1 $(GO) test -count=1 -timeout=60m -v -run '^TestClientContract$$/^(OutcomesAreSound|OutcomesAreSoundOnSockets|RefusedRetriesAreSound|HTTP2WritesAreSentOncePerAttempt|PendingCallsAreSettledSoundly)$$' $(addprefix ./,$(PROVIDER)) 2>&1 | grep -E '\.go:[0-9]+: |^(FAIL|ok|panic)|--- FAIL'

.PHONY: vuln
vuln: ## look for known vulnerabilities in what is reachable
	@GO='$(GO)' scripts/vuln $(VULN_VERSION)

.PHONY: api
api: ## compare the public API with the last tag, or with REV
	@GO='$(GO)' scripts/api $(APIDIFF_VERSION)

.PHONY: reproduce
reproduce: ## make the generated files of the last commit elsewhere, with empty caches, and compare
	@scripts/reproduce

.PHONY: versions
versions: ## run the tests on the other supported Go version
	@GO='$(GO)' scripts/versions $(OTHER_GO)

.PHONY: sbom
sbom: ## write the bill of materials of the clients to sbom.json and check it against a linked program
	@cd scripts/sbom && $(GO) test -count=1 . >/dev/null
	@cd scripts/sbom && $(GO) run . -C ../.. -version "$$(git describe --tags --always)" $(addprefix ./,$(PROVIDER)) >../../sbom.json
	@echo "$$(grep -c '"purl"' sbom.json) modules in sbom.json, the same as the linker wrote into a program"
