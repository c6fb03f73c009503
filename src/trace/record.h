/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is known of each type of record, as data: its size in memory, the flags it may carry, what its aux means and which
 * fields follow the head. The codec, and whoever reads records from outside, checks against this one table.
 */
#ifndef ROTA_TRACE_RECORD_H
#define ROTA_TRACE_RECORD_H

#include "rota/record.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a record of this type as in rota/record.h; 0 for a type that does not exist. */
size_t rota_record_size(uint8_t type);

enum record_aux { /* what head.aux may be */
		  RECORD_AUX_ANY = 0,
		  RECORD_AUX_CPU,         /* a cpu */
		  RECORD_AUX_CPU_OR_NONE, /* a cpu or ROTA_CPU_NONE */
		  RECORD_AUX_COST,        /* 0, 1 or 2 (struct rota_rec_cost) */
		  RECORD_AUX_TEXT,        /* at most ROTA_TEXT_SIZE */
		  RECORD_AUX_FRAMES,      /* at most ROTA_STACK_FRAMES */
		  RECORD_AUX_SYSCALL,     /* at most ROTA_REASON_SYSCALL_MASK */
		  RECORD_AUX_RUNTIME,     /* enum rota_runtime_kind */
		  RECORD_AUX_BYTE,        /* at most 255 */
};

enum record_field_kind {
	RECORD_FIELD_END = 0,
	RECORD_FIELD_TID,    /* uint32_t below ROTA_TID_MAX */
	RECORD_FIELD_CPU,    /* uint32_t below ROTA_CPU_MAX */
	RECORD_FIELD_U32,    /* any uint32_t */
	RECORD_FIELD_REASON, /* uint32_t, ROTA_REASON_* */
	RECORD_FIELD_U16,    /* any uint16_t */
	RECORD_FIELD_U64,    /* any uint64_t */
	RECORD_FIELD_BOOT,   /* uint64_t, near the one before it */
	RECORD_FIELD_STATE,  /* uint8_t, enum rota_state */
	RECORD_FIELD_COMM,   /* char[ROTA_COMM_SIZE], NUL-terminated */
	RECORD_FIELD_TEXT,   /* char[ROTA_TEXT_SIZE], of which head.aux bytes are meant, none of them NUL */
};

#define RECORD_MAX_FIELDS 14 /* one of them the end */
struct record_layout {
	uint8_t size;  /* 0: no such type */
	uint8_t flags; /* the bits that have a meaning */
	uint8_t aux;   /* enum record_aux */
	/* What follows the head, in the order of the file; SWITCH and WAKEUP have their own code and none here. */
	struct {
		uint8_t kind, offset;
	} fields[RECORD_MAX_FIELDS];
};
extern const struct record_layout record_layouts[ROTA_REC_TYPES];

/* Whether a record of this type may have these flags and this aux. */
bool record_head_valid(uint8_t type, uint8_t flags, uint16_t aux);
bool record_aux_valid(uint8_t type, uint16_t aux);
/* Whether ROTA_REASON_* can make this word; 0 can be. */
bool record_reason_valid(uint32_t reason);

#endif
