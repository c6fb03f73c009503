/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a topology. Goes out: it as a tree for `rota topology`: socket, NUMA node, L3, core, hardware threads, with
 * marks on those that are offline or not allowed. On a large machine cores that follow each other in the same pattern
 * share a line; a core that differs never does.
 */
#include "view/label.h"
#include "view/number.h"
#include "view/page.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define EACH_CORE_UP_TO 16 /* cores of a machine that still get a line each */
#define CPUS_TEXT_SIZE  256
#define MAX_SIBLINGS    16

static const struct rota_cpu_info *cpu_of(const struct rota_topology *topology, const struct rota_core_info *core,
					  uint32_t sibling)
{
	return &topology->cpus[core->cpus[sibling]];
}

static const char *mark(const struct rota_cpu_info *cpu)
{
	return !cpu->online ? " offline" : !cpu->allowed ? " not allowed" : "";
}

/* Whether core b can share a line with core a, `distance` cores before it: same place, same marks, cpus in step. */
static bool in_step(const struct rota_topology *topology, uint32_t a, uint32_t b, uint32_t stride)
{
	const struct rota_core_info *first = &topology->cores[a], *other = &topology->cores[b];

	if (first->cpu_count != other->cpu_count || first->llc != other->llc || first->node != other->node ||
	    first->package != other->package || first->cpu_count > MAX_SIBLINGS)
		return false;
	for (uint32_t k = 0; k < first->cpu_count; k++) {
		if (other->cpus[k] != first->cpus[k] + (b - a) * stride)
			return false;
		if (strcmp(mark(cpu_of(topology, first, k)), mark(cpu_of(topology, other, k))) != 0)
			return false;
	}
	return true;
}

/* The last core of the run that begins with `first`. */
static uint32_t run_end(const struct rota_topology *topology, uint32_t first, uint32_t *ret_stride)
{
	uint32_t last = first;

	*ret_stride = 1;
	if (topology->core_count <= EACH_CORE_UP_TO || first + 1 >= topology->core_count)
		return first;
	if (topology->cores[first].cpu_count && topology->cores[first + 1].cpu_count &&
	    topology->cores[first + 1].cpus[0] > topology->cores[first].cpus[0])
		*ret_stride = topology->cores[first + 1].cpus[0] - topology->cores[first].cpus[0];
	while (last + 1 < topology->core_count && in_step(topology, first, last + 1, *ret_stride))
		last++;
	return last;
}

static void print_core(struct page *page, const struct rota_topology *topology, uint32_t index, uint32_t column)
{
	const struct rota_core_info *core = &topology->cores[index];

	page_printf(page, "core %u", index);
	page_to(page, column);
	for (uint32_t k = 0; k < core->cpu_count; k++)
		page_printf(page, "%scpu %u%s", k ? " · " : "", core->cpus[k], mark(cpu_of(topology, core, k)));
	page_end(page);
}

/* Whether the siblings of the core are neighbours in number and marked alike, so that a run of such cores is one range. */
static bool neighbours(const struct rota_topology *topology, const struct rota_core_info *core, uint32_t stride)
{
	for (uint32_t k = 1; k < core->cpu_count; k++)
		if (core->cpus[k] != core->cpus[0] + k ||
		    strcmp(mark(cpu_of(topology, core, k)), mark(cpu_of(topology, core, 0))) != 0)
			return false;
	return stride == core->cpu_count;
}

/* "cores 0–63   cpus 0–63 · 64–127 offline; a core has n, n + 64" */
static void print_run(struct page *page, const struct rota_topology *topology, uint32_t first, uint32_t last,
		      uint32_t stride, uint32_t column)
{
	const struct rota_core_info *from = &topology->cores[first], *to = &topology->cores[last];
	bool one_range = neighbours(topology, from, stride);
	struct buffer text = { 0 };

	page_printf(page, "cores %u–%u", first, last);
	page_to(page, column);
	page_text(page, "cpus");
	for (uint32_t k = 0; k < (one_range ? 1 : from->cpu_count); k++) {
		char piece[96];
		int size = snprintf(piece, sizeof(piece), "%s %u–%u%s", k ? " ·" : "", from->cpus[k],
				    to->cpus[one_range ? to->cpu_count - 1 : k], mark(cpu_of(topology, from, k)));

		buffer_append(&text, piece, (size_t)size);
		if (stride > 1 && !one_range) {
			size = snprintf(piece, sizeof(piece), " step %u", stride);
			buffer_append(&text, piece, (size_t)size);
		}
	}
	for (uint32_t k = 1; k < from->cpu_count; k++) {
		char piece[64];
		int size = snprintf(piece, sizeof(piece), "%sn + %u", k > 1 ? ", " : "; a core has n, ",
				    from->cpus[k] - from->cpus[0]);

		buffer_append(&text, piece, (size_t)size);
	}
	buffer_put_u8(&text, 0);
	page_words(page, column, (const char *)text.data);
	buffer_fini(&text);
	page_end(page);
}

static bool in_llc(const struct rota_core_info *core, uint32_t package, uint32_t node, uint32_t llc)
{
	return core->package == package && core->node == node && core->llc == llc;
}

static uint32_t cores_in(const struct rota_topology *topology, uint32_t package, uint32_t node, uint32_t llc)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < topology->core_count; i++)
		count += in_llc(&topology->cores[i], package, node, llc);
	return count;
}

static void print_llc(struct page *page, const struct rota_topology *topology, uint32_t package, uint32_t node,
		      uint32_t llc)
{
	uint32_t column = topology->core_count <= EACH_CORE_UP_TO ? 18 : 24;
	uint32_t left = cores_in(topology, package, node, llc), stride, last;

	page_printf(page, "    L3 %u", llc);
	page_end(page);
	for (uint32_t i = 0; i < topology->core_count; i = last + 1) {
		last = i;
		if (!in_llc(&topology->cores[i], package, node, llc))
			continue;
		last = run_end(topology, i, &stride);
		left -= last - i + 1;
		page_text(page, left ? "      ├─ " : "      └─ ");
		if (last == i)
			print_core(page, topology, i, column);
		else
			print_run(page, topology, i, last, stride, column);
	}
}

static void print_package(struct page *page, const struct rota_topology *topology, uint32_t package)
{
	page_style(page, PAGE_BOLD);
	page_printf(page, "socket %u", package);
	page_style(page, PAGE_PLAIN);
	page_end(page);
	for (uint32_t node = 0; node < topology->node_count; node++) {
		bool named = false;

		for (uint32_t llc = 0; llc < topology->llc_count; llc++) {
			if (!cores_in(topology, package, node, llc))
				continue;
			if (!named) {
				page_printf(page, "  NUMA node %u", node);
				page_end(page);
			}
			named = true;
			print_llc(page, topology, package, node, llc);
		}
	}
}

static void total(struct page *page, uint64_t count, const char *one, const char *many)
{
	char text[NUMBER_TEXT_SIZE];

	page_item(page, 0, "%s %s", number_count(text, sizeof(text), count), count == 1 ? one : many);
}

/* One line: which of the present cpus are offline (or not allowed), if any. */
static void print_exceptions(struct page *page, const struct rota_topology *topology, bool offline, const char *label)
{
	uint32_t *cpus = xcalloc(topology->cpu_count + 1U, sizeof(*cpus)), count = 0;
	char text[CPUS_TEXT_SIZE];

	for (uint32_t i = 0; i < topology->cpu_count; i++) {
		const struct rota_cpu_info *cpu = &topology->cpus[i];

		if (cpu->present && (offline ? !cpu->online : cpu->online && !cpu->allowed))
			cpus[count++] = i;
	}
	if (count) {
		page_printf(page, "%s: cpu ", label);
		page_words(page, 4, label_cpus(text, sizeof(text), cpus, count));
		page_end(page);
	}
	free(cpus);
}

void text_topology(FILE *out, const struct rota_topology *topology, const struct view_options *options)
{
	uint32_t present = 0;
	struct page page;

	page_init(&page, out, options);
	for (uint32_t i = 0; i < topology->cpu_count; i++)
		present += topology->cpus[i].present;
	total(&page, topology->package_count, "socket", "sockets");
	total(&page, topology->node_count, "NUMA node", "NUMA nodes");
	total(&page, topology->llc_count, "L3 cache", "L3 caches");
	total(&page, topology->core_count, "core", "cores");
	total(&page, present, "hardware thread (cpu)", "hardware threads (cpus)");
	if (topology->smt > 1)
		page_item(&page, 0, "up to %u on a core", topology->smt);
	else
		page_item(&page, 0, "no SMT");
	page_end(&page);
	print_exceptions(&page, topology, true, "offline");
	print_exceptions(&page, topology, false, "online, but not allowed here");
	page_end(&page);
	for (uint32_t package = 0; package < topology->package_count; package++)
		print_package(&page, topology, package);
	page_fini(&page);
}
