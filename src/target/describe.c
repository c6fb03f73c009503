/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: names and arguments that programs chose for themselves: any bytes. Goes out: one line of valid UTF-8 for a
 * terminal and for JSON. Never passes an escape sequence on.
 */
#include "target/describe.h"
#include "target/proc.h"

#include "base/alloc.h"
#include "base/buffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the well-formed UTF-8 character at `at` (RFC 3629, section 4), 0 where there is none. */
static size_t utf8_length(const unsigned char *at)
{
	size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : at[0] >= 0xe0 && at[0] < 0xf0 ? 3 : 4;

	if (length == 4 && (at[0] < 0xf0 || at[0] > 0xf4))
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf0 && at[1] < 0x90) ||
	    (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

static bool is_control(const unsigned char *at)
{
	return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0); /* C0, DEL, C1 */
}

char *describe_text(const char *text, size_t columns)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t used = 0, cut_at = 0; /* cut_at: where "…" goes if the text turns out too long */
	struct buffer out = { 0 };

	for (; *at; used++) {
		size_t length = utf8_length(at);

		if (columns && used == columns - 1)
			cut_at = out.size;
		if (columns && used == columns) {
			out.size = cut_at;
			buffer_append(&out, "…", strlen("…"));
			break;
		}
		if (!length || is_control(at))
			buffer_put_u8(&out, '?');
		else
			buffer_append(&out, at, length);
		at += length ? length : 1;
	}
	buffer_put_u8(&out, 0);
	return (char *)out.data;
}

static void append_id(const char *root, uint32_t id, struct buffer *out)
{
	struct proc_stat stat = { .comm = "?" };
	char *name, *text;

	proc_stat_read(root, id, &stat);
	name = describe_text(stat.comm, 0);
	text = xasprintf("%s%s[%" PRIu32 "]", out->size ? ", " : "", name, id);
	buffer_append(out, text, strlen(text));
	free(name);
	free(text);
}

char *describe_ids(const char *root, const uint32_t *ids, size_t count, const char *noun)
{
	struct buffer list = { 0 };
	char *text, *cut;

	for (size_t i = 0; i < count && list.size <= DESCRIBE_COLUMNS * 4U; i++)
		append_id(root, ids[i], &list);
	buffer_put_u8(&list, 0);
	if (count == 1)
		return (char *)list.data;
	text = xasprintf("%zu %s: %s", count, noun, (char *)list.data);
	cut = describe_text(text, DESCRIBE_COLUMNS);
	free(text);
	buffer_fini(&list);
	return cut;
}

char *describe_command(char *const *command)
{
	struct buffer line = { 0 };
	char *text;

	for (char *const *word = command; *word; word++) {
		/* a program by its name, as ps(1) has it */
		const char *slash = word == command ? strrchr(*word, '/') : NULL;
		const char *shown = slash ? slash + 1 : *word;

		if (line.size)
			buffer_put_u8(&line, ' ');
		buffer_append(&line, shown, strlen(shown));
	}
	buffer_put_u8(&line, 0);
	text = describe_text((char *)line.data, DESCRIBE_COLUMNS);
	buffer_fini(&line);
	return text;
}
