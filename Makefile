# Needs Go, make, git and bash; everything else is built from pinned modules.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
IMG ?= ghcr.io/portkey-ai/portkey-ecs-operator:$(VERSION)
PLATFORMS ?= linux/amd64,linux/arm64
# Which of config/samples make run deploys.
SAMPLE ?= minimal
# What to test, and further flags: make test PKG=./internal/engine/... TESTFLAGS='-run Walk -v'
PKG ?= ./...
TESTFLAGS ?=
# The packages of which a part runs under the race detector, and then all without it.
SWEEPS ?= $(if $(filter ./...,$(PKG)),./hack/harness/random ./test/lifecycle ./test/connect ./test/environments ./test/sweep ./test/leastprivilege)
# The race detector needs a C compiler; without one Go turns cgo off.
RACE ?= $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
# Tests make much garbage and keep little: collecting it more rarely spares a sixth of their time.
test: export GOGC ?= 400
# make lint vets, and nobody debugs these binaries: fifty links without debug information spare a minute.
GO_TEST := go test -vet=off -ldflags '-s -w' -shuffle=on -timeout 25m

GO_BUILD := CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'
COMMANDS := $(addprefix ./,$(wildcard cmd/* hack/sandbox))

##@ Development

.PHONY: help
help: ## Show this help.
	@awk 'BEGIN {FS = ":.*##"; printf "Usage: make \033[36m<target>\033[0m\n"} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*##/ {printf "  \033[36m%-16s\033[0m%s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## Build the static binaries into bin/.
	@mkdir -p bin
	$(GO_BUILD) -o bin/ $(COMMANDS)

.PHONY: run
run: build ## Run the operator against a local API server and an emulated AWS (SAMPLE=).
	@assets="$$(hack/envtest/ensure.sh)"; export KUBEBUILDER_ASSETS="$$assets"; \
	exec bin/sandbox up --apply 'config/samples/$(SAMPLE).yaml' --watch

.PHONY: test
test: ## Run all tests, against a real API server where they need one (PKG=, TESTFLAGS=).
	@$(if $(RACE),,echo "testing without the race detector";) \
	assets="$$(hack/envtest/ensure.sh)"; export KUBEBUILDER_ASSETS="$$assets"; set -o pipefail; \
	$(GO_TEST) $(RACE) $(TESTFLAGS) $(PKG) 2>&1 | awk ' \
		/\[no test files\]$$/ {none++; next} \
		/^ok  \t/ {ok++} \
		/^FAIL\t/ {bad++} \
		{print; fflush()} \
		END {printf "%d packages ok, %d not; %d have no tests\n", ok, bad, none}'
	@$(if $(and $(RACE),$(SWEEPS)),echo "the sweeps once more in full: see hack/harness/sample.go"; \
	assets="$$(hack/envtest/ensure.sh)"; export KUBEBUILDER_ASSETS="$$assets"; \
	$(GO_TEST) $(TESTFLAGS) $(SWEEPS),:)

.PHONY: sweep
sweep: ## Let thousands of lives go wrong, and report what came of it (SWEEP=, SWEEP_SAMPLE=, SWEEP_ROWS=, SWEEP_REPORT=bin/sweep.md).
	@GOGC=400 go run ./hack/sweep/run -sweep '$(or $(SWEEP),*)' -sample '$(or $(SWEEP_SAMPLE),*)' -rows '$(or $(SWEEP_ROWS),*)' -report '$(or $(SWEEP_REPORT),bin/sweep.md)'
	@$(if $(SWEEP)$(SWEEP_SAMPLE)$(SWEEP_ROWS),:,echo "the table of which make test runs a third"; \
	WHOLE=1 $(GO_TEST) -run 'TestMatrix$$' ./test/lifecycle)

.PHONY: bench
bench: build ## Run the benchmarks: JSON lines (docs/benchmarks.md).
	@assets="$$(hack/envtest/ensure.sh)"; export KUBEBUILDER_ASSETS="$$assets"; \
	go run ./hack/bench --sandbox bin/sandbox config/samples/minimal.yaml config/samples/production.yaml

.PHONY: fmt
fmt: bin/tools/golangci-lint ## Format the code.
	bin/tools/golangci-lint fmt

.PHONY: lint
lint: bin/tools/golangci-lint ## Run the linters, the architecture's borders among them.
	go vet ./...
	bin/tools/golangci-lint run --allow-serial-runners ./...

# A copy of the database, where https://vuln.go.dev can't be reached: VULNDB=file:///path.
VULNDB ?= https://vuln.go.dev

.PHONY: vulncheck
vulncheck: bin/tools/govulncheck ## Look for known vulnerabilities in what is called of Go and its modules (VULNDB=); needs the network.
	bin/tools/govulncheck -db '$(VULNDB)' ./cmd/...

##@ Generated files

GENERATE_PATHS := $(patsubst %,paths=./%/...,$(wildcard api controllers))
GENERATED := ':(glob)api/**/zz_generated.*.go' config/crd/bases config/rbac/role.yaml ':(glob)config/iam/*.json' dist docs/reference.md

.PHONY: generate
generate: bin/tools/controller-gen bin/tools/kustomize ## Write deep copies, CRDs, the manager's roles in Kubernetes and AWS, dist/install.yaml and docs/reference.md.
	bin/tools/controller-gen object crd rbac:roleName=manager-role $(GENERATE_PATHS) \
		output:crd:dir=config/crd/bases output:rbac:dir=config/rbac
	go run ./hack/iampolicy/generate config/iam
	go run ./hack/reference/generate config/crd/bases docs/reference.md
	@mkdir -p dist
	bin/tools/kustomize build config/default --output dist/install.yaml

.PHONY: check-generated
check-generated: generate ## Fail if generated files differ from what is committed.
	@git diff --exit-code -- $(GENERATED) || { echo "generated files are out of date: run make generate and commit"; exit 1; }
	@new="$$(git ls-files --others --exclude-standard -- $(GENERATED))"; \
	[ -z "$$new" ] || { echo "generated files are not committed:"; echo "$$new"; exit 1; }
	@echo "generated files are up to date"

##@ Release

.PHONY: docker-build
docker-build: ## Build the image for all platforms (IMG=, PLATFORMS=, PUSH=1 to push).
	docker buildx build --platform $(PLATFORMS) --build-arg VERSION=$(VERSION) $(if $(PUSH),--push) -t $(IMG) .

.PHONY: clean
clean: ## Remove what was built here; shared caches stay.
	rm -rf bin

# Tools run here, whatever platform the operator is being built for.
TOOL_BUILD = @mkdir -p bin/tools; echo "building $(notdir $@)"; \
	env -u GOOS -u GOARCH CGO_ENABLED=0 GOWORK=off go build -C $(dir $<) -mod=readonly -trimpath -ldflags '-s -w' -o '$(abspath $@)'

bin/tools/controller-gen: hack/tools/go.mod
	$(TOOL_BUILD) sigs.k8s.io/controller-tools/cmd/controller-gen

bin/tools/kustomize: hack/tools/go.mod
	$(TOOL_BUILD) sigs.k8s.io/kustomize/kustomize/v5

bin/tools/golangci-lint: hack/tools/golangci-lint/go.mod
	$(TOOL_BUILD) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/tools/govulncheck: hack/tools/govulncheck/go.mod
	$(TOOL_BUILD) golang.org/x/vuln/cmd/govulncheck
