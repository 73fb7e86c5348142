#include "reply.h"

#include <string.h>

static bool is_token_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

static bool is_token(const char *bytes, size_t length) {
  if (length == 0 || length > REPLY_WORD_MAX_BYTES) return false;
  for (size_t i = 0; i < length; i++)
    if (!is_token_byte(bytes[i])) return false;
  return true;
}

static bool find_kind(const char *bytes, size_t length, enum reply_kind *kind) {
  static const struct {
    const char *name;
    enum reply_kind kind;
  } kinds[] = {{"*", REPLY_ITEM}, {"ASK", REPLY_ASK},     {"OK", REPLY_OK},
               {"NO", REPLY_NO},  {"LATER", REPLY_LATER}, {"ERR", REPLY_ERR}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strlen(kinds[i].name) != length || memcmp(kinds[i].name, bytes, length) != 0) continue;
    *kind = kinds[i].kind;
    return true;
  }
  return false;
}

static size_t until_space(const char *bytes) { return strcspn(bytes, " "); }

bool reply_parse(struct reply *reply, char *line, size_t length) {
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)line[i];
    if (byte < 0x20 || byte == 0x7f) return false;
  }
  line[length] = '\0';
  size_t kind = until_space(line);
  if (!find_kind(line, kind, &reply->kind)) return false;
  char *rest = line + kind;
  reply->word = "";
  reply->text = NULL;
  if (reply->kind != REPLY_ITEM) {
    if (*rest != ' ') return false;
    char *word = rest + 1;
    size_t word_length = until_space(word);
    if (!is_token(word, word_length)) return false;
    rest = word + word_length;
    reply->word = word;
  }
  /* `rest` stands at the space before the first field, or at the end. */
  if (*rest == ' ') *rest++ = '\0';
  reply->fields = rest;
  while (*rest != '\0') {
    if (*rest == ':') {
      reply->text = rest + 1;
      rest[rest > reply->fields ? -1 : 0] = '\0';
      break;
    }
    size_t field = until_space(rest);
    const char *equals = memchr(rest, '=', field);
    if (equals == NULL || !is_token(rest, (size_t)(equals - rest))) return false;
    rest += field;
    if (*rest == ' ' && *++rest == '\0') return false;
  }
  return true;
}

static int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static bool decode(const char *bytes, size_t length, char *value, size_t size) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) {
    char byte = bytes[i];
    if (byte == '%') {
      if (length - i < 3) return false;
      int high = hexadecimal(bytes[i + 1]), low = hexadecimal(bytes[i + 2]);
      if (high < 0 || low < 0) return false;
      byte = (char)(high << 4 | low);
      i += 2;
    }
    if (byte == '\0' || count + 1 >= size) return false;
    value[count++] = byte;
  }
  value[count] = '\0';
  return true;
}

bool reply_field(const struct reply *reply, const char *name, char *value, size_t size) {
  if (size == 0) return false;
  value[0] = '\0';
  size_t name_length = strlen(name);
  for (const char *field = reply->fields; *field != '\0';) {
    size_t length = until_space(field);
    if (length > name_length && field[name_length] == '=' && memcmp(field, name, name_length) == 0) {
      if (decode(field + name_length + 1, length - name_length - 1, value, size)) return true;
      value[0] = '\0';
      return false;
    }
    field += length;
    if (*field == ' ') field++;
  }
  return false;
}

bool reply_field_is(const struct reply *reply, const char *name, const char *value) {
  char found[512];
  return reply_field(reply, name, found, sizeof found) && strcmp(found, value) == 0;
}

size_t utf8_length(const char *bytes, size_t length) {
  if (length == 0) return 0;
  const unsigned char *b = (const unsigned char *)bytes;
  if (b[0] < 0x80) return 1;
  size_t count = b[0] >= 0xc2 && b[0] <= 0xdf ? 2 : (b[0] & 0xf0) == 0xe0 ? 3 : b[0] >= 0xf0 && b[0] <= 0xf4 ? 4 : 0;
  if (count == 0 || count > length) return 0;
  for (size_t i = 1; i < count; i++)
    if ((b[i] & 0xc0) != 0x80) return 0;
  /* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
  if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f)) return 0;
  if ((b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f)) return 0;
  return count;
}
