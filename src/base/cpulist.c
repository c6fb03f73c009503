/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: the kernel's text for a set of cpus, or a set. Goes out: the other. Never takes half of a text it cannot read. */
#include "base/cpulist.h"
#include "base/buffer.h"

#include <errno.h>
#include <stdio.h>

/* A decimal cpu number at **at, which is moved behind it. */
static int take_number(const char **at, uint32_t *ret_cpu)
{
	uint32_t cpu = 0;

	if (**at < '0' || **at > '9')
		return -EINVAL;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		cpu = cpu * 10 + (uint32_t)(**at - '0');
		if (cpu >= ROTA_CPU_MAX)
			return -ERANGE;
	}
	*ret_cpu = cpu;
	return 0;
}

static int take_range(const char **at, struct cpulist *list)
{
	uint32_t first, last;
	int err;

	err = take_number(at, &first);
	if (err)
		return err;
	last = first;
	if (**at == '-') {
		(*at)++;
		err = take_number(at, &last);
		if (err)
			return err;
	}
	if (last < first)
		return -EINVAL;
	for (uint32_t cpu = first; cpu <= last; cpu++)
		cpulist_add(list, cpu);
	return 0;
}

int cpulist_parse(const char *text, struct cpulist *ret_list)
{
	struct cpulist list = { 0 };
	const char *at = text;

	while (*at && *at != '\n') {
		int err = take_range(&at, &list);

		if (err)
			return err;
		if (*at != ',')
			break;
		at++;
		if (!*at || *at == '\n')
			return -EINVAL;
	}
	if (*at == '\n')
		at++;
	if (*at)
		return -EINVAL;
	*ret_list = list;
	return 0;
}

char *cpulist_format(const struct cpulist *list)
{
	struct buffer text = { 0 };
	uint32_t cpu = cpulist_next(list, 0);

	while (cpu < ROTA_CPU_MAX) {
		uint32_t last = cpu;
		char piece[32];
		int n;

		while (cpulist_has(list, last + 1))
			last++;
		n = snprintf(piece, sizeof(piece), last > cpu ? "%s%u-%u" : "%s%u", text.size ? "," : "", cpu, last);
		buffer_append(&text, piece, (size_t)n);
		cpu = cpulist_next(list, last + 1);
	}
	buffer_put_u8(&text, 0);
	return (char *)text.data;
}

void cpulist_add(struct cpulist *list, uint32_t cpu)
{
	list->bits[cpu / 64] |= 1ULL << (cpu % 64);
}

uint32_t cpulist_count(const struct cpulist *list)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < ROTA_CPU_MAX / 64; i++)
		count += (uint32_t)__builtin_popcountll(list->bits[i]);
	return count;
}

uint32_t cpulist_next(const struct cpulist *list, uint32_t cpu)
{
	while (cpu < ROTA_CPU_MAX) {
		uint64_t left = list->bits[cpu / 64] >> (cpu % 64);

		if (left)
			return cpu + (uint32_t)__builtin_ctzll(left);
		cpu = (cpu / 64 + 1) * 64;
	}
	return ROTA_CPU_MAX;
}

void cpulist_subtract(struct cpulist *list, const struct cpulist *without)
{
	for (uint32_t i = 0; i < ROTA_CPU_MAX / 64; i++)
		list->bits[i] &= ~without->bits[i];
}
