/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: which line. Goes out: what it means, as data in one table. Never a number: those stand in the line itself. */
#include "view/explain.h"

#include <stddef.h>
#include <string.h>

static const char *const texts[EXPLAIN_KEYS] = {
	[EXPLAIN_HEADER] = "What was watched and for how long, how much of it was really seen, and what watching cost: "
			   "100 % of a cpu would be one hardware thread kept busy by rota alone.",
	[EXPLAIN_LIMIT] =
		"What kept the program from doing more, as far as the scheduler can tell: the cause that explains the "
		"largest share of the time. docs/verdicts.md has every rule and threshold.",
	[EXPLAIN_LIMIT_SECONDS] =
		"The same question asked for each second by itself, because one answer must not average two phases.",
	[EXPLAIN_SENTENCE] =
		"Concurrency is how much is in progress; demand is how much of that wants to run; parallelism is how "
		"much runs at the same instant.",
	[EXPLAIN_LADDER] =
		"Read it downwards, from the work to the silicon: each line offers so many places (have), so many "
		"are asked for (want) and used (get) on average, and the difference waits there (stuck).",
	[EXPLAIN_THREADS] =
		"An OS thread is what the kernel schedules; one wants to run when it has work to do and does "
		"not sleep, wait for input or wait for a lock.",
	[EXPLAIN_ALLOWED_CPUS] = "The program may use only these hardware threads; the others are forbidden to it.",
	[EXPLAIN_QUOTA] =
		"The control group may use only so much cpu time in each period; when it is spent, its threads "
		"stand still until the next period.",
	[EXPLAIN_HARDWARE_THREADS] =
		"A hardware thread runs one OS thread at a time; a thread that wants to run and finds "
		"none free waits in a queue.",
	[EXPLAIN_CORES] =
		"A core is one set of execution units; two hardware threads of one core share it, so two threads "
		"there are slower than on two cores.",
	[EXPLAIN_L3] = "Cores that share a third-level cache exchange data quickly; across caches it takes longer.",
	[EXPLAIN_SOCKETS] = "Each socket is a processor with its own memory; data of another socket is farther away.",
	[EXPLAIN_LEVELS] =
		"The share of the time in which exactly so many threads ran at the same instant: 0 is nobody, 1 "
		"is one after the other, 2 and more is parallel.",
	[EXPLAIN_SMT] =
		"While one of these threads ran, the other hardware thread of its core was idle, ran another of "
		"these threads, or ran somebody else's; only when idle did it have the whole core.",
	[EXPLAIN_NO_SMT] =
		"Some processors let a core run two or more threads at once by sharing its units; here no thread "
		"ever had to share its core.",
	[EXPLAIN_WAITING] =
		"A thread that could run had to wait until a hardware thread was free for it; this is the sum "
		"over all threads.",
	[EXPLAIN_WAIT_TIMES] =
		"How long one such wait took: half took no longer than p50, 99 of 100 no longer than p99.",
	[EXPLAIN_CAUSES] = "Why they waited: just woken up, just created, put aside by the kernel in favour of another "
			   "(preempted), or stepped aside themselves (yielded).",
	[EXPLAIN_WAITED_FOR] = "Who was running on the hardware thread that these threads were waiting for.",
	[EXPLAIN_SWITCHES] =
		"A thread leaves its cpu of its own will, to wait for something, or because the kernel gives "
		"the cpu to another.",
	[EXPLAIN_MIGRATIONS] =
		"A thread went on somewhere else than where it last ran; the farther away, the more of its "
		"cached data it has to fetch again.",
	[EXPLAIN_STOLEN] = "This is a virtual machine: for so long its hypervisor ran something else while the guest "
			   "believed that its cpu was running.",
	[EXPLAIN_QUOTAS] =
		"So much cpu time all that is in this control group may use together in each period; when it is spent, "
		"everything in it stands still until the next one begins.",
	[EXPLAIN_AFFINITY] =
		"A program, its starter or the administrator can forbid threads some of the hardware threads; they then "
		"wait in the queues of the rest, even if the others are idle.",
	[EXPLAIN_IDLE] =
		"For so long the kernel left a hardware thread idle although it could have run a thread that waited elsewhere.",
	[EXPLAIN_LOSS] = "Records came faster than they could be kept; rota does not guess what happened meanwhile but "
			 "counts that time as unknown.",
	[EXPLAIN_INCOMPLETE] =
		"The end is missing, not the beginning: what is shown holds for the time that was saved.",
	[EXPLAIN_COST] =
		"What watching took from the machine: inside the kernel at each event, and in the program that "
		"collects the events.",
	[EXPLAIN_STRIP] =
		"Time runs from left to right, one row for each hardware thread; letters above one another run in "
		"parallel, letters that alternate in one row take turns.",
	[EXPLAIN_BOTTLE] =
		"Each box is a thread: its height is the share of the running time that it held up (time alone counts full, "
		"time beside others in parts), its width how many ran at once while it ran. A tall and narrow neck is what "
		"holds the program up; more cores widen only what is wide already.",
	[EXPLAIN_SERIAL] =
		"While one thread runs alone, more cores do not help. If that time took none at all, the running time would "
		"shrink by so much and no more (Amdahl's law).",
	[EXPLAIN_SYSCALLS] =
		"What the program asked the kernel to do: how often, how long from entry to return, and how much of that the "
		"kernel worked for it; the rest of that time it slept or waited for a cpu. Calls are counted as they return.",
	[EXPLAIN_WAKEUPS] =
		"Who made whom able to run again, how often, and how long it took from the request until it ran.",
	[EXPLAIN_BLOCKED] =
		"Threads that neither ran nor wanted to: what they slept for, all of them added up. A thread that waits for work "
		"blocks as well, so much blocked time is not bad in itself.",
	[EXPLAIN_GOROUTINES] =
		"A goroutine is a task of a Go program. There may be very many; Go itself, not the kernel, puts them on "
		"threads. One wants to run when it waits for nothing but its turn.",
	[EXPLAIN_P] =
		"A P is a permit to run Go code: a goroutine runs only on a thread that holds one, and there are GOMAXPROCS "
		"of them. Stuck are goroutines that could run but found every P busy.",
	[EXPLAIN_M] =
		"An OS thread, which Go calls M, is what the kernel schedules. Go keeps more of them than Ps: those that sit in "
		"system calls or in C code hold no P.",
	[EXPLAIN_GO] =
		"The Go program that was found in the process, and how many threads it lets run Go code at once: one for each P.",
	[EXPLAIN_GO_GOROUTINES] =
		"In progress: started and not ended; sleeping or waiting counts. Wanted to run: ran, or could have. The figures "
		"are looked at so many times, and what was seen is taken to hold until the next look.",
	[EXPLAIN_GO_PS] =
		"A P that is busy holds a thread, and Go takes its goroutine to be running. Whether that thread has a cpu only "
		"the kernel knows: while it has none, neither it nor anybody else can use the P.",
	[EXPLAIN_GO_MS] =
		"A thread in a long system call or in C code gives its P to another thread (a hand-off); one that is locked runs "
		"one goroutine only; one that spins burns a cpu to find work soon.",
	[EXPLAIN_GO_SAMPLES] =
		"What the program's threads did when the sampling clock ticked. A share is known to within what stands behind "
		"it, in 19 of 20 cases.",
	[EXPLAIN_GO_GC] =
		"Garbage collection runs beside the program, on a quarter of its Ps; where it does not keep up, goroutines that "
		"allocate have to help. A higher GOGC or a memory limit makes it rarer.",
	[EXPLAIN_GO_MUTEX] =
		"The time that goroutines waited for sync.Mutex and sync.RWMutex, all added up by the runtime itself. More Ps do "
		"not make it shorter.",
	[EXPLAIN_GO_LATENCY] =
		"The runtime's own account of how long a goroutine that could run had to wait until it did; it notes one in "
		"eight, in steps, of which the upper edge is shown.",
	[EXPLAIN_GO_PROGRAMS] =
		"Each Go process by its part of all the time on cpus. The toolchain (go, compile, link…) is told as one, as it is "
		"not what one wants to measure.",
	[EXPLAIN_GO_THREADS_ONLY] =
		"The scheduler of this program could not be read, so there is nothing about its goroutines. All that is said of "
		"threads, cores and cpus holds nevertheless.",
	[EXPLAIN_STRIP_PS] =
		"Time runs from left to right, one row for each hardware thread; a digit is the P whose thread was there. A P that "
		"changes rows moved to another cpu.",
	[EXPLAIN_STRIP_GOROUTINES] =
		"Time runs from left to right, one row for each hardware thread; letters above one another run in parallel, letters "
		"that alternate in one row take turns. Between two looks the goroutine is taken to have stayed.",
	[EXPLAIN_STRIP_ALL] =
		"Three rows for each hardware thread, time from left to right: the OS thread (M) that had it, the P that this held, "
		"and the goroutine that it ran. What stands below one another was there at the same instant.",
	[EXPLAIN_PREEMPTED] =
		"The kernel put these threads aside although they could go on; this is who ran in their place meanwhile.",
};

const char *explain_text(enum explain_key key)
{
	return key < EXPLAIN_KEYS ? texts[key] : "";
}

enum explain_key explain_rung(const char *rung)
{
	static const struct {
		const char *rung;
		enum explain_key key;
	} rungs[] = {
		{"goroutines",        EXPLAIN_GOROUTINES      },
                { "p",                EXPLAIN_P               },
		{ "threads",          EXPLAIN_THREADS         },
                { "allowed_cpus",     EXPLAIN_ALLOWED_CPUS    },
		{ "quota",            EXPLAIN_QUOTA           },
                { "hardware_threads", EXPLAIN_HARDWARE_THREADS},
		{ "cores",            EXPLAIN_CORES           },
                { "l3",               EXPLAIN_L3              },
		{ "sockets",          EXPLAIN_SOCKETS         },
	};

	for (size_t i = 0; i < sizeof(rungs) / sizeof(rungs[0]); i++)
		if (strcmp(rungs[i].rung, rung) == 0)
			return rungs[i].key;
	return EXPLAIN_KEYS;
}
