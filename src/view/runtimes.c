/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary with Go programs. Goes out: who they are, and the busiest functions. Never takes a process for a part
 * of Go's toolchain unless the command `go` was among what was followed.
 */
#include "view/runtimes.h"
#include "view/column.h"
#include "view/goroutine.h"
#include "view/label.h"
#include "view/number.h"
#include "view/runtime_block.h"
#include "view/table.h"

#include "base/duration.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_SHOWN    3
#define PROGRAMS_SHOWN  6
#define TOOLS_SHOWN     4
#define FUNCTIONS_SHOWN 5

void runtimes_print_header(struct page *page, const struct rota_summary *summary)
{
	const struct rota_go *go = &summary->go;
	char version[LABEL_SIZE], other[LABEL_SIZE];
	bool same = true;

	if (!go->runtime_count)
		return;
	label_go_version(version, &go->runtimes[0]);
	for (uint32_t i = 1; i < go->runtime_count && same; i++)
		same = strcmp(version, label_go_version(other, &go->runtimes[i])) == 0;
	if (go->runtime_count == 1 && summary->process_count <= 1)
		page_item(page, 4, "%s", version);
	else
		page_item(page, 4, "%" PRIu32 " Go program%s%s%s%s", go->runtime_count,
			  go->runtime_count == 1 ? "" : "s", same ? " (" : "", same ? version : "", same ? ")" : "");
}

/* --- several programs ------------------------------------------------------------------------------------------------ */

static bool is_named(const struct rota_runtime *runtime, const char *name)
{
	return strncmp(runtime->name, name, sizeof(runtime->name)) == 0;
}

static bool toolchain_ran(const struct rota_go *go)
{
	for (uint32_t i = 0; i < go->runtime_count; i++)
		if (is_named(&go->runtimes[i], "go"))
			return true;
	return false;
}

static bool is_tool(const struct rota_runtime *runtime)
{
	static const char *const tools[] = { "go",    "compile", "link", "asm",     "cgo",        "vet",
					     "cover", "pack",    "fix",  "buildid", "preprofile", "covdata" };

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (is_named(runtime, tools[i]))
			return true;
	return false;
}

static uint64_t all_running_ns(const struct rota_summary *summary)
{
	uint64_t ns = 0;

	for (uint32_t i = 0; i < summary->thread_count; i++)
		ns += summary->threads[i].state_ns[ROTA_RUNNING];
	return ns;
}

static void begin_program(struct page *page, uint64_t running_ns, uint64_t all_ns)
{
	char share[NUMBER_TEXT_SIZE];

	page_label(page, "");
	page_cell(page, number_percent(share, sizeof(share), (double)running_ns, (double)all_ns), 8, PAGE_RIGHT);
	page_text(page, "  ");
}

/* The tools of one line: each name once, with how many processes it was, in the order of the first. */
static void print_tools(struct page *page, const struct rota_go *go, uint64_t all_ns)
{
	uint64_t running_ns = 0;
	uint32_t shown = 0;

	for (uint32_t i = 0; i < go->runtime_count; i++)
		if (is_tool(&go->runtimes[i]))
			running_ns += go->runtimes[i].running_ns;
	begin_program(page, running_ns, all_ns);
	page_words(page, PAGE_LABEL_COLUMNS + 10, "Go's own tools:");
	for (uint32_t i = 0; i < go->runtime_count; i++) {
		const struct rota_runtime *tool = &go->runtimes[i];
		uint32_t count = 0, first = i;

		for (uint32_t k = go->runtime_count; is_tool(tool) && k-- > 0;)
			if (memcmp(go->runtimes[k].name, tool->name, sizeof(tool->name)) == 0) {
				count++;
				first = k;
			}
		if (!count || first != i)
			continue;
		if (shown++ < TOOLS_SHOWN)
			page_printf(page, count > 1 ? "%s %.*s × %" PRIu32 : "%s %.*s", shown > 1 ? "," : "",
				    (int)sizeof(tool->name), tool->name, count);
	}
	if (shown > TOOLS_SHOWN)
		page_printf(page, ", …");
	page_end(page);
}

static void print_program(struct page *page, const struct rota_runtime *runtime, uint64_t all_ns)
{
	char name[LABEL_SIZE], version[LABEL_SIZE];

	begin_program(page, runtime->running_ns, all_ns);
	page_item(page, PAGE_LABEL_COLUMNS + 10, "%s · %s", label_thread(name, runtime->name, runtime->tgid),
		  label_go_version(version, runtime));
	if (runtime->gomaxprocs)
		page_item(page, PAGE_LABEL_COLUMNS + 10, "GOMAXPROCS %" PRIu32, runtime->gomaxprocs);
	if (!goroutine_followed(runtime))
		page_item(page, PAGE_LABEL_COLUMNS + 10, "threads only");
	page_end(page);
}

static void print_programs(struct page *page, const struct rota_summary *summary, bool tools)
{
	const struct rota_go *go = &summary->go;
	uint64_t all_ns = all_running_ns(summary);
	uint32_t shown = 0, left = 0;
	bool told = false;
	char time[DURATION_TEXT_SIZE];

	page_label(page, "Go programs");
	page_printf(page, "by their share of %s on cpus", duration_format(time, sizeof(time), all_ns));
	page_end(page);
	for (uint32_t i = 0; i < go->runtime_count; i++) {
		if (tools && is_tool(&go->runtimes[i])) {
			if (!told)
				print_tools(page, go, all_ns);
			told = true;
		} else if (shown++ < PROGRAMS_SHOWN) {
			print_program(page, &go->runtimes[i], all_ns);
		} else {
			left++;
		}
	}
	if (left) {
		page_label(page, "");
		page_printf(page, "          %" PRIu32 " more: rota report --by runtime has them all", left);
		page_end(page);
	}
	page_explain(page, EXPLAIN_GO_PROGRAMS);
}

void runtimes_print(struct page *page, const struct rota_summary *summary)
{
	const struct rota_go *go = &summary->go;
	bool tools = go->runtime_count > 1 && toolchain_ran(go);
	uint32_t blocks = 0;

	if (!go->runtime_count)
		return;
	page_end(page);
	if (go->runtime_count > 1)
		print_programs(page, summary, tools);
	for (uint32_t i = 0; i < go->runtime_count && blocks < BLOCKS_SHOWN; i++) {
		if (tools && is_tool(&go->runtimes[i]))
			continue;
		if (go->runtime_count > 1)
			page_end(page);
		runtime_block_print(page, summary, &go->runtimes[i]);
		blocks++;
	}
}

/* --- goroutines ------------------------------------------------------------------------------------------------------ */

enum whose { WHOSE_PROGRAM, WHOSE_RUNTIME, WHOSE_SCHEDULER, WHOSE_C, WHOSE_COUNT };

static enum whose whose_of(const struct rota_goroutine *row)
{
	if (row->scheduler)
		return WHOSE_SCHEDULER;
	if (row->foreign)
		return WHOSE_C;
	return row->system ? WHOSE_RUNTIME : WHOSE_PROGRAM;
}

void runtimes_print_whose(struct page *page, const struct rota_summary *summary)
{
	static const char *const says[WHOSE_COUNT] = { "the program's goroutines", "the runtime's own",
						       "its scheduler between them", "C code" };
	uint64_t samples[WHOSE_COUNT] = { 0 }, all = 0;
	char share[GOROUTINE_SHARE_SIZE];

	for (uint32_t i = 0; i < summary->go.goroutine_count; i++) {
		samples[whose_of(&summary->go.goroutines[i])] += summary->go.goroutines[i].sampled.samples;
		all += summary->go.goroutines[i].sampled.samples;
	}
	if (!all)
		return;
	page_label(page, "Go code by whose");
	for (unsigned int i = 0; i < WHOSE_COUNT; i++)
		if (samples[i])
			page_item(page, PAGE_LABEL_COLUMNS, "%s %s", says[i],
				  goroutine_sampled(share, sizeof(share), samples[i], all, page->utf8));
	page_item(page, PAGE_LABEL_COLUMNS, "by %s sample%s", number_count(share, sizeof(share), all),
		  all == 1 ? "" : "s");
	page_end(page);
	page_explain(page, EXPLAIN_GO_SAMPLES);
	page_end(page);
}

void runtimes_print_functions(struct page *page, const struct rota_summary *summary)
{
	const struct column_table *table = column_table(VIEW_GO_FUNCTIONS);
	uint32_t *order;

	if (!table->row_count(summary) || column_order(table, summary, NULL, &order) < 0)
		return;
	page_end(page);
	table_print(page, table, summary, order, FUNCTIONS_SHOWN);
	free(order);
}
