/* Replies of the daemon, by the grammar of docs/protocol.md. No I/O, nothing allocated. */
#ifndef DRAWBRIDGE_REPLY_H
#define DRAWBRIDGE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

enum reply_kind { REPLY_ITEM, REPLY_ASK, REPLY_OK, REPLY_NO, REPLY_LATER, REPLY_ERR };

#define REPLY_WORD_MAX_BYTES 32

/* The parts of one line. They point into it, and are good for as long as it is. */
struct reply {
  enum reply_kind kind;
  const char *word;   /* empty of an item */
  const char *fields; /* name=value, a space between two; encoded */
  const char *text;   /* NULL where there is none; any bytes but controls */
};

/* Takes a line apart, in place. `line` has `length` bytes, no LF among them, and room for a NUL behind them.
   False where it is no reply: an unknown kind, a control byte, a word or a field that is none. */
bool reply_parse(struct reply *reply, char *line, size_t length);

/* The decoded value of the first field of that name. False where there is none, where it does not fit into `size`
   bytes with its NUL, and where it is not well encoded or holds a NUL: half a value is a wrong one. */
bool reply_field(const struct reply *reply, const char *name, char *value, size_t size);

/* Whether a field has this value, byte for byte. */
bool reply_field_is(const struct reply *reply, const char *name, const char *value);

/* The bytes of the UTF-8 sequence (RFC 3629) that begins here, 1 to 4; 0 where none does. */
size_t utf8_length(const char *bytes, size_t length);

#endif
