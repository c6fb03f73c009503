/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Four tasks that read from the network, and a server that lets them wait: every 5 ms it sends each of them a message, which
 * takes 0.1 ms of work. The cpus are nearly idle, and still nothing goes faster: all wait for the other end.
 */
#include "example.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define READERS  4
#define PAUSE_NS 5000000U
#define WORK_NS  100000U

static void serve(struct example_task *task)
{
	int *connections = task->argument;

	for (uint64_t next_ns = example_now_ns(); !example_over(task);) {
		example_sleep_until(next_ns += PAUSE_NS);
		for (int i = 0; i < READERS; i++)
			if (send(connections[i], "work", 4, MSG_NOSIGNAL) < 0)
				perror("readers: cannot send");
	}
	for (int i = 0; i < READERS; i++)
		shutdown(connections[i], SHUT_WR);
}

static void receive(struct example_task *task)
{
	const int *connection = task->argument;
	char message[64];

	while (recv(*connection, message, sizeof(message), 0) > 0)
		example_work(WORK_NS);
}

/* Both ends of a TCP connection over the loopback interface. */
static bool connect_two(int listener, const struct sockaddr_in *address, int *ret_server, int *ret_client)
{
	*ret_client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*ret_client < 0 || connect(*ret_client, (const struct sockaddr *)address, sizeof(*address)) != 0)
		return false;
	*ret_server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return *ret_server >= 0;
}

int main(int argc, char **argv)
{
	const char *const names[READERS] = { "north", "east", "south", "west" };
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int servers[READERS], clients[READERS], listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct example example;

	example_init(&example, argc, argv, "four tasks that wait for messages from the network");
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, READERS) != 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
		perror("readers: cannot listen on the loopback interface");
		return 1;
	}
	example_add(&example, "server", EXAMPLE_ANY_CPU, serve, servers);
	for (int i = 0; i < READERS; i++) {
		if (!connect_two(listener, &address, &servers[i], &clients[i])) {
			perror("readers: cannot connect");
			return 1;
		}
		example_add(&example, names[i], EXAMPLE_ANY_CPU, receive, &clients[i]);
	}
	return example_run(&example);
}
