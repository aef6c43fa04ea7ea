# make help lists the targets. Modules, fuzz targets and examples are found by looking: adding one needs no edit here.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL: # the steps of ci run in their order, also under -j

ROOT := $(CURDIR)
BIN := $(ROOT)/.bin
FUZZTIME ?= 20s
export GOWORK := off

# Every module but tools/golangci, which only pins the linter.
MODULES := $(shell find . \( -name node_modules -o -name testdata -o -name '.?*' -o -path ./tools/golangci \) -prune \
	-o -name go.mod -print | sed 's|/go.mod$$||' | sort)

# $(call each,COMMAND) runs COMMAND in every module, goes on past a failure, and fails in the end. A tool whose libraries need
# the newest Go is skipped on the older one.
define each
@status=0; for m in $(MODULES); do \
	if (cd "$$m" && go list -m 2>&1) | grep -q 'requires go >='; then echo "-- $$m: NOTE: skipped, it needs a newer Go"; continue; fi; \
	echo "-- $$m: $(strip $(1))"; (cd "$$m" && $(1)) || status=1; done; exit $$status
endef

# The race detector needs cgo and a C compiler.
RACE = $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && command -v $$(go env CC | cut -d' ' -f1) >/dev/null && echo -race)

# The linter is built once a version of it and of Go; its version is written in tools/golangci/go.mod alone.
GOLANGCI_VERSION = $(shell sed -n 's|.*golangci/golangci-lint/v2 \(v[0-9][^ ]*\).*|\1|p' tools/golangci/go.mod)
# Its cache belongs to the checkout: a shared one brings findings of others, under their paths.
export GOLANGCI_LINT_CACHE := $(BIN)/lint
GOLANGCI = $(BIN)/golangci-lint-$(GOLANGCI_VERSION)-$(shell go env GOVERSION)

# A program below tools/ becomes a target in two lines, and a step of ci by a word in the line of ci:
#	spec-lint: ## check api/openapi.yaml against our rules
#		$(TOOL)/speclint ../api/openapi.yaml
TOOL = go -C tools run .

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Not ./...: go generate stops at a file that cozegen has just removed, and only generate.go has go:generate lines.
.PHONY: generate
generate: ## write what follows from the documents in api/
	go generate .

.PHONY: tidy
tidy: ## go.mod files are tidy, in all modules at once; a step of check and of release-check that runs once
	@status=0; pids=; for m in $(MODULES); do ( cd "$$m" || exit; \
		if go list -m 2>&1 | grep -q 'requires go >='; then echo "-- $$m: NOTE: skipped, it needs a newer Go"; exit; fi; \
		go mod tidy -diff && echo "-- $$m: tidy" || { echo "-- $$m: NOT tidy"; exit 1; } ) & pids="$$pids $$!"; done; \
	for p in $$pids; do wait $$p || status=1; done; exit $$status

.PHONY: check
check: generate coverage tidy ## generated files, docs/coverage.md and go.mod files are up to date (compares with the index: stage first)
	@git diff --exit-code || { echo "check: the tree differs from the index; run 'make generate coverage' and 'git add' the result"; exit 1; }
	@new=$$(git ls-files --others --exclude-standard -- gen 'pkg/*.gen.*' 'api/*.gen.json'); \
		if [ -n "$$new" ]; then echo "check: generated, but not in git:"; echo "$$new"; exit 1; fi
	@big=$$(git ls-tree -r -l HEAD | awk '$$4 > 1048576 { print $$4, $$5 }'); \
		if [ -n "$$big" ]; then echo "check: over 1 MiB, was a program committed?"; echo "$$big"; exit 1; fi

.PHONY: spec-lint
spec-lint: ## check api/openapi.yaml against our rules
	$(TOOL)/speclint ../api/openapi.yaml

# specdiff is a module of its own, because oasdiff needs the newest Go and cozegen must not. Its exit status tells the level;
# make fails only with FAIL_ON=minor or FAIL_ON=major.
BASE ?= HEAD~1
FORMAT ?= text
FAIL_ON ?= never
.PHONY: spec-diff
spec-diff: ## what changed for users since BASE (HEAD~1): patch, minor or major; FORMAT=text, markdown or json
	@go -C tools/specdiff build -o $(BIN)/specdiff .
	@$(BIN)/specdiff -root . -base $(BASE) -format $(FORMAT) -fail-on $(FAIL_ON)

.PHONY: coverage
coverage: ## document, catalogue, methods, examples and tests side by side; writes docs/coverage.md and the badge
	$(TOOL)/coverage -write docs/coverage.md -badge docs/coverage.svg

# LOG is what coze.DriftLog wrote in production; docs/drift.md tells the way from there to a pull request.
.PHONY: drift-patch
drift-patch: ## turn LOG, a log of drifts, into a patch of api/openapi.yaml on standard output
	@[ -n "$(LOG)" ] || { echo "drift-patch: name the log: make drift-patch LOG=drift.jsonl"; exit 1; }
	@$(TOOL)/driftpatch -spec ../api/openapi.yaml $(abspath $(LOG))

# $(call npm,NAME,DIR,COMMANDS) runs COMMANDS in DIR with what its lock file pins, which is got once a version of that file.
define npm
@if ! command -v npm >/dev/null; then echo "$(1): NOTE: $(2) is skipped, npm is not installed"; \
	else $(MAKE) --no-print-directory $(2)/node_modules/.package-lock.json && cd $(2) && $(3); fi
endef

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: spec-others
spec-others: ## the linters of redocly and Speakeasy, and a TypeScript client, take the document too
	$(TOOL)/speakeasylint ../api/openapi.yaml
	$(call npm,spec-others,tools/npm,npm run --silent lint && npm run --silent client)

# Chrome is what GitHub's machines have.
CHROMIUM = $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable)

.PHONY: docs
docs: ## write docs/api.html, a reference to browse, and check in a headless Chromium that everything is drawn
	@[ -n "$(CHROMIUM)" ] || echo "docs: NOTE: no Chromium, so nobody looks at the page"
	$(call npm,docs,tools/npm,cd ../.. && $(TOOL)/apidocs -root .. -out docs/api.html -browser "$(CHROMIUM)")

.PHONY: lint
lint: $(GOLANGCI) ## gofmt, go vet and golangci-lint in every module
	@bad=$$(find . \( -name node_modules -o -name testdata -o -name '.?*' \) -prune -o -name '*.go' -exec gofmt -l {} +); \
		if [ -n "$$bad" ]; then echo "lint: not formatted by gofmt:"; echo "$$bad"; exit 1; fi
	$(call each,go vet ./...)
	$(call each,$(GOLANGCI) run --allow-parallel-runners --config $(ROOT)/.golangci.yml ./...)

$(GOLANGCI): tools/golangci/go.mod
	CGO_ENABLED=0 go -C tools/golangci build -ldflags='-s -w' -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.PHONY: build
build: ## compile every module for Linux, and the packages that browsers run for js/wasm
	$(call each,GOOS=linux go build ./...)
	@for p in pkg/coze pkg/coze/voice pkg/stream pkg/call; do \
		ls $$p/*.go >/dev/null 2>&1 || continue; \
		echo "-- js/wasm: go build ./$$p"; GOOS=js GOARCH=wasm go build ./$$p || exit; done

.PHONY: test
test: ## go test in every module, with the race detector where a C compiler is found
	@[ -n "$(RACE)" ] || echo "test: NOTE: no cgo or no C compiler, so the race detector is off"
	$(call each,$(if $(RACE),,CGO_ENABLED=0) go test $(RACE) -timeout 10m ./...)

.PHONY: race
race: test ## the same as test

# go test -list prints the fuzz targets of a package, and then its "ok" line.
.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (20s), from what was found before
	@$(TOOL)/fuzzcorpus -root .. unpack
	@set -e -o pipefail; for m in $(MODULES); do \
		list=$$(go -C "$$m" test -list '^Fuzz' ./... | \
			awk '/^Fuzz/ { f[++n] = $$1 } /^ok/ { for (i = 1; i <= n; i++) print $$2, f[i]; n = 0 }'); \
		while read -r pkg name; do \
			[ -n "$$pkg" ] || continue; \
			echo "-- $$pkg $$name"; \
			go -C "$$m" test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$pkg" </dev/null; \
		done <<< "$$list"; done

# govulncheck needs its data base from the network; without the program the hashes and the list of versions are what is checked.
.PHONY: vuln
vuln: ## downloaded modules match go.sum, docs/dependencies.md lists them, and govulncheck if it is installed
	$(TOOL)/dependencies -root .. -check
	$(call each,go mod verify)
	@if command -v govulncheck >/dev/null; then $(MAKE) --no-print-directory vuln-scan; \
		else echo "vuln: NOTE: govulncheck is not installed, known vulnerabilities were not looked up"; fi

.PHONY: vuln-scan
vuln-scan:
	$(call each,govulncheck ./...)

.PHONY: fuzz-keep
fuzz-keep: ## add what fuzzing has found on this machine to testdata/corpus
	$(TOOL)/fuzzcorpus -root .. pack

.PHONY: load
load: ## calls with injected faults, thousands of open streams, voice sessions, a large upload; profiles go to .bin/profiles
	go -C bench run ./load -profiles $(BIN)/profiles

.PHONY: bench
bench: ## run the benchmarks of bench/
	@if [ ! -f bench/go.mod ]; then echo "bench: there is no bench/"; exit 0; fi; \
		go -C bench test -run '^$$' -bench . -benchmem ./... || exit; \
		if [ -f bench/main.go ]; then go -C bench run .; fi

# Every example ends by itself, without arguments, against its embedded fake server when COZE_API_TOKEN is not set.
.PHONY: examples
examples: ## build every example, and run each one for at most 60 s
	@GOOS=js GOARCH=wasm go build -o /dev/null ./examples/wasm/page # examples/wasm then has little left to compile
	@mkdir -p $(BIN)/examples; passed=0; failed=0; limit=$$(command -v timeout >/dev/null && echo timeout 60); \
	for d in examples/*/; do \
		ls $$d*.go >/dev/null 2>&1 || continue; \
		name=$$(basename $$d); out=$(BIN)/examples/$$name; rm -f $$out $$out.log; \
		if go -C $$d build -o $$out . && env -u COZE_API_TOKEN -u COZE_OAUTH_CONFIG -u COZE_REDIRECT_URL $$limit $$out </dev/null >$$out.log 2>&1; \
		then passed=$$((passed+1)); echo "-- examples/$$name: ok"; \
		else echo "-- examples/$$name: FAILED (exit $$?)"; failed=$$((failed+1)); cat $$out.log 2>/dev/null; fi; \
	done; \
	if [ $$((passed+failed)) = 0 ]; then echo "examples: there are none"; else echo "$$passed passed, $$failed failed"; fi; \
	[ $$failed = 0 ]

.PHONY: interop
interop: ## run the vendor's Node SDK against the fake server
	$(call npm,interop,interop,npm test)

# BASE here is empty unless it is said: the newest tag is what a release follows.
.PHONY: release-check
release-check: tidy ## could this be released? changelog, version, what changed since the last tag (or BASE=), the module from outside
	@specdiff=../.bin/specdiff; \
		if go -C tools/specdiff list -m 2>&1 | grep -q 'requires go >='; then specdiff=; \
		else go -C tools/specdiff build -o $(BIN)/specdiff . || exit; fi; \
		$(TOOL)/releasecheck -root .. -specdiff "$$specdiff" $(if $(filter-out file default,$(origin BASE)),-base $(BASE))

# Node is for the types and tests of the sources alone: the widget is built by go generate. The browser tests skip without Chromium.
# The vendor's SDK of interop/ is what a page of these tests runs, so that its version is pinned in one place.
.PHONY: web-test
web-test: ## the chat widget: types, unit tests, vendored files; it, the vendor's SDK and js/wasm in a headless Chromium
	@[ -n "$(CHROMIUM)" ] || echo "web-test: NOTE: no Chromium, so nothing is tested in a browser"
	$(call npm,web-test,interop,true)
	$(call npm,web-test,web,npm run types && npm test && WEB_TEST=1 go -C browsertest test -count=1 -timeout 15m ./...)

.PHONY: ci
ci: check lint spec-lint spec-others docs build test examples interop web-test release-check ## all that a change must pass, in this order
