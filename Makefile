# Anchor OS. What there is to make: `make help`. What is made lies in bin/ and out/.
#
#   ANCHOR_CACHE   what is slow to get or to make, kept by content (~/.cache/anchor); once it is there,
#                  nothing here needs a network
#   ANCHOR_PARTS   where the tests look for kernel, stub and firmware, if not in out/parts
#   ANCHOR_RELEASE build what goes out: the kernel then comes from nothing, not from the cache (20 minutes or more)
#   PORT           the port of this host that leads to web while make run runs (8080)

export LC_ALL := C
export TZ := UTC
export ANCHOR_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/anchor
PORT ?= 8080

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.PHONY: help build check gates images kernel kernel-twice parts uki boot run demo lint test mutants test-nix clean deps FORCE

# A folder with a passport is a room: there is nothing to register.
rooms := $(patsubst rooms/%/passport.toml,%,$(wildcard rooms/*/passport.toml))
images := $(rooms:%=out/images/%.squashfs)

# What a thing is made of, as find is told. What is deleted leaves nothing newer than the thing, and chmod makes
# nothing newer: so it depends on out/lists/<thing> as well, a list of what was found, written anew only when
# it is another.
of/passports = rooms \( -name '*.toml' -o -name '*.hcl' \) ! -path 'rooms/.*'
of/program = program -name '*.go' ! -name '*_test.go'
of/sources = go.mod go.sum cmd compiler cue kernel/embed.go kernel/hardening.hcl policy release -type f ! -name '*_test.go' ! -path '*/testdata/*'
$(foreach room,$(rooms),$(eval of/rooms/$(room) = rooms/$(room) ! -path rooms/$(room)/passport.toml ! -path rooms/$(room)/image.nix))
lists := out/lists/passports out/lists/program out/lists/sources $(rooms:%=out/lists/rooms/%)
files = $(shell find $(of/$1) ! -type d) out/lists/$1

# One module is not to be had of every proxy.
go := .ci/go-uefi; go
static := -trimpath -buildvcs=false -ldflags '-s -w -buildid='
step = @printf '\n== %s\n'

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

build: bin/passportc bin/bay0-arm64 bin/bay0-amd64 ## bin/passportc and bin/bay0-*; needs Go only

bin/passportc: $(call files,sources)
	$(step) 'building passportc'
	@export CGO_ENABLED=0; $(go) build $(static) -o $@ ./cmd/passportc

bin/bay0-%: $(call files,sources)
	$(step) 'building Bay0 for $*'
	@export CGO_ENABLED=0 GOOS=linux GOARCH=$* GOARM64=v8.0 GOAMD64=v1; $(go) build $(static) -o $@ ./cmd/bay0

check: bin/passportc ## check the rooms' passports
	$(step) 'checking the passports'
	@bin/passportc check rooms

gates: bin/passportc bin/bay0-arm64 bin/bay0-amd64 ## judge what a release is built of: kernel, lock, Nix, Bay0
	$(step) 'running the gates'
	@.ci/go-uefi; bin/passportc gate all --nixconf nix/nix.conf --bay0 bin/bay0-arm64 --bay0 bin/bay0-amd64

images: $(images) ## out/images/<room>.squashfs

out/images/%.squashfs: $$(call files,rooms/$$*) $(call files,program) rooms/build-image rooms/pack-image .ci/deb go.mod go.sum | deps
	$(step) 'building the image of the room $*'
	@.ci/go-uefi; rooms/build-image rooms/$* aarch64 $@

$(lists): out/lists/%: FORCE
	@mkdir -p $(@D); find $(of/$*) -printf '%M %p %l\n' | sort >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# The kernel and the parts of others come out of the cache, where it is they that know what is stale; a
# copy here is replaced only by another content.
kernel: out/kernel/Image ## out/kernel/Image, config, release and manifest

out/kernel/Image: FORCE | deps
	@mkdir -p out/kernel
	@dir=$$(kernel/build); for file in Image config release manifest; do \
	  cmp -s "$$dir/$$file" out/kernel/$$file || cp "$$dir/$$file" out/kernel/; done

kernel-twice: out/kernel/Image ## build a changed kernel once more, from nothing and elsewhere: it must be the same bytes
	@kernel/build --compared >/dev/null

parts: out/kernel/Image out/parts/linuxaa64.efi.stub ## out/parts: kernel, stub and firmware, for the tests
	@for file in Image config release; do \
	  [ -L out/parts/$$file ] || ln -s ../kernel/$$file out/parts/; done

out/parts/linuxaa64.efi.stub: FORCE
	@.ci/parts out/parts

uki: out/anchor.efi ## out/anchor.efi, and out/initrd and out/passports.bin that are in it

out/passports.bin: bin/passportc $(images) $(call files,passports)
	$(step) 'compiling the passports'
	@bin/passportc compile --arch aarch64 --images out/images -o $@ rooms

out/initrd: bin/passportc bin/bay0-arm64 $(images) out/passports.bin
	$(step) 'packing the initrd'
	@bin/passportc initrd --bay0 bin/bay0-arm64 --images out/images --passports out/passports.bin -o $@

out/anchor.efi: bin/passportc out/parts/linuxaa64.efi.stub out/kernel/Image out/initrd out/passports.bin rooms/os-release
	$(step) 'assembling the UKI'
	@bin/passportc uki build --stub out/parts/linuxaa64.efi.stub --linux out/kernel/Image --initrd out/initrd \
	  --passports out/passports.bin --os-release rooms/os-release -o $@
	@bin/passportc inspect $@

# The machine's data disk and the state of its TPM stay between boots, until make clean. All that it says
# is in out/console.log: a line for each grant that a room used and each neighbour that it was denied.
machine = bin/passportc uki boot --firmware out/parts/AAVMF_CODE.fd --vars out/parts/AAVMF_VARS.fd \
	  --data out/data.img --tpm out/tpm --console out/console.log

boot: check uki parts ## boot out/anchor.efi in QEMU, up to the table of its rooms
	$(step) 'booting out/anchor.efi'
	@$(machine) $(details) out/anchor.efi

run: check uki parts ## boot it and let it run until Ctrl-C; web is at 127.0.0.1:8080
	$(step) 'running out/anchor.efi'
	@$(machine) --keep --forward $(PORT):8080 out/anchor.efi

demo: details := --details
demo: deps build boot ## all of it, from what is missing on this machine to a booted room
	$(step) 'what was made'
	@ls -l bin/passportc bin/bay0-* out/passports.bin out/initrd out/anchor.efi out/kernel/Image $(images) | \
	  awk '{ printf "%10d  %s\n", $$5, $$NF }'

lint: bin/passportc ## gofmt, go vet, and passportc fmt for the passports
	@found=$$(gofmt -l .); [ -z "$$found" ] || { echo "not as gofmt writes it: $$found"; exit 1; }
	@$(go) vet ./...
	@$(go) vet -tags mutants ./cmd/bay0
	@bin/passportc fmt --check || { echo "not as passportc fmt writes it: what is listed above"; exit 1; }

test: deps parts lint ## the whole suite, the boot included
	$(step) 'testing'
	@$(go) test -count=1 -timeout 60m ./... # results of tests that run make or git must not be cached

mutants: deps parts ## take each call of Bay0 that enforces away, and boot it: something has to tell; an hour
	$(step) 'trying mutants of Bay0'
	@$(go) test -count=1 -timeout 120m -v -tags mutants -run TestMutants ./cmd/bay0

test-nix: deps parts ## of the suite, what builds with a real Nix, in its sandbox and without network; needs root
	$(step) 'testing the flake'
	@$(go) test -count=1 -timeout 60m -v ./nix

clean: ## delete bin/ and out/, with the machine's disk and TPM; the cache stays
	rm -rf bin out

deps:
	@.ci/install
