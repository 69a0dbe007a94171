# The verbs of this project. Each is a small script in scripts/; packages that are missing on a Debian 12 are installed
# first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build install uninstall dist test check check-fresh check-package demo bench bench-micro bench-slow \
  bench-scale bench-memory bench-replay soak oracle format clean
PREFIX ?= /usr/local
export PREFIX DESTDIR

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 13

build: ## compile, and leave a runnable dist/mdfuse/bin/mdfuse with its own Java runtime
	@scripts/packages.sh build
	@scripts/build.sh

install: ## install dist/mdfuse in PREFIX (/usr/local), below DESTDIR: man pages, completion, fstab, systemd
	@[ -x dist/mdfuse/install.sh ] || $(MAKE) --no-print-directory build
	@dist/mdfuse/install.sh install

uninstall: ## remove what `make install` installed with the same PREFIX and DESTDIR
	@dist/mdfuse/install.sh uninstall

dist: ## make dist/mdfuse-VERSION-linux-MACHINE.tar.gz and the Debian package, both with their own Java runtime
	@scripts/packages.sh build dist
	@scripts/build.sh
	@scripts/package/make.sh

test: ## run every test this machine can run, and say which ones it could not
	@scripts/packages.sh build mount test
	@scripts/build.sh
	@scripts/test.sh

check: ## what must hold before a change lands: format, static analysis, every test, the real md driver too
	@scripts/check.sh

check-fresh: ## run the README's commands in a Debian 12 that has nothing but what the README asks for (needs root)
	@scripts/check-fresh.sh

check-package: ## install, use, upgrade and purge the Debian package in a Debian 12 of its own (needs root; ten minutes)
	@scripts/packages.sh build dist package
	@scripts/build.sh
	@scripts/package/make.sh
	@scripts/check-package.sh

demo: ## make an array, mount it, kill its server, and see that nothing is lost (half a minute)
	@scripts/demo.sh announce
	@scripts/packages.sh build mount demo
	@scripts/build.sh
	@scripts/demo.sh

bench: ## measure with fio beside md, btrfs, a plain file and BASE=commit (twelve minutes; scripts/bench/run.sh help)
	@scripts/packages.sh build mount bench
	@scripts/build.sh
	@scripts/bench/run.sh

bench-micro: ## measure the inner loops with JMH: parity beside Intel's ISA-L, and more (three minutes)
	@scripts/packages.sh build bench
	@scripts/build.sh
	@scripts/bench/micro.sh

bench-slow: ## measure waits for members and the speed of passes, on simulated slow disks (three minutes)
	@scripts/packages.sh build mount bench
	@scripts/build.sh
	@scripts/bench/slow-members.sh
	@scripts/bench/slow-passes.sh

bench-scale: ## measure how cost grows with members, journal, cache and jobs, and draw it (ten minutes; AXES=…)
	@scripts/packages.sh build mount bench
	@scripts/build.sh
	@python3 -B scripts/bench/scale.py

bench-memory: ## measure resident memory, garbage and pauses of mounts under load (25 minutes; MINUTES=… MODES=…)
	@scripts/packages.sh build mount bench
	@scripts/build.sh
	@python3 -B scripts/bench/memory.py

bench-replay: ## measure the replay of a journal beside a sequential read of it (ten minutes)
	@scripts/packages.sh build mount bench
	@scripts/build.sh
	@scripts/bench/replay.sh

soak: ## random writes on the smallest journal and cache, memory watched (ten minutes, or SECONDS=…)
	@scripts/packages.sh build mount test
	@scripts/build.sh
	@SECONDS_LONG=$(or $(SECONDS),600) scripts/soak.sh

oracle: ## build the real md driver as a process, Debian 12's and the newest (9 minutes, once) and run the tests it judges
	@scripts/packages.sh build mount test
	@scripts/build.sh
	@scripts/oracle/build.sh
	@scripts/oracle/build-new.sh
	@scripts/test.sh oracle

format: ## lay out the Java sources the way `make check` wants them
	@scripts/packages.sh build
	@scripts/maven.sh spotless:apply

clean: ## remove what was built here (the oracle's kernel stays in ~/.cache/mdfuse)
	@rm -rf dist target */target
