/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The leader leaves with pthread_exit() at once; two other threads go on, one spinning, one sleeping in short naps. The
 * process lives on with a zombie leader until they end; the last one prints the account.
 */
#include "program.h"

struct survivors {
	uint64_t end_ns, spin_ns, nap_ns;
	_Atomic int spin_tid, nap_tid;
	_Atomic uint32_t left;
};

static void last_one_prints(struct survivors *survivors)
{
	if (atomic_fetch_sub(&survivors->left, 1) != 1)
		return;
	printf("{\"pid\": %d, \"spin_tid\": %d, \"spin_cpu_ns\": %llu, \"nap_tid\": %d, \"nap_cpu_ns\": %llu}\n",
	       getpid(), atomic_load(&survivors->spin_tid), (print_u64)survivors->spin_ns,
	       atomic_load(&survivors->nap_tid), (print_u64)survivors->nap_ns);
	fflush(stdout);
}

static void *spin(void *argument)
{
	struct survivors *survivors = argument;

	pthread_setname_np(pthread_self(), "spins-on");
	atomic_store(&survivors->spin_tid, gettid());
	while (now_ns() < survivors->end_ns)
		;
	survivors->spin_ns = thread_cpu_ns();
	last_one_prints(survivors);
	return NULL;
}

static void *nap(void *argument)
{
	struct survivors *survivors = argument;

	pthread_setname_np(pthread_self(), "naps-on");
	atomic_store(&survivors->nap_tid, gettid());
	while (now_ns() < survivors->end_ns)
		wait_until_ns(now_ns() + 1000000);
	survivors->nap_ns = thread_cpu_ns();
	last_one_prints(survivors);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct survivors survivors; /* the leader's stack is gone before its threads are */
	uint64_t length_ns = program_begin(argc, argv, 1);
	pthread_t spinner, napper;

	survivors.end_ns = now_ns() + length_ns;
	atomic_store(&survivors.left, 2);
	start_thread(&spinner, spin, &survivors);
	start_thread(&napper, nap, &survivors);
	pthread_detach(spinner);
	pthread_detach(napper);
	pthread_exit(NULL);
}
