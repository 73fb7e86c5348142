/* The words behind the module's name in a PAM file. */
#ifndef DRAWBRIDGE_OPTIONS_H
#define DRAWBRIDGE_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

struct options {
  const char *socket;
  const char *service; /* NULL: the application's PAM service */
  const char *daemon;  /* the daemon's Unix user */
  int timeout_s;       /* 1–300; how long the daemon may take, in all */
  uid_t minimum_uid;   /* 0: no uid is too low but root's, and none is needed */
  bool try_first_pass, use_first_pass;
  bool one_prompt, no_enrol, first_login;
};

/* False where a word is none of them; `bad` is the first such word. A misspelt restriction must not be none. */
bool options_read(struct options *options, int argc, const char **argv, const char **bad);

#endif
