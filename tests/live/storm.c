/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A switch storm over all cpus: a pinned ping-pong pair on each, and two threads a cpu that yield to each other there. Made
 * to overrun small rings. Prints how many switches there were, by the kernel's count.
 */
#include "program.h"

#define MAX_CPUS 64
#define EACH     4 /* threads a cpu: ping, pong, two that yield */

struct member {
	uint64_t end_ns;
	int cpu, role, read_fd, write_fd;
	pthread_t thread;
	struct thread_figures figures;
};

static void ping_pong(struct member *member)
{
	char byte = 'x';

	for (;;) {
		if (member->role == 0) {
			if (now_ns() >= member->end_ns || write(member->write_fd, &byte, 1) != 1)
				break;
		}
		if (read(member->read_fd, &byte, 1) != 1)
			break;
		if (member->role == 1 && write(member->write_fd, &byte, 1) != 1)
			break;
	}
	close(member->write_fd);
	close(member->read_fd);
}

static void *run(void *argument)
{
	struct member *member = argument;
	static const char *const names[EACH] = { "ping", "pong", "yield-a", "yield-b" };
	char name[16];

	snprintf(name, sizeof(name), "%s/%d", names[member->role], member->cpu);
	pthread_setname_np(pthread_self(), name);
	pin_to_cpu(member->cpu);
	if (member->role < 2)
		ping_pong(member);
	else
		while (now_ns() < member->end_ns)
			sched_yield();
	figures_read(gettid(), &member->figures);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct member members[MAX_CPUS * EACH];
	uint64_t length_ns = program_begin(argc, argv, 2), end_ns = now_ns() + length_ns;
	int cpus = 0, count;
	print_u64 voluntary = 0, involuntary = 0, runs = 0;

	while (cpus < MAX_CPUS && allowed_cpu((unsigned int)cpus) >= 0)
		cpus++;
	count = cpus * EACH;
	for (int i = 0; i < count; i += EACH) {
		int there[2], back[2];

		if (pipe(there) != 0 || pipe(back) != 0)
			die("cannot make a pipe: %s", strerror(errno));
		for (int role = 0; role < EACH; role++)
			members[i + role] = (struct member){ .end_ns = end_ns,
							     .cpu = allowed_cpu((unsigned int)(i / EACH)),
							     .role = role,
							     .write_fd = role == 0 ? there[1] : back[1],
							     .read_fd = role == 0 ? back[0] : there[0] };
	}
	for (int i = 0; i < count; i++)
		start_thread(&members[i].thread, run, &members[i]);
	for (int i = 0; i < count; i++) {
		pthread_join(members[i].thread, NULL);
		voluntary += members[i].figures.voluntary;
		involuntary += members[i].figures.involuntary;
		runs += members[i].figures.runs;
	}
	printf("{\"pid\": %d, \"cpus\": %d, \"threads\": %d, \"voluntary\": %llu, \"involuntary\": %llu, \"runs\": %llu}\n",
	       getpid(), cpus, count, voluntary, involuntary, runs);
	return 0;
}
