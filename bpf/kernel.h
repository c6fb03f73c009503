/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel structs that rota's BPF programs read, with the few members they read; libbpf relocates each access to
 * the running kernel (CO-RE), so neither order nor offsets matter here. A member that was renamed or moved is described
 * twice, the older form in a struct with a ___flavour, and the version of the change beside it.
 */
#ifndef ROTA_BPF_KERNEL_H
#define ROTA_BPF_KERNEL_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __le16;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* include/uapi/linux/bpf.h */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };

/* include/linux/sched.h */
#define __TASK_STOPPED 0x0004
#define __TASK_TRACED  0x0008
#define TASK_DEAD      0x0080
#define TASK_FROZEN    0x8000 /* 6.1 on; before, the bit had no use: PF_FROZEN */
#define PF_EXITING     0x00000004
#define PF_IO_WORKER   0x00000010
#define PF_USER_WORKER 0x00004000 /* 6.4 on; before, PF_USED_ASYNC or unused: see task_is_worker() */
#define PF_FROZEN      0x00010000 /* before 6.1; since 6.14 the bit is a mark of one kernel thread, kcompactd */
#define PF_KTHREAD     0x00200000
#define TS_COMPAT      0x0002      /* thread_info.status, arch/x86/include/asm/thread_info.h: in a 32-bit call */
#define TIF_32BIT      (1UL << 22) /* thread_info.flags, arch/arm64/include/asm/thread_info.h: a 32-bit program */
#define MAX_RT_PRIO    100         /* include/linux/sched/prio.h: real-time and deadline threads are below */

/* include/linux/sched/jobctl.h, 5.2 on */
#define JOBCTL_TRAP_FREEZE (1UL << 23)

/* include/linux/preempt.h: NMI, hard interrupt, and soft interrupt being served (not merely disabled) */
#define INTERRUPT_MASK 0x00ff0100

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct rq {
	u64 clock;
};

struct list_head {
	struct list_head *next, *prev;
};

struct vm_struct {
	unsigned long size; /* a guard page included */
};

struct cfs_rq {
	struct rq *rq;
	int throttle_count;
};

struct cfs_rq___throttled { /* 6.7 on; in the time of rq.clock */
	u64 throttled_clock_self, throttled_clock_self_time;
};

struct sched_entity {
	u64 sum_exec_runtime;
	struct cfs_rq *cfs_rq;
};

struct sched_info { /* CONFIG_SCHED_INFO; in the time of rq.clock */
	unsigned long long last_arrival, last_queued;
};

struct sched_entity___delayed { /* 6.12 on: a task may stay on the queue while it sleeps */
	unsigned char sched_delayed;
};

struct thread_info {
	unsigned long flags;
	u32 status; /* x86-64 */
	u32 cpu;    /* x86-64: 5.16 on; before in task_struct */
};

struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct kernfs_node {
	u64 id;
};

struct cgroup;
struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct cgrp_cset_link {
	struct cgroup *cgrp;
	struct list_head cgrp_link;
};

struct css_set {
	struct list_head cgrp_links;
};

struct hlist_head {
	void *first;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct qstr d_name;
};

struct path {
	struct dentry *dentry;
};

struct super_block {
	unsigned long s_magic;
};

struct inode {
	unsigned short i_mode;
	u32 i_rdev;
	struct super_block *i_sb;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data; /* of a socket: its struct socket */
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct sock_common {
	unsigned short skc_family;
};

struct sock {
	struct sock_common __sk_common;
};

struct socket {
	struct sock *sk;
};

struct thread_struct { /* x86-64 */
	unsigned long fsbase;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state; /* 5.14 on */
	void *stack;
	unsigned int flags;
	unsigned int on_cpu, on_rq; /* int; bytes in 7.2: libbpf narrows the reading of what is unsigned here */
	int prio;
	struct sched_entity se;
	struct sched_info sched_info;
	int exit_state;
	unsigned long jobctl;
	unsigned int in_iowait : 1, frozen : 1;
	int pid, tgid;
	struct task_struct *real_parent, *group_leader;
	struct pid *thread_pid;
	unsigned long nvcsw;
	u64 start_boottime; /* 5.5 on */
	char comm[16];
	struct files_struct *files;
	struct css_set *cgroups;
	struct thread_struct thread;
};

struct task_struct___before_5_14 {
	long state;
};

struct task_struct___before_5_16 {
	unsigned int cpu;
};

struct task_struct___vmap { /* CONFIG_VMAP_STACK */
	struct vm_struct *stack_vm_area;
};

struct task_struct___kasan { /* CONFIG_KASAN_GENERIC, CONFIG_KASAN_SW_TAGS */
	unsigned int kasan_depth;
};

struct kernel_clone_args {
	unsigned int user_worker : 1; /* 6.4 on, and PF_USER_WORKER with it */
};

struct task_struct___throttled { /* 6.18 on: throttling by task */
	bool throttled;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct pt_regs { /* x86-64 */
	unsigned long bx, ax, di, orig_ax;
	unsigned long cs;
};

struct pt_regs___aarch64 {
	u64 regs[31];
	u64 orig_x0;
	int syscallno;
	u64 pstate;
};

struct thread_info___arm64 {
	u64 preempt_count;
};

struct task_struct___arm64 {
	struct thread_info___arm64 thread_info;
};

enum bpf_func_id {
	BPF_FUNC_task_pt_regs = 175, /* 5.15 on */
};

#pragma clang attribute pop

#endif
