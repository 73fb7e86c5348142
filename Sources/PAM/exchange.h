/* One connection to the daemon: lines out, replies in, and a deadline over all of it. It knows nothing of PAM.

   No descriptor is passed on to a program (CLOEXEC), a peer that has gone raises no SIGPIPE, a signal puts off no
   deadline, and descriptors above 1,023 are as good as any: poll(2), never select(2). */
#ifndef DRAWBRIDGE_EXCHANGE_H
#define DRAWBRIDGE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "reply.h"

#define EXCHANGE_LINE_MAX_BYTES 4096 /* the LF counted in a reply, not counted in a request; docs/protocol.md */
#define EXCHANGE_ITEMS_MAX 256       /* before one reply; a QR code has some thirty rows */

enum exchange_fault {
  EXCHANGE_GOOD,
  EXCHANGE_UNTRUSTED, /* the socket, its folder or its other end belongs to somebody else */
  EXCHANGE_ABSENT,    /* nobody listens */
  EXCHANGE_LATE,      /* the time is used up */
  EXCHANGE_CLOSED,    /* the daemon hung up, or the connection failed */
  EXCHANGE_GARBLED,   /* what came is no reply, or not one to what was sent */
  EXCHANGE_UNSENDABLE /* the line would be too long */
};

struct exchange {
  int descriptor;
  enum exchange_fault fault;
  int64_t left_ns; /* how long the daemon may still take, in all; people's time is not counted */
  size_t in_count;
  size_t out_count;
  char in[EXCHANGE_LINE_MAX_BYTES];        /* received, and not used yet */
  char line[EXCHANGE_LINE_MAX_BYTES + 1];  /* what the last reply points into */
  char out[EXCHANGE_LINE_MAX_BYTES + 1];   /* the request; kept, for it may have to be sent again */
};

/* Connects, and hears the greeting. The socket, its folder and the process that listens must belong to root or to
   `daemon`. Whatever comes of it, exchange_close() follows. */
bool exchange_open(struct exchange *exchange, const char *path, uid_t daemon, int timeout_s);

/* A request, part by part. A part that does not fit makes it unsendable. */
void exchange_begin(struct exchange *exchange, const char *verb);
void exchange_add_argument(struct exchange *exchange, const char *value);
void exchange_add_field(struct exchange *exchange, const char *name, const char *value);
/* The rest of an answer's line, as it is. Only what exchange_can_answer() allows. */
void exchange_add_answer(struct exchange *exchange, const char *answer);

/* Whether an answer can stand on a line: no line break, well-formed UTF-8 or, unless `is_text`, ASCII, and not too long. */
bool exchange_can_answer(const char *answer, bool is_text);

typedef void exchange_item(void *context, const struct reply *item);

/* Sends the request and hears its reply; the same again where that is LATER and there is still time. Items go to
   `on_item`, which may be NULL. False on a fault, which `exchange->fault` has. */
bool exchange_ask(struct exchange *exchange, struct reply *reply, exchange_item *on_item, void *context);

/* What happened, for the log. */
const char *exchange_fault_text(enum exchange_fault fault);

/* Hangs up, and wipes all that went through. */
void exchange_close(struct exchange *exchange);

#endif
