/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a message and its level. Goes out: one write(2) to stderr. Never exits, never allocates. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum log_level threshold = LOG_INFO;
static bool json;

void log_setup(enum log_level level, bool json_errors)
{
	threshold = level;
	json = json_errors;
}

/* Copies `text` as the inside of a JSON string; what does not fit is cut at a whole character. */
static size_t escape_json(char *out, size_t size, const char *text)
{
	size_t used = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		char piece[8];
		int n;

		if (c == '"' || c == '\\')
			n = snprintf(piece, sizeof(piece), "\\%c", c);
		else if (c < 0x20)
			n = snprintf(piece, sizeof(piece), "\\u%04x", c);
		else
			n = snprintf(piece, sizeof(piece), "%c", c);
		if (used + (size_t)n >= size)
			break;
		memcpy(out + used, piece, (size_t)n);
		used += (size_t)n;
	}
	out[used] = 0;
	return used;
}

static void emit(enum log_level level, const char *prefix, const char *format, va_list arguments)
{
	char text[2048], line[4400];
	int n;

	if (level > threshold)
		return;
	vsnprintf(text, sizeof(text), format, arguments);
	if (json && level == LOG_ERROR) {
		char escaped[4300];

		escape_json(escaped, sizeof(escaped), text);
		n = snprintf(line, sizeof(line), "{\"error\": \"%s\"}\n", escaped);
	} else {
		n = snprintf(line, sizeof(line), "rota: %s%s\n", prefix, text);
	}
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nobody listens on stderr: there is nowhere left to say so */
}

#define LOG_FUNCTION(name, level, prefix)                                                                              \
	void name(const char *format, ...)                                                                             \
	{                                                                                                              \
		va_list arguments;                                                                                     \
                                                                                                                       \
		va_start(arguments, format);                                                                           \
		emit(level, prefix, format, arguments);                                                                \
		va_end(arguments);                                                                                     \
	}

LOG_FUNCTION(log_error, LOG_ERROR, "")
LOG_FUNCTION(log_warn, LOG_WARN, "warning: ")
LOG_FUNCTION(log_info, LOG_INFO, "")
LOG_FUNCTION(log_debug, LOG_DEBUG, "debug: ")
