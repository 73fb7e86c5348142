/* One call of an application: who it is about, how the daemon is asked, and what its word means to PAM. */
#ifndef DRAWBRIDGE_VISIT_H
#define DRAWBRIDGE_VISIT_H

#include <security/pam_modules.h>

#include "exchange.h"
#include "options.h"

#define VISIT_USER_MAX_BYTES 254

struct visit {
  pam_handle_t *pamh;
  int flags;
  struct options options;
  uid_t daemon_uid;
  bool is_stranger; /* walks as everybody does, and is refused at the end */
  bool is_first_pass_used;
  char user[VISIT_USER_MAX_BYTES + 1]; /* as it was named at first; the daemon must mean this one */
  struct exchange exchange;
};

/* PAM_SUCCESS where the module answers for this user. PAM_USER_UNKNOWN for users of the host, whatever else is wrong.
   Whatever comes of it, visit_leave() follows. */
int visit_begin(struct visit *visit, pam_handle_t *pamh, int flags, int argc, const char **argv);

/* Connects; visit_fault() says what a failure means. */
bool visit_open(struct visit *visit);

/* Begins a request about the user: `VERB login service=`; one that opens a flow has `from=` and `can=`, too. */
void visit_request(struct visit *visit, const char *verb);
void visit_request_flow(struct visit *visit, const char *verb);

/* The end of what was asked. PAM_SUCCESS for one reply alone: an OK with the word `goal`, about the user. With NULL,
   for none. */
int visit_end(struct visit *visit, const struct reply *reply, const char *goal);

/* Logs a fault, or an answer that makes no sense: PAM_AUTHINFO_UNAVAIL. */
int visit_fault(struct visit *visit);
int visit_garbled(struct visit *visit);

/* A text that PAM keeps, empty where it keeps none. */
const char *visit_item(const struct visit *visit, int type);

/* Hangs up, and wipes everything. */
void visit_leave(struct visit *visit);

#endif
