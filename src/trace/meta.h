/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The keys of a trace's facts, each with a text value. Unknown keys are kept and ignored by readers. */
#ifndef ROTA_TRACE_META_H
#define ROTA_TRACE_META_H

#define META_TOPOLOGY    "topology.xml"       /* hwloc XML of the recording machine; needed */
#define META_CPUS        "topology.offline"   /* possible but offline cpus, list format of the kernel: "3,5-7" */
#define META_KIND        "target.kind"        /* process thread cgroup name command system */
#define META_DESCRIPTION "target.description" /* for people: "checkout[4711]" */
#define META_HOST        "host.name"
#define META_KERNEL      "host.kernel"
#define META_ARCH        "host.arch"
#define META_VERSION     "rota.version"
/* CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME read together: three decimal nanosecond counts, spaces between */
#define META_CLOCK_START "clock.start"
#define META_CLOCK_END   "clock.end"
#define META_UTC_OFFSET  "clock.utc_offset" /* seconds east of UTC where it was recorded, for RFC 3339 */
#define META_RECORDED    "recorded"         /* "target": switches that concern T; "system": every switch */
#define META_THROTTLE    "throttle.source"  /* how THROTTLED was told: "task", "cfs_rq", "none" */
#define META_NOTE        "note."            /* prefix: sentences for the report's notes, "note.0"… */
#define META_STATUS      "command.status"   /* -- CMD: its wait status as an exit status (128 + n for a signal) */

#endif
