// prctl(2) takes a list of any length, which Swift cannot call.
#pragma once
#include <sys/prctl.h>

static inline int cprocess_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
