/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: the text after an option. Goes out: what it means. Never takes a text that it does not understand whole. */
#include "cmd/value.h"
#include "base/duration.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000LL
#define RING_MAX (1ULL << 30)

int value_refuse(const char *name, const char *text, const char *why)
{
	log_error("--%s %s: %s", name, text, why);
	return -EINVAL;
}

int value_duration(const char *name, const char *text, uint64_t *ret_ns)
{
	int err = duration_parse(text, ret_ns);

	if (err == -ERANGE)
		return value_refuse(name, text, "a time above zero is needed, such as 500ms, 10s or 2m");
	return err ? value_refuse(name, text, "is no time; say 500ms, 10s or 2m (a bare number is seconds)") : 0;
}

int value_count(const char *name, const char *text, uint32_t max, uint32_t *ret_count)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || value > max)
		return value_refuse(name, text, "is no number that fits here");
	*ret_count = (uint32_t)value;
	return 0;
}

int value_ring(const char *text, uint64_t *ret_bytes)
{
	static const char suffixes[] = "KMG";
	char *end;
	uint64_t value, size = 4096;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || errno)
		return value_refuse("ring", text, "is no size; say 512K or 8M");
	if (*end) {
		const char *suffix = strchr(suffixes, *end & ~0x20);

		if (!suffix || !*suffix || (end[1] && strcmp(end + 1, "iB") != 0) || value > RING_MAX)
			return value_refuse("ring", text, "is no size; say 512K or 8M");
		value <<= 10 * (suffix - suffixes + 1);
	}
	if (!value || value > RING_MAX)
		return value_refuse("ring", text, "must be between 4K and 1G");
	while (size < value)
		size *= 2; /* the kernel wants a power of two pages */
	*ret_bytes = size;
	return 0;
}

/* "+3.2s", "14:03", "14:03:05.25", "2026-01-31T14:03:05": a date is read in the recording's time zone. */
int value_time(const char *name, const char *text, struct time_point *ret_point)
{
	static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%H:%M:%S", "%H:%M" };
	struct time_point point = { .kind = TIME_CLOCK };

	if (*text == '+') {
		point.kind = TIME_OFFSET;
		if (!strcmp(text, "+0") || !strcmp(text, "+0s"))
			point.offset_ns = 0;
		else if (duration_parse(text + 1, &point.offset_ns))
			return value_refuse(name, text, "is no time from the start; say +3.2s");
		*ret_point = point;
		return 0;
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm parts = { .tm_mday = 1, .tm_year = 70 };
		const char *rest = strptime(text, formats[i], &parts);
		double fraction = 0;
		char *end;

		if (!rest)
			continue;
		if (*rest == '.') {
			fraction = strtod(rest, &end);
			rest = end;
		}
		if (*rest)
			continue;
		point.clock_ns = (int64_t)timegm(&parts) * NS_PER_S + (int64_t)(fraction * 1e9);
		point.dated = i < 2;
		*ret_point = point;
		return 0;
	}
	return value_refuse(name, text, "is no time; say +3.2s from the start, or a clock time such as 14:03:05");
}

int value_word(const char *name, const char *text, const char *words, unsigned int *ret_word)
{
	size_t length = strlen(text);
	char why[128];

	*ret_word = 0;
	for (const char *word = words; *word; (*ret_word)++) {
		size_t size = strcspn(word, " ");

		if (size == length && !strncmp(word, text, size))
			return 0;
		word += size + strspn(word + size, " ");
	}
	snprintf(why, sizeof(why), "is none of: %s", words);
	return value_refuse(name, text, why);
}

int value_table(const char *text, enum view_table *ret_table)
{
	static const struct {
		const char *name;
		enum view_table table;
	} names[] = {
		{"thread",        VIEW_THREADS     },
		{ "threads",      VIEW_THREADS     },
		{ "cpu",          VIEW_CPUS        },
		{ "cpus",         VIEW_CPUS        },
		{ "core",         VIEW_CORES       },
		{ "cores",        VIEW_CORES       },
		{ "process",      VIEW_PROCESSES   },
		{ "processes",    VIEW_PROCESSES   },
		{ "syscall",      VIEW_SYSCALLS    },
		{ "syscalls",     VIEW_SYSCALLS    },
		{ "wakeup",       VIEW_WAKEUPS     },
		{ "wakeups",      VIEW_WAKEUPS     },
		{ "blocked",      VIEW_BLOCKED     },
		{ "lock",         VIEW_LOCKS       },
		{ "locks",        VIEW_LOCKS       },
		{ "goroutine",    VIEW_GOROUTINES  },
		{ "goroutines",   VIEW_GOROUTINES  },
		{ "go-function",  VIEW_GO_FUNCTIONS},
		{ "go-functions", VIEW_GO_FUNCTIONS},
		{ "go-wait",      VIEW_GO_WAITS    },
		{ "go-waits",     VIEW_GO_WAITS    },
		{ "runtime",      VIEW_RUNTIMES    },
		{ "runtimes",     VIEW_RUNTIMES    },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i].name) != 0)
			continue;
		*ret_table = names[i].table;
		return 0;
	}
	return value_refuse(
		"by", text,
		"is no table; there are thread, cpu, core, process, syscall, wakeup, blocked, lock, goroutine, "
		"go-function, go-wait and runtime");
}

int value_timeline(const char *text, enum view_timeline *ret_timeline)
{
	static const enum view_timeline kinds[] = { VIEW_TIMELINE_THREADS, VIEW_TIMELINE_GOROUTINES, VIEW_TIMELINE_PS,
						    VIEW_TIMELINE_ALL };
	unsigned int word = 0;
	int err = text ? value_word("timeline", text, "thread goroutine p all", &word) : 0;

	if (!err)
		*ret_timeline = kinds[word];
	return err;
}
