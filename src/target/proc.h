/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes and threads as /proc below a root path shows them. All may vanish between two looks: that is -ESRCH. */
#ifndef ROTA_TARGET_PROC_H
#define ROTA_TARGET_PROC_H

#include "rota/record.h"
#include "target/idlist.h"

struct proc_stat {                 /* of one thread; for a process, of its leader */
	char comm[ROTA_COMM_SIZE]; /* as the kernel has it: any bytes but NUL */
	char state;                /* R S D T t Z X I … */
	uint32_t ppid;             /* the parent process */
	bool kthread;
	uint64_t start_ticks; /* since boot; with the id it is the identity */
};

/* Any thread's, leader or not. 0, -ESRCH, or another -errno of reading; -EBADMSG for a text that is no stat. */
int proc_stat_read(const char *root, uint32_t tid, struct proc_stat *ret_stat);
/* The same for a thread of one process: never a later owner of its tid in another. */
int proc_thread_read(const char *root, uint32_t tgid, uint32_t tid, struct proc_stat *ret_stat);
static inline bool proc_is_dead(const struct proc_stat *stat)
{
	return stat->state == 'Z' || stat->state == 'X' || stat->state == 'x';
}
/* Parses the text of a stat file: the name may hold blanks, newlines and parentheses. 0 or -EBADMSG. */
int proc_stat_parse(const char *text, struct proc_stat *ret_stat);
/* The process a thread belongs to. 0, -ESRCH, -errno. */
int proc_tgid_read(const char *root, uint32_t tid, uint32_t *ret_tgid);
/* Its arguments, NUL between them, at most size - 1 bytes, NUL behind. The number of bytes (0: a kernel thread), or -errno. */
int proc_cmdline_read(const char *root, uint32_t tgid, char *ret_bytes, size_t size);
/* Whether any thread of it still lives: a leader may be a zombie long before its process ends. */
bool proc_is_alive(const char *root, uint32_t tgid);

/* Appends all processes' ids. 0 or -errno. */
int proc_list_processes(const char *root, struct idlist *list);
/* Appends all threads of a process. 0, -ESRCH, -errno. */
int proc_list_threads(const char *root, uint32_t tgid, struct idlist *list);
/* rota's own process id as this /proc counts (its pid namespace may not be ours), 0 where /proc/self is missing. */
uint32_t proc_self(const char *root);

/* Appends the living descendants of the processes in `list` to it, at any depth; not rota, not zombies. 0 or -errno. */
int proc_add_descendants(const char *root, struct idlist *list);

#endif
