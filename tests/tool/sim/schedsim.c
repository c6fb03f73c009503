/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The whole simulator in one piece, for tests that are linked from a single file (schedsim.h). */
#include "tool/sim/schedsim.h"

#include "tool/sim/truth.c"
#include "tool/sim/go.c"
#include "tool/sim/records.c"
#include "tool/sim/world.c"
#include "tool/sim/run.c"
