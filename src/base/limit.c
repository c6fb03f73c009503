/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a limit's number. Goes out: its name and letter, from one table. */
#include "base/limit.h"

static const struct {
	const char *name, *letter;
} limits[ROTA_LIMITS] = {
	[ROTA_LIMIT_UNKNOWN] = {"unknown",         "?" },
	[ROTA_LIMIT_NONE] = { "none",           "·"},
	[ROTA_LIMIT_HARDWARE] = { "hardware",       "H" },
	[ROTA_LIMIT_SMT] = { "smt",            "M" },
	[ROTA_LIMIT_QUOTA] = { "quota",          "Q" },
	[ROTA_LIMIT_AFFINITY] = { "affinity",       "A" },
	[ROTA_LIMIT_OVERSUBSCRIBED] = { "oversubscribed", "O" },
	[ROTA_LIMIT_NEIGHBOURS] = { "neighbours",     "N" },
	[ROTA_LIMIT_STEAL] = { "steal",          "V" },
	[ROTA_LIMIT_LOCK] = { "lock",           "L" },
	[ROTA_LIMIT_SERIAL] = { "serial",         "S" },
	[ROTA_LIMIT_IO_DISK] = { "io-disk",        "D" },
	[ROTA_LIMIT_IO_NETWORK] = { "io-network",     "W" },
	[ROTA_LIMIT_RUNTIME] = { "runtime",        "R" },
};

const char *limit_name(uint8_t limit)
{
	return limits[limit < ROTA_LIMITS ? limit : ROTA_LIMIT_UNKNOWN].name;
}

const char *limit_letter(uint8_t limit)
{
	return limits[limit < ROTA_LIMITS ? limit : ROTA_LIMIT_UNKNOWN].letter;
}
