/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a process. Goes out: whether it is a Go program that can be followed, and what it is. Files are opened through
 * /proc/PID/exe, so that a deleted one, or one of another mount namespace, is the right one.
 */
#include "runtime/go_process.h"
#include "base/alloc.h"
#include "runtime/go_reason.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENVIRON_MAX (1U << 20)
#define STATUS_SIZE 4096

static FILE *open_proc(const struct go_process *process, const char *name)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/proc/%u/%s", process->root, process->tgid, name);
	return fopen(path, "re");
}

/* --- threads --------------------------------------------------------------------------------------------------------- */

/* The last number of the NSpid line: the id in the innermost namespace. 0: it has ended. */
static uint32_t innermost_tid(const struct go_process *process, const char *tid)
{
	char name[64], line[256];
	uint32_t number = 0;
	FILE *file;

	snprintf(name, sizeof(name), "task/%.20s/status", tid);
	file = open_proc(process, name);
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		for (char *word = strtok(line + 6, " \t\n"); word; word = strtok(NULL, " \t\n"))
			number = (uint32_t)strtoul(word, NULL, 10);
		break;
	}
	if (file)
		fclose(file);
	return number;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int go_threads(const struct go_process *process, uint32_t **ret_tids)
{
	uint32_t *tids = NULL, count = 0;
	bool plain = true, known = false;
	struct dirent *entry;
	size_t capacity = 0;
	char path[128];
	DIR *directory;

	snprintf(path, sizeof(path), "%s/proc/%u/task", process->root, process->tgid);
	directory = opendir(path);
	if (!directory)
		return -ESRCH;
	while ((entry = readdir(directory)) && count < 2 * GO_MS_MAX) {
		uint32_t tid;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		tid = (uint32_t)strtoul(entry->d_name, NULL, 10);
		if (!known) { /* one thread tells for all whether they have other numbers at home */
			plain = innermost_tid(process, entry->d_name) == tid;
			known = true;
		}
		if (!plain)
			tid = innermost_tid(process, entry->d_name);
		tids = xgrow(tids, &capacity, count + 1U, sizeof(*tids));
		tids[count++] = tid;
	}
	closedir(directory);
	if (count)
		qsort(tids, count, sizeof(*tids), by_number);
	*ret_tids = tids;
	return (int)count;
}

/* --- what it is ------------------------------------------------------------------------------------------------------ */

/* Where the loader put it: the mapping of the executable that begins a segment of the file. */
static int find_bias(struct go_process *process, const struct stat *exe)
{
	size_t count, size = 0;
	const struct go_segment *segments = go_image_segments(process->image, &count);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), start = 0, offset = 0, inode = 0;
	unsigned int major = 0, minor = 0;
	int err = -EAGAIN; /* between fork and exec, or it is being mapped */
	char *line = NULL;
	FILE *file;

	if (!go_image_pie(process->image)) {
		process->bias = 0;
		return 0;
	}
	file = open_proc(process, "maps");
	if (!file)
		return errno == ENOENT ? -ESRCH : -errno;
	while (err && getline(&line, &size, file) > 0) {
		if (sscanf(line, "%" SCNx64 "-%*x %*4s %" SCNx64 " %x:%x %" SCNu64, &start, &offset, &major, &minor,
			   &inode) != 5 ||
		    inode != exe->st_ino)
			continue;
		for (size_t i = 0; i < count && err; i++) {
			if ((segments[i].offset & ~(page - 1)) != offset)
				continue;
			process->bias = start - (segments[i].address & ~(page - 1));
			err = 0;
		}
	}
	free(line);
	fclose(file);
	return err;
}

/* GOMAXPROCS as it was when the program was started; 0: not set, or no number that Go takes. */
static uint32_t environment_gomaxprocs(const struct go_process *process)
{
	static const char name[] = "GOMAXPROCS=";
	FILE *file = open_proc(process, "environ");
	uint32_t number = 0;
	size_t size = 0, seen = 0;
	char *entry = NULL;
	ssize_t length;

	while (file && seen < ENVIRON_MAX && (length = getdelim(&entry, &size, 0, file)) > 0) {
		seen += (size_t)length;
		if (strncmp(entry, name, sizeof(name) - 1) != 0)
			continue;
		char *end;
		long value = strtol(entry + sizeof(name) - 1, &end, 10);

		number = *end || value <= 0 || value > (long)GO_PS_MAX ? 0 : (uint32_t)value;
		break;
	}
	free(entry);
	if (file)
		fclose(file);
	return number;
}

/* How many cpus its first thread may use now: what the runtime counted when it started, if nobody has changed it since. */
static uint32_t allowed_cpus(const struct go_process *process)
{
	FILE *file = open_proc(process, "status");
	uint32_t count = 0;
	char line[2048];

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "Cpus_allowed:", 13) != 0)
			continue;
		for (const char *at = line + 13; *at; at++) {
			char digit[2] = { *at, 0 };

			count += (uint32_t)__builtin_popcountl(strtoul(digit, NULL, 16));
		}
		break;
	}
	if (file)
		fclose(file);
	return count;
}

/* Go 1.25 on keeps whether anybody chose; before, what the default would be tells. */
static uint8_t setter_of(const struct go_process *process)
{
	const struct go_facts *facts = &process->facts;
	uint8_t custom = 1;

	if (process->layout.sched_custom_gomaxprocs != GO_NO_OFFSET) {
		if (memory_read(&process->memory, process->places.sched + process->layout.sched_custom_gomaxprocs,
				&custom, sizeof(custom)))
			return ROTA_SETTER_UNKNOWN;
		if (!custom)
			return ROTA_SETTER_RUNTIME;
		return facts->environment && facts->environment == facts->gomaxprocs ? ROTA_SETTER_ENVIRONMENT
										     : ROTA_SETTER_PROGRAM;
	}
	if (facts->environment)
		return facts->environment == facts->gomaxprocs ? ROTA_SETTER_ENVIRONMENT : ROTA_SETTER_PROGRAM;
	return facts->gomaxprocs == allowed_cpus(process) ? ROTA_SETTER_RUNTIME : ROTA_SETTER_PROGRAM;
}

void go_renew(struct go_process *process, uint32_t gomaxprocs)
{
	if (process->facts.gomaxprocs == gomaxprocs && process->facts.setter)
		return;
	process->facts.gomaxprocs = gomaxprocs;
	process->facts.setter = setter_of(process);
}

static int read_layout(struct go_process *process, char why[GO_WHY_SIZE])
{
	struct go_facts *facts = &process->facts;
	bool table = go_layout_of_version(facts->version, &process->layout), dwarf;

	if (!table) { /* of a version that is not known, DWARF may tell */
		memset(&process->layout, 0, sizeof(process->layout));
		for (size_t i = 0; i < go_member_count; i++)
			*go_layout_member(&process->layout, &go_members[i]) = GO_NO_OFFSET;
		process->layout.minor = (uint16_t)go_minor_of(facts->version);
	}
	dwarf = !facts->stripped && go_image_dwarf(process->image, &process->layout);
	if (!table && !dwarf) {
		snprintf(why, GO_WHY_SIZE, "this rota does not know %s, and the program has no DWARF to tell of it",
			 facts->version);
		return -ENOTSUP;
	}
	facts->tier = dwarf ? ROTA_TIER_DWARF : facts->stripped ? ROTA_TIER_SCAN : ROTA_TIER_SYMBOLS;
	return 0;
}

static int read_process(struct go_process *process, const struct stat *exe, char why[GO_WHY_SIZE])
{
	uint64_t first, count;
	int err = find_bias(process, exe);

	if (!err)
		err = go_locate(process, why);
	if (!err && !go_image_tls_offset(process->image, process->text, &process->layout.tls_offset)) {
		snprintf(why, GO_WHY_SIZE, "where its threads keep their goroutine (runtime.tlsg) cannot be told");
		err = -ENOTSUP;
	}
	if (!err)
		err = go_slice(&process->memory, process->places.allp, GO_PS_MAX, &first, &count);
	if (err)
		return err;
	process->facts.environment = environment_gomaxprocs(process);
	go_renew(process, (uint32_t)count);
	return 0;
}

static int open_image(struct go_process *process, struct stat *ret_exe, char why[GO_WHY_SIZE])
{
	struct go_facts *facts = &process->facts;
	char path[128];
	int fd, err;

	snprintf(path, sizeof(path), "%s/proc/%u/exe", process->root, process->tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	if (fstat(fd, ret_exe))
		err = -errno;
	else if (!go_image_likely(fd))
		err = -ENOEXEC;
	else
		err = go_image_open(fd, &process->image, why);
	close(fd);
	if (err)
		return err;
	snprintf(facts->version, sizeof(facts->version), "%s", go_image_version(process->image));
	facts->cgo = go_image_cgo(process->image);
	facts->pie = go_image_pie(process->image);
	facts->stripped = go_image_stripped(process->image);
	return read_layout(process, why);
}

int go_open(const char *root, uint32_t tgid, struct go_process **ret_process, struct go_facts *ret_facts,
	    char why[GO_WHY_SIZE])
{
	struct go_process *process = xcalloc(1, sizeof(*process));
	struct stat exe = { 0 };
	int err;

	why[0] = 0;
	process->tgid = tgid;
	snprintf(process->root, sizeof(process->root), "%s", root);
	process->memory = memory_of_process(tgid);
	err = open_image(process, &exe, why);
	if (!err)
		err = read_process(process, &exe, why);
	*ret_facts = process->facts;
	if (!err) {
		*ret_process = process;
		return 0;
	}
	if (!why[0] && err != -ENOEXEC && err != -EAGAIN && err != -ESRCH)
		snprintf(why, GO_WHY_SIZE, "its memory cannot be read: %s", strerror(-err));
	go_close(process);
	return err;
}

void go_close(struct go_process *process)
{
	if (!process)
		return;
	go_image_free(process->image);
	free(process);
}

const struct go_facts *go_facts(const struct go_process *process)
{
	return &process->facts;
}

const struct go_layout *go_layout(const struct go_process *process)
{
	return &process->layout;
}

/* --- names ----------------------------------------------------------------------------------------------------------- */

const char *go_function(const struct go_process *process, uint64_t pc, char *name, size_t size)
{
	if (!go_image_function(process->image, process->text, pc - process->bias, name, size))
		name[0] = 0;
	return name;
}

/* isSystemGoroutine() in runtime/traceback.go; finalizers and cleanups run the program's code, but rarely. */
bool go_is_system(const char *function)
{
	static const char *const ours[] = { "runtime.main", "runtime.handleAsyncEvent", "runtime.corostart" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!strcmp(function, ours[i]))
			return false;
	return !strncmp(function, "runtime.", 8);
}

const char *go_wait_reason(struct go_process *process, uint8_t reason)
{
	uint64_t string[2];
	uint64_t at = process->places.wait_reasons + 16ULL * reason;

	if (!process->places.wait_reasons || memory_read(&process->memory, at, string, sizeof(string)) || !string[0] ||
	    !string[1] || string[1] >= 64)
		return go_reason_of(process->layout.minor, reason);
	if (memory_read(&process->memory, string[0], process->reason, string[1]))
		return go_reason_of(process->layout.minor, reason);
	process->reason[string[1]] = 0;
	for (const char *at_byte = process->reason; *at_byte; at_byte++)
		if (*at_byte < ' ' || *at_byte > '~')
			return go_reason_of(process->layout.minor, reason); /* behind the end of the table */
	return process->reason;
}

int go_probes(struct go_process *process, struct go_probes *ret_probes, char why[GO_WHY_SIZE])
{
#if defined(__x86_64__)
	ret_probes->execute_offset = go_image_probe(process->image, process->text, "runtime.execute");
	ret_probes->schedule_offset = go_image_probe(process->image, process->text, "runtime.schedule");
	if (ret_probes->execute_offset && ret_probes->schedule_offset)
		return 0;
	snprintf(why, GO_WHY_SIZE, "%s has no instruction at which a probe is cheap",
		 ret_probes->execute_offset ? "runtime.schedule" : "runtime.execute");
#else
	snprintf(why, GO_WHY_SIZE, "exact mode is for x86-64");
#endif
	return -ENOTSUP;
}

/* --- does it still hold ---------------------------------------------------------------------------------------------- */

int go_check(struct go_process *process, char why[GO_WHY_SIZE])
{
	uint64_t *ms = xcalloc(GO_MS_MAX, sizeof(*ms)), procid;
	int m_count = go_ms(process, ms, GO_MS_MAX), tid_count = 0, strangers = 0, err = 0;
	uint32_t *tids = NULL;

	if (m_count > 0)
		tid_count = go_threads(process, &tids);
	if (m_count < 0 || tid_count < 0)
		err = m_count < 0 ? m_count : tid_count;
	for (int i = 0; i < m_count && !err; i++) {
		err = memory_u64(&process->memory, ms[i] + process->layout.m_procid, &procid);
		if (!err && procid && procid <= UINT32_MAX) {
			uint32_t key = (uint32_t)procid;

			strangers += !tids || !bsearch(&key, tids, (size_t)tid_count, sizeof(*tids), by_number);
		} else if (!err && procid) {
			err = -EBADMSG;
		}
	}
	/* threads come and go meanwhile; but most Ms are threads of the process */
	if (!err && (m_count == 0 || strangers * 2 > m_count))
		err = -EBADMSG;
	if (err == -EFAULT)
		err = -EBADMSG;
	if (err == -EBADMSG)
		snprintf(why, GO_WHY_SIZE,
			 "%d of %d Ms are no threads of the process: its memory is not what it seemed", strangers,
			 m_count < 0 ? 0 : m_count);
	free(tids);
	free(ms);
	return err;
}
