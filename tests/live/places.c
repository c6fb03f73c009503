/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Three functions at three times: runs_alone() spins on one thread while the other waits in waits_for_it() on a futex; then
 * runs_together() spins on both. Built with frame pointers. Account: {"alone_cpu_ns", "together_cpu_ns", "waited_ns"}.
 */
#include "program.h"

#include <linux/futex.h>

#define NOT_INLINE __attribute__((noinline, noclone))

static atomic_uint gate;
static uint64_t waited_ns, together_ns[2], spin_ns = 500000000;

NOT_INLINE uint64_t runs_alone(void);
NOT_INLINE uint64_t runs_together(void);
NOT_INLINE void waits_for_it(void);

/* Not by reading clocks: the samples shall hit these functions, not the kernel's page of clocks. */
#define SPIN(of)                                                                                                       \
	do {                                                                                                           \
		volatile uint64_t x = 0;                                                                               \
		uint64_t begin_ns = thread_cpu_ns();                                                                   \
                                                                                                                       \
		while (thread_cpu_ns() < begin_ns + (of))                                                              \
			for (int i = 0; i < 1000000; i++)                                                              \
				x = x + 1;                                                                             \
		return thread_cpu_ns() - begin_ns;                                                                     \
	} while (0)

uint64_t runs_alone(void)
{
	SPIN(spin_ns);
}

uint64_t runs_together(void)
{
	SPIN(spin_ns);
}

/* Without a function of the C library between: those have no frames of their own, and hide who calls them. */
static inline __attribute__((always_inline)) void futex_wait_here(atomic_uint *word)
{
#if defined(__x86_64__)
	register long timeout __asm__("r10") = 0;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(SYS_futex), "D"(word), "S"(FUTEX_WAIT), "d"(0), "r"(timeout)
			 : "rcx", "r11", "memory");
#else
	syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
#endif
}

void waits_for_it(void)
{
	uint64_t begin_ns = now_ns();

	while (!atomic_load(&gate))
		futex_wait_here(&gate);
	waited_ns = now_ns() - begin_ns;
}

static void *second(void *unused)
{
	waits_for_it();
	together_ns[1] = runs_together();
	return NULL;
}

int main(void)
{
	pthread_t thread;
	uint64_t alone_ns, both_ns;

	if (pthread_create(&thread, NULL, second, NULL) != 0)
		die("cannot start a thread");
	alone_ns = runs_alone();
	atomic_store(&gate, 1);
	syscall(SYS_futex, &gate, FUTEX_WAKE, 1, NULL, NULL, 0);
	together_ns[0] = runs_together();
	pthread_join(thread, NULL);
	both_ns = together_ns[0] + together_ns[1];
	printf("{\"alone_cpu_ns\": %llu, \"together_cpu_ns\": %llu, \"waited_ns\": %llu}\n", (print_u64)alone_ns,
	       (print_u64)both_ns, (print_u64)waited_ns);
	return 0;
}
