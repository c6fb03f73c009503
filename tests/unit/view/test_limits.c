/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lines and the JSON of limits from outside: there where there is one, absent or null where not. */
#include "capture.h"
#include "sample.h"

#define CONTAINS(text, part)     cr_expect(strstr((text), (part)), "'%s' is not in:\n%s", (part), (text))
#define CONTAINS_NOT(text, part) cr_expect_null(strstr((text), (part)), "'%s' is in:\n%s", (part), (text))

static struct rota_summary *limited(void)
{
	struct rota_summary *summary = sample_turns();

	summary->quotas_known = true;
	summary->quota_count = 5;
	summary->quotas = xcalloc(5, sizeof(*summary->quotas));
	for (uint32_t i = 0; i < 5; i++)
		summary->quotas[i] = (struct rota_quota){ .cgroup = xasprintf("/shop/%u", i), .cpus = 0.5 + i };
	summary->quotas[0].v1 = true;
	summary->quotas[0].periods = 1300;
	summary->quotas[0].throttled_periods = 1291;
	summary->quotas[0].throttled_ns = 1500000000;
	summary->affinity =
		(struct rota_affinity){ .known = true, .allowed_cpus = 1.5, .confined_threads = 2, .cpus = "0-1" };
	summary->threads[0].allowed_cpus = 1;
	summary->work_conservation = (struct rota_work_conservation){
		.known = true, .idle_while_runnable_ns = (summary->end_ns - summary->start_ns) / 2, .untold_ns = 7000
	};
	return summary;
}

static void limited_free(struct rota_summary *summary)
{
	for (uint32_t i = 0; i < summary->quota_count; i++)
		free(summary->quotas[i].cgroup);
	free(summary->quotas);
	summary->quotas = NULL;
	sample_free(summary);
}

Test(limits, are_printed_with_their_figures)
{
	struct rota_summary *summary = limited();
	char *text = capture_text(summary, (struct view_options){ .width = 200, .utf8 = true });

	CONTAINS(text, "/shop/0: 0.50 cpus · throttled in 1,291 of 1,300 periods · 1.50 s over all cpus");
	CONTAINS(text, "/shop/3: 3.50 cpus · throttled in 0 of 0 periods\n");
	CONTAINS_NOT(text, "/shop/4");
	CONTAINS(text, "1 more, with larger quotas");
	CONTAINS(text, "cpus 0-1 · 2 threads may not use every cpu");
	CONTAINS(text, "with a thread queued behind another while a cpu that it may use was idle");
	free(text);
	text = capture_text(summary, (struct view_options){ .width = 200, .utf8 = true, .explain = true });
	CONTAINS(text, "everything in it stands still");
	CONTAINS(text, "forbid threads some of the hardware threads");
	CONTAINS(text, "left a hardware thread idle");
	free(text);
	limited_free(summary);
}

Test(limits, that_are_none_are_not_printed)
{
	struct rota_summary *summary = sample_turns();
	char *text;

	summary->quotas_known = true;
	summary->affinity = (struct rota_affinity){ .known = true, .allowed_cpus = 2, .cpus = "0-1" };
	summary->work_conservation.known = true;
	text = capture_text(summary, (struct view_options){ .width = 200, .utf8 = true });
	CONTAINS_NOT(text, "cgroup quota");
	CONTAINS_NOT(text, "allowed cpus");
	CONTAINS_NOT(text, "idle meanwhile");
	free(text);
	text = capture_json(summary, true);
	CONTAINS(text, "\"quota\": [ ]");
	CONTAINS(text, "\"allowed_cpus\": 2");
	CONTAINS_NOT(text, "quota is null");
	CONTAINS_NOT(text, "affinity is null");
	free(text);
	sample_free(summary);
}

Test(limits, in_json)
{
	struct rota_summary *summary = limited();
	char *text = capture_json(summary, true);

	CONTAINS(
		text,
		"{ \"cgroup\": \"/shop/0\", \"version\": 1, \"cpus\": 0.5, \"throttled_seconds\": 1.500000000, \"periods\": 1300, "
		"\"throttled_periods\": 1291, \"source\": \"cpu.stat\" }");
	CONTAINS(text, "\"affinity\": { \"allowed_cpus\": 1.5, \"cpus\": \"0-1\", \"confined_threads\": 2 }");
	CONTAINS(text, "\"untold_seconds\": 0.000007");
	free(text);
	summary->work_conservation.known = false;
	text = capture_json(summary, true);
	CONTAINS(text, "\"idle_while_runnable_seconds\": null");
	CONTAINS(text, "idle_while_runnable_seconds is null:");
	free(text);
	limited_free(summary);
}
