/* Whom the module answers for. */
#ifndef DRAWBRIDGE_PERSON_H
#define DRAWBRIDGE_PERSON_H

#include <sys/types.h>

enum person {
  PERSON_ADMITTED,
  PERSON_EXCLUDED, /* root, of the host's own /etc/passwd, with a uid of one of those, or with one that is too low */
  PERSON_STRANGER, /* no name service knows the name, so it has no uid to judge */
  PERSON_UNJUDGED  /* /etc/passwd or the name services cannot be asked */
};

/* What /etc/passwd and the name services say of a user. The directory can never claim a name or a uid of the host.
   `daemon` is the name of the daemon's user, who is local or does not count; its uid goes to `daemon_uid`, or root's. */
enum person person_find(const char *user, uid_t minimum_uid, const char *daemon, uid_t *daemon_uid);

#endif
