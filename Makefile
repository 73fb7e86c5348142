# Drawbridge. `make demo` shows it, `make test` proves it; both install what is missing (Debian 12, a Swift toolchain).
.DEFAULT_GOAL := help
.PHONY: help deps build release pam size completions man install version deb test test-slow test-host demo format lint clean

BUILD_PACKAGES := pkg-config libldap-dev libssl-dev libsodium-dev libargon2-dev libcrypt-dev libqrencode-dev \
  libcurl4-openssl-dev libpam0g-dev gcc
TEST_PACKAGES := slapd slapd-contrib ldap-utils oathtool zbar-tools librsvg2-bin faketime python3-aiosmtpd argon2 \
  openssl socat groff-base pamtester openssh-server openssh-client sudo valgrind libnss-extrausers \
  sasl2-bin libsasl2-modules postfix python3-jwt python3-cryptography systemd curl \
  prometheus python3-prometheus-client
PACKAGING_PACKAGES := debhelper dpkg-dev fakeroot lintian groff-base python3-minimal
PACKAGES := $(BUILD_PACKAGES) $(TEST_PACKAGES)

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install the Debian packages that building and testing need
	@missing=$$( \
	  for package in $(PACKAGES); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || printf '%s ' $$package; \
	  done); \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then \
	    echo "installing $$missing"; \
	    export DEBIAN_FRONTEND=noninteractive; \
	    apt-get -qq update && RUNLEVEL=1 apt-get -qq install -y --no-install-recommends --no-remove $$missing >/dev/null; \
	  else \
	    echo "missing Debian packages; as root: apt-get install $$missing" >&2; exit 1; \
	  fi; \
	fi

build: deps ## Build for debugging
	swift build

release: deps pam ## Build the binaries that are installed: no Swift runtime is needed on the host
	swift build -c release --static-swift-stdlib --product drawbridged
	swift build -c release --static-swift-stdlib --product drawbridge

PAM_SOURCES := $(wildcard Sources/PAM/*.c Sources/PAM/*.h)
PAM_FLAGS := -std=gnu17 -Wall -Wextra -Werror -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong
PAM_MODULE_FLAGS := -shared -fPIC -fvisibility=hidden -Wl,-z,relro,-z,now -Wl,--no-undefined
SANITIZED := -fsanitize=address,undefined -fno-sanitize-recover=all -g -O1

pam: deps .build/pam/pam_drawbridge.so ## Build the PAM module: .build/pam/pam_drawbridge.so

.build/pam/pam_drawbridge.so: $(PAM_SOURCES)
	@mkdir -p $(@D)
	cc $(PAM_FLAGS) $(PAM_MODULE_FLAGS) -o $@ $(filter %.c,$^) -lpam

# What the tests of the module need: an application with a scripted conversation, and both once more under sanitizers.
.PHONY: pam-tests
pam-tests: $(addprefix .build/pam/,pam_drawbridge.so converse sanitized/pam_drawbridge.so sanitized/converse)

.build/pam/converse: Tests/PAM/converse.c
	@mkdir -p $(@D)
	cc $(PAM_FLAGS) -g -o $@ $< -lpam -lpthread

.build/pam/sanitized/converse: Tests/PAM/converse.c
	@mkdir -p $(@D)
	cc -Wall -Wextra -Werror $(SANITIZED) -o $@ $< -lpam -lpthread

.build/pam/sanitized/pam_drawbridge.so: $(PAM_SOURCES)
	@mkdir -p $(@D)
	cc -Wall -Wextra -Werror $(SANITIZED) -shared -fPIC -fvisibility=hidden -o $@ $(filter %.c,$^) -lpam

FUZZ_SECONDS := 60
.PHONY: fuzz-pam
fuzz-pam: ## Throw random replies at the PAM module's parser, for FUZZ_SECONDS
	@mkdir -p .build/pam/corpus
	clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o .build/pam/fuzz_reply \
	  Tests/PAM/fuzz_reply.c Sources/PAM/reply.c
	.build/pam/fuzz_reply -max_total_time=$(FUZZ_SECONDS) -max_len=4200 -dict=Tests/PAM/reply.dict -print_final_stats=1 \
	  .build/pam/corpus

SIZE_MAX_MIB := 32

size: release ## Check that the daemon stays small: Foundation would double it
	@strip -o .build/drawbridged.stripped "$$(swift build -c release --show-bin-path)/drawbridged"
	@bytes=$$(stat -c %s .build/drawbridged.stripped); \
	echo "drawbridged: $$((bytes / 1048576)) MiB stripped, $(SIZE_MAX_MIB) at the most"; \
	test $$bytes -le $$(($(SIZE_MAX_MIB) * 1048576))

# Which binaries write their completions and manual pages: with CONFIGURATION=release, those that are installed.
CONFIGURATION := debug
BUILT := $(if $(filter release,$(CONFIGURATION)),release,build)

completions: $(BUILT) ## Write the completions of bash, zsh and fish to .build/completions
	@mkdir -p .build/completions
	@bin=$$(swift build -c $(CONFIGURATION) --show-bin-path); set -e; \
	for program in drawbridge drawbridged; do \
	  "$$bin/$$program" --generate-completion-script bash | sed '1{/^#!/d}' > .build/completions/$$program; \
	  "$$bin/$$program" --generate-completion-script zsh > .build/completions/_$$program; \
	  "$$bin/$$program" --generate-completion-script fish > .build/completions/$$program.fish; \
	done; ls .build/completions

man: $(BUILT) ## Write the manual pages to .build/man
	@mkdir -p .build/man
	@bin=$$(swift build -c $(CONFIGURATION) --show-bin-path); set -e; \
	for page in drawbridge.1 drawbridged.8; do \
	  "$$bin/$${page%.*}" --experimental-dump-help \
	    | docs/man/generate "$${page%.*}" "$${page##*.}" > .build/man/$$page; \
	  if command -v groff >/dev/null; then groff -man -ww -z -T utf8 .build/man/$$page; fi; \
	done
	@cp docs/man/pam_drawbridge.8 .build/man/; \
	if command -v groff >/dev/null; then groff -man -ww -z -T utf8 docs/man/pam_drawbridge.8; fi; ls .build/man

PREFIX := /usr/local
DATADIR = $(PREFIX)/share
UNITDIR = $(PREFIX)/lib/systemd/system
PAMDIR = $(PREFIX)/lib/$(shell dpkg-architecture -qDEB_HOST_MULTIARCH)/security
# The units name the daemon where the package has it.
DAEMON = $(PREFIX)/sbin/drawbridged

install: ## Install what CONFIGURATION=release built: DESTDIR= PREFIX=/usr/local
	$(MAKE) CONFIGURATION=release release completions man
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/sbin"
	bin=$$(swift build -c release --show-bin-path); \
	install -s "$$bin/drawbridge" "$(DESTDIR)$(PREFIX)/bin/" && install -s "$$bin/drawbridged" "$(DESTDIR)$(PREFIX)/sbin/"
	install -D -m 0644 -s -t "$(DESTDIR)$(PAMDIR)" .build/pam/pam_drawbridge.so
	install -D -m 0644 -t "$(DESTDIR)$(DATADIR)/man/man1" .build/man/*.1
	install -D -m 0644 -t "$(DESTDIR)$(DATADIR)/man/man8" .build/man/*.8
	install -D -m 0644 -t "$(DESTDIR)$(DATADIR)/bash-completion/completions" \
	  .build/completions/drawbridge .build/completions/drawbridged
	install -D -m 0644 -t "$(DESTDIR)$(DATADIR)/zsh/vendor-completions" .build/completions/_*
	install -D -m 0644 -t "$(DESTDIR)$(DATADIR)/fish/vendor_completions.d" .build/completions/*.fish
	install -D -m 0644 -t "$(DESTDIR)$(DATADIR)/drawbridge/schema" schema/*
	install -D -m 0644 -t "$(DESTDIR)$(UNITDIR)" systemd/*.service systemd/*.socket
	sed -i 's,/usr/sbin/drawbridged,$(DAEMON),' "$(DESTDIR)$(UNITDIR)"/drawbridged*.service
	for unit in drawbridged drawbridged@; do \
	  install -D -m 0644 -t "$(DESTDIR)$(UNITDIR)/$$unit.service.d" systemd/sandbox.conf; \
	done
	install -D -m 0644 systemd/drawbridge.sysusers "$(DESTDIR)$(PREFIX)/lib/sysusers.d/drawbridge.conf"
	install -D -m 0644 systemd/drawbridge.tmpfiles "$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/drawbridge.conf"

version: ## Check that the daemon and the package have one number
	@source=$$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/Wire/Version.swift); \
	package=$$(sed -n '1s/.*(\([^-)]*\).*/\1/p' debian/changelog); \
	if [ "$$source" != "$$package" ]; then \
	  echo "Sources/Wire/Version.swift says $$source, debian/changelog $$package" >&2; exit 1; \
	fi

deb: version ## Build the Debian packages in .build/deb, and have lintian look at them
	@$(MAKE) --no-print-directory deps PACKAGES="$(BUILD_PACKAGES) $(PACKAGING_PACKAGES)"
	fakeroot debian/rules clean
	rm -rf .build/deb && mkdir -p .build/deb
	fakeroot debian/rules binary
	lintian --fail-on error --tag-display-limit 0 .build/deb/*.deb

test: deps lint pam-tests ## Run every test against a real slapd and a real SMTP server
	swift build --build-tests
	@Tests/run "$$(swift build --show-bin-path)"

test-slow: deps ## Run the test that takes minutes: the year of 100,000 accounts
	swift build --build-tests
	DRAWBRIDGE_SLOW=1 swift test --skip-build --no-parallel --filter SweepLargeTests

HOST_SCENES := all
test-host: ## Boot a Debian with systemd, install the package in it and live there: HOST_SCENES=all, short, or names
	@if [ "$$(id -u)" = 0 ]; then $(MAKE) --no-print-directory deps PACKAGES="debootstrap systemd-container" || :; fi
	@Tests/Host/run $(HOST_SCENES)

demo: build ## Live the user guide on a throw-away directory
	@docs/demo/demo

format: ## Lay out the code
	swift format --in-place --recursive --parallel Sources Tests Package.swift

lint: ## Check the layout of the code and the direction of its imports
	swift format lint --strict --recursive --parallel Sources Tests Package.swift
	@Tests/house

clean: ## Remove what was built
	rm -rf .build
