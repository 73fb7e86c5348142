#include "options.h"

#include <string.h>

#define TIMEOUT_MAX_S 300
#define UID_MAX 4294967294ul

static bool parse_number(const char *text, unsigned long most, unsigned long *number) {
  *number = 0;
  if (*text == '\0') return false;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') return false;
    *number = *number * 10 + (unsigned long)(*text - '0');
    if (*number > most) return false;
  }
  return true;
}

/* The part behind `name=`, or NULL. */
static const char *value(const char *word, const char *name) {
  size_t length = strlen(name);
  return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static bool read_word(struct options *options, const char *word) {
  const struct {
    const char *name;
    bool *flag;
  } flags[] = {
      {"try_first_pass", &options->try_first_pass}, {"use_first_pass", &options->use_first_pass},
      {"one_prompt", &options->one_prompt},         {"no_enrol", &options->no_enrol},
      {"first_login", &options->first_login},
  };
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    if (strcmp(word, flags[i].name) == 0) return *flags[i].flag = true;
  const char *text;
  unsigned long number;
  if ((text = value(word, "socket")) != NULL) {
    options->socket = text;
    return text[0] == '/';
  }
  if ((text = value(word, "service")) != NULL) {
    options->service = text;
    return text[0] != '\0';
  }
  if ((text = value(word, "daemon")) != NULL) {
    options->daemon = text;
    return text[0] != '\0';
  }
  if ((text = value(word, "timeout")) != NULL) {
    if (!parse_number(text, TIMEOUT_MAX_S, &number) || number == 0) return false;
    options->timeout_s = (int)number;
    return true;
  }
  if ((text = value(word, "minimum_uid")) != NULL) {
    if (!parse_number(text, UID_MAX, &number)) return false;
    options->minimum_uid = (uid_t)number;
    return true;
  }
  return false;
}

bool options_read(struct options *options, int argc, const char **argv, const char **bad) {
  *options = (struct options){
      .socket = "/run/drawbridge/signin.sock", .daemon = "drawbridge", .timeout_s = 30, .minimum_uid = 1000};
  *bad = NULL;
  for (int i = 0; i < argc; i++)
    if (!read_word(options, argv[i]) && *bad == NULL) *bad = argv[i];
  return *bad == NULL;
}
