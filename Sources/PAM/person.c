#include "person.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_MAX_BYTES 65536 /* of a name service; sssd and nslcd stay far below */
#define LINE_MAX_BYTES 1024   /* of /etc/passwd up to the uid; the rest of a line may be longer */

/* Decimal digits alone: strtoul(3) would take blanks, signs and the locale's ideas. */
static bool parse_uid(const char *text, uid_t *uid) {
  unsigned long value = 0;
  if (*text == '\0') return false;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') return false;
    value = value * 10 + (unsigned long)(*text - '0');
    if (value > (uid_t)-2) return false;
  }
  *uid = (uid_t)value;
  return true;
}

/* Splits `name:password:uid:…`. False for a comment, an NIS line or a broken one, which names nobody. */
static bool split(char *line, uid_t *uid) {
  char *password = strchr(line, ':');
  char *number = password == NULL ? NULL : strchr(password + 1, ':');
  if (number == NULL) return false;
  *password = '\0';
  number++;
  number[strcspn(number, ":\n")] = '\0';
  return parse_uid(number, uid);
}

struct host_users {
  bool has_name, has_uid;
};

/* Reads /etc/passwd itself: getpwnam(3) asks the directory, too, and does not say who answered. */
static bool read_host_users(
    const char *user, const uid_t *user_uid, const char *daemon, uid_t *daemon_uid, struct host_users *found) {
  FILE *file = fopen("/etc/passwd", "re");
  if (file == NULL) return false;
  char line[LINE_MAX_BYTES];
  bool is_start = true;
  while (fgets(line, sizeof line, file) != NULL) {
    bool is_end = strchr(line, '\n') != NULL;
    uid_t uid;
    if (is_start && split(line, &uid)) {
      if (strcmp(line, user) == 0) found->has_name = true;
      if (user_uid != NULL && uid == *user_uid) found->has_uid = true;
      if (strcmp(line, daemon) == 0) *daemon_uid = uid;
    }
    is_start = is_end;
  }
  bool is_whole = !ferror(file);
  fclose(file);
  return is_whole;
}

enum lookup { LOOKUP_FOUND, LOOKUP_NOBODY, LOOKUP_FAILED };

static enum lookup look_up(const char *user, uid_t *uid) {
  for (size_t size = 1024; size <= ENTRY_MAX_BYTES; size *= 4) {
    char *buffer = malloc(size);
    if (buffer == NULL) return LOOKUP_FAILED;
    struct passwd entry, *found = NULL;
    int error = getpwnam_r(user, &entry, buffer, size, &found);
    if (found != NULL) *uid = found->pw_uid;
    free(buffer);
    if (found != NULL) return LOOKUP_FOUND;
    if (error == ERANGE) continue;
    /* What name services say for "not found"; getpwnam(3). */
    return error == 0 || error == ENOENT || error == ESRCH ? LOOKUP_NOBODY : LOOKUP_FAILED;
  }
  return LOOKUP_FAILED;
}

enum person person_find(const char *user, uid_t minimum_uid, const char *daemon, uid_t *daemon_uid) {
  *daemon_uid = 0;
  uid_t uid = 0;
  enum lookup lookup = look_up(user, &uid);
  struct host_users found = {false, false};
  bool is_read = read_host_users(user, lookup == LOOKUP_FOUND ? &uid : NULL, daemon, daemon_uid, &found);
  if (strcmp(user, "root") == 0 || found.has_name || found.has_uid) return PERSON_EXCLUDED;
  if (!is_read || lookup == LOOKUP_FAILED) return PERSON_UNJUDGED;
  if (lookup == LOOKUP_NOBODY) return PERSON_STRANGER;
  return uid == 0 || uid < minimum_uid ? PERSON_EXCLUDED : PERSON_ADMITTED;
}
