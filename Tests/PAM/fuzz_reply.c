/* libFuzzer on what a daemon may send: `make fuzz-pam`. A reply that is taken must keep its promises. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../Sources/PAM/reply.h"

/* Behind the line, and touched by nobody. */
#define GUARD 0x5a

static void require(int holds) {
  if (!holds) abort();
}

static void look_at(const struct reply *reply, const char *begin, const char *end) {
  require(reply->fields >= begin && reply->fields <= end);
  require(reply->text == NULL || (reply->text > begin && reply->text <= end));
  require((reply->kind == REPLY_ITEM) == (reply->word[0] == '\0'));
  require(strlen(reply->word) <= REPLY_WORD_MAX_BYTES);
  static const char *names[] = {"uid", "login", "after", "echo", "min", "max", "classes", "refused", "contact", ""};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char value[24];
    memset(value, GUARD, sizeof value);
    if (reply_field(reply, names[i], value, 16)) require(strlen(value) < 16);
    for (size_t j = 16; j < sizeof value; j++) require(value[j] == GUARD);
    reply_field_is(reply, names[i], "jdoe");
  }
  if (reply->text == NULL) return;
  for (size_t left = strlen(reply->text), at = 0, length; left > 0; at += length, left -= length) {
    length = utf8_length(reply->text + at, left);
    require(length <= 4 && length <= left);
    if (length == 0) length = 1;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *line = malloc(size + 1); /* exactly what the module promises: one byte more */
  if (line == NULL) return 0;
  memcpy(line, data, size);
  struct reply reply;
  memset(&reply, GUARD, sizeof reply);
  if (reply_parse(&reply, line, size)) look_at(&reply, line, line + size);
  free(line);
  return 0;
}
