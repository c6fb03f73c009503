# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# make install, make uninstall: below $(DESTDIR)$(PREFIX), or where the *DIR variables say.

BINDIR      ?= $(PREFIX)/bin
MANDIR      ?= $(PREFIX)/share/man
DATADIR     ?= $(PREFIX)/share/rota
LIBEXECDIR  ?= $(PREFIX)/lib/rota
LICENSEDIR  ?= $(PREFIX)/share/licenses/rota
BASHDIR     ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR      ?= $(PREFIX)/share/zsh/site-functions
FISHDIR     ?= $(PREFIX)/share/fish/vendor_completions.d
INSTALL     ?= install

manuals        := $(sort $(wildcard docs/*.1 docs/*.5 docs/*.7))
sample_traces  := $(sort $(wildcard examples/*.rota))
manual_target   = $(MANDIR)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))

# Each as SOURCE:TARGET:MODE, so that install and uninstall cannot disagree.
installed := $(BUILD)/rota:$(BINDIR)/rota:755 \
	LICENSE:$(LICENSEDIR)/LICENSE:644 \
	docs/completion/rota.bash:$(BASHDIR)/rota:644 \
	docs/completion/_rota:$(ZSHDIR)/_rota:644 \
	docs/completion/rota.fish:$(FISHDIR)/rota.fish:644 \
	$(foreach manual,$(manuals),$(manual):$(call manual_target,$(manual)):644) \
	$(foreach trace,$(sample_traces),$(trace):$(DATADIR)/examples/$(notdir $(trace)):644) \
	$(foreach program,$(example_programs),$(program):$(LIBEXECDIR)/examples/$(notdir $(program)):755)

part = $(word $(1),$(subst :, ,$(2)))

.PHONY: install uninstall
install: all
	@set -e; $(foreach file,$(installed),$(INSTALL) -D -m $(call part,3,$(file)) $(call part,1,$(file)) '$(DESTDIR)$(call part,2,$(file))';)
	@echo 'installed rota $(VERSION) in $(DESTDIR)$(BINDIR)'

uninstall:
	@set -e; $(foreach file,$(installed),rm -f '$(DESTDIR)$(call part,2,$(file))';)
	@for folder in '$(DESTDIR)$(LIBEXECDIR)/examples' '$(DESTDIR)$(LIBEXECDIR)' '$(DESTDIR)$(DATADIR)/examples' \
		'$(DESTDIR)$(DATADIR)' '$(DESTDIR)$(LICENSEDIR)'; do rmdir "$$folder" 2>/dev/null || true; done
	@echo 'removed rota from $(DESTDIR)$(BINDIR)'
