/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What limits the program: figures of a piece of time come in, a score for each candidate and the best of them go out. A
 * score is the share of that time in which the candidate held the program back (docs/verdicts.md has the rules in words and
 * the thresholds in one table, which a test compares with verdict_thresholds[]). A pure function of numbers: no names, no
 * text, no memory; the whole window and each of its seconds are judged by the same rules.
 */
#ifndef ROTA_METRIC_VERDICT_H
#define ROTA_METRIC_VERDICT_H

#include "rota/summary.h"

/*
 * A piece of time. Shares are of its time, counts are means over it. Floats, because one is kept for each second: nothing
 * here is known to more than seven digits' worth.
 */
struct verdict_piece {
	float seconds;
	float known; /* share of it in which N, K, P and C are known; they are means over that */
	float in_progress, demand, parallelism, cores; /* N, K, P, C */
	float wanting, active;                         /* share with K ≥ 1, with P ≥ 1 */
	float alone;                                   /* largest share in which one and the same thread ran alone */
	float throttled;                               /* threads THROTTLED */
	float behind_ours, behind_others,
		behind_other; /* threads RUNNABLE, by who was on the cpu; last: nobody, not known */
	float confined;       /* threads RUNNABLE that may not use every cpu */
	float allowed;        /* cpus that those who want to run may use; 0: see verdict_machine.usable */
	float stolen;         /* cpus that the hypervisor took */
	float involuntary;    /* involuntary switches a second */
	float starved; /* share of it in which all Ps of a Go program were busy while goroutines waited for one */
	float mutex;   /* goroutines of Go programs that wait for a sync.Mutex or the like */
	float lock;    /* threads blocked for a lock, of any kind, idle ones too */
	float blocked[ROTA_BLOCKED_CLASSES]; /* threads blocked, by class; working threads only */
};

struct verdict_machine {   /* what holds for the whole window */
	double cpus;       /* online, mean */
	double usable;     /* of these, T may use; = cpus where that is not known */
	bool idle_known;   /* what the cpus did without T is known */
	double idle;       /* cpus idle, mean */
	bool smt;          /* some core has two hardware threads */
	double idle_cores; /* cores on which every cpu is idle, at least; mean */
	double gomaxprocs; /* of the Go program that runs most; 0: there is none, or it is not known */
	double held;       /* share of its busy Ps' time in which their threads waited for a cpu or for quota */
	double collecting; /* share of its samples in which it collected garbage */
	double quota;      /* cpus that the smallest quota allows; 0: none */
	double handed_on;  /* share of lock waits that are for locks which those who wait pass on among themselves */
};

struct verdict_judgement {
	uint8_t limit, second; /* enum rota_limit; second: ROTA_LIMIT_UNKNOWN where no other scored */
	double score[ROTA_LIMITS];
	enum verdict_reason { /* why limit is NONE or UNKNOWN */
			      VERDICT_FOUND = 0,
			      VERDICT_SHORT,    /* unknown: too short to judge */
			      VERDICT_COVERAGE, /* unknown: too little of it was seen */
			      VERDICT_QUEUE,    /* unknown: it queued while cpus were free, and nothing says why */
			      VERDICT_BLOCKED,  /* unknown: why it was blocked was not recorded */
			      VERDICT_SPREAD,   /* unknown: no single limit explains enough */
			      VERDICT_IDLE,     /* none: it sleeps or waits for work */
			      VERDICT_SERVED,   /* none: it wants little, and gets it */
	} reason;
};

enum verdict_threshold {
	VERDICT_KNOWN_LEAST,
	VERDICT_SECONDS_LEAST,
	VERDICT_SCORE_LEAST,
	VERDICT_SECOND_LEAST,
	VERDICT_FULL_LEAST,
	VERDICT_CROWD_LEAST,
	VERDICT_CROWD_SWITCHES,
	VERDICT_QUEUEING_LEAST,
	VERDICT_SIBLINGS_LEAST,
	VERDICT_CONFINED_CPUS,
	VERDICT_CONFINED_IDLE,
	VERDICT_LONE_CPUS,
	VERDICT_HANDED_ON_LEAST,
	VERDICT_WORKER_RUNS,
	VERDICT_WORKER_SWITCHES,
	VERDICT_SPARE_LEAST,
	VERDICT_SPARE_CORES,
	VERDICT_HELD_MOST,
	VERDICT_COLLECT_MOST,
	VERDICT_MANY_THREADS,
	VERDICT_THRESHOLDS
};

struct verdict_rule {
	const char *name, *unit, *says;
	double value;
};

extern const struct verdict_rule verdict_thresholds[VERDICT_THRESHOLDS];

void verdict_judge(const struct verdict_piece *piece, const struct verdict_machine *machine,
		   struct verdict_judgement *ret_judgement);

static inline double verdict_threshold(enum verdict_threshold which)
{
	return verdict_thresholds[which].value;
}

#endif
