/* The loop of a client of drawbridged: while the daemon asks, the user is asked. */
#ifndef DRAWBRIDGE_FLOW_H
#define DRAWBRIDGE_FLOW_H

#include "visit.h"

/* Walks the flow that `verb` opens on an open connection; PAM_SUCCESS where it ends in an OK with the word `goal`. */
int flow_walk(struct visit *visit, const char *verb, const char *goal);

#endif
