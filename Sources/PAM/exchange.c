#define _GNU_SOURCE /* struct ucred */
#include "exchange.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define BACKLOG_WAIT_NS (20 * NS_PER_MS)
#define LATER_WAIT_MAX_S 3600

static bool fail(struct exchange *exchange, enum exchange_fault fault) {
  exchange->fault = fault;
  return false;
}

/* Time */

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int milliseconds(int64_t ns) {
  int64_t rounded_up = (ns + NS_PER_MS - 1) / NS_PER_MS;
  return rounded_up > INT_MAX ? INT_MAX : (int)rounded_up;
}

/* Waits for a descriptor, or only for the time where that is negative, `most_ns` at the most, at the exchange's cost.
   In nanoseconds, so that a storm of signals, each after less than a millisecond, uses time up, too.
   Positive where the descriptor is ready, 0 where the time is over. */
static int wait_ready(struct exchange *exchange, int descriptor, short events, int64_t most_ns) {
  while (true) {
    int64_t most = most_ns < exchange->left_ns ? most_ns : exchange->left_ns;
    if (most <= 0) return 0;
    struct pollfd poller = {.fd = descriptor, .events = events};
    int64_t began = now_ns();
    int count = poll(&poller, 1, milliseconds(most));
    int error = errno;
    int64_t spent = now_ns() - began;
    exchange->left_ns -= spent;
    most_ns -= spent;
    if (count > 0) return 1;
    if (count < 0 && error != EINTR && error != EAGAIN) return -1;
  }
}

/* The other end */

static bool is_trusted(uid_t uid, uid_t daemon) { return uid == 0 || uid == daemon; }

/* Nobody else may put a socket there: neither by owning the folder nor by writing to it. */
static bool has_trusted_place(const char *path, uid_t daemon) {
  struct stat file, folder;
  if (lstat(path, &file) != 0 || !S_ISSOCK(file.st_mode) || !is_trusted(file.st_uid, daemon)) return false;
  char parent[sizeof((struct sockaddr_un *)0)->sun_path];
  const char *slash = strrchr(path, '/');
  size_t length = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
  if (slash == NULL || length >= sizeof parent) return false;
  memcpy(parent, path, length);
  parent[length] = '\0';
  if (stat(parent, &folder) != 0 || !S_ISDIR(folder.st_mode) || !is_trusted(folder.st_uid, daemon)) return false;
  return (folder.st_mode & (S_IWGRP | S_IWOTH)) == 0 || (folder.st_mode & S_ISVTX) != 0;
}

/* The kernel's word for who listens (SO_PEERCRED, unix(7)), whatever stands in the file system. */
static bool has_trusted_peer(int descriptor, uid_t daemon) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || length != sizeof peer) return false;
  return is_trusted(peer.uid, daemon);
}

static bool connect_to(struct exchange *exchange, const struct sockaddr_un *address) {
  while (connect(exchange->descriptor, (const struct sockaddr *)address, sizeof *address) != 0) {
    if (errno == EISCONN) return true;
    /* A full backlog says EAGAIN at once, and there is nothing to wait on but time. */
    if (errno != EAGAIN && errno != EINTR) return fail(exchange, EXCHANGE_ABSENT);
    if (wait_ready(exchange, -1, 0, BACKLOG_WAIT_NS) < 0) return fail(exchange, EXCHANGE_CLOSED);
    if (exchange->left_ns <= 0) return fail(exchange, EXCHANGE_LATE);
  }
  return true;
}

static bool receive(struct exchange *exchange, struct reply *reply);

bool exchange_open(struct exchange *exchange, const char *path, uid_t daemon, int timeout_s) {
  memset(exchange, 0, sizeof *exchange);
  exchange->descriptor = -1;
  exchange->left_ns = timeout_s * NS_PER_S;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (path[0] != '/' || strlen(path) >= sizeof address.sun_path) return fail(exchange, EXCHANGE_ABSENT);
  struct stat file;
  if (lstat(path, &file) != 0) return fail(exchange, EXCHANGE_ABSENT);
  if (!has_trusted_place(path, daemon)) return fail(exchange, EXCHANGE_UNTRUSTED);
  memcpy(address.sun_path, path, strlen(path));
  exchange->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (exchange->descriptor < 0) return fail(exchange, EXCHANGE_ABSENT);
  if (!connect_to(exchange, &address)) return false;
  if (!has_trusted_peer(exchange->descriptor, daemon)) return fail(exchange, EXCHANGE_UNTRUSTED);
  struct reply greeting;
  if (!receive(exchange, &greeting)) return false;
  bool is_ready = greeting.kind == REPLY_OK && strcmp(greeting.word, "ready") == 0;
  return is_ready && reply_field_is(&greeting, "protocol", "1") ? true : fail(exchange, EXCHANGE_GARBLED);
}

/* Requests */

static void add(struct exchange *exchange, const char *bytes, size_t length) {
  if (exchange->out_count + length > EXCHANGE_LINE_MAX_BYTES) {
    exchange->fault = EXCHANGE_UNSENDABLE;
    return;
  }
  memcpy(exchange->out + exchange->out_count, bytes, length);
  exchange->out_count += length;
}

static void add_encoded(struct exchange *exchange, const char *value) {
  static const char digits[] = "0123456789ABCDEF";
  for (; *value != '\0'; value++) {
    unsigned char byte = (unsigned char)*value;
    bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                    byte == '-' || byte == '.' || byte == '_' || byte == '~';
    char encoded[] = {'%', digits[byte >> 4], digits[byte & 0x0f]};
    add(exchange, is_plain ? value : encoded, is_plain ? 1 : sizeof encoded);
  }
}

void exchange_begin(struct exchange *exchange, const char *verb) {
  explicit_bzero(exchange->out, sizeof exchange->out);
  exchange->out_count = 0;
  add(exchange, verb, strlen(verb));
}

void exchange_add_argument(struct exchange *exchange, const char *value) {
  add(exchange, " ", 1);
  add_encoded(exchange, value);
}

void exchange_add_field(struct exchange *exchange, const char *name, const char *value) {
  add(exchange, " ", 1);
  add(exchange, name, strlen(name));
  add(exchange, "=", 1);
  add_encoded(exchange, value);
}

void exchange_add_answer(struct exchange *exchange, const char *answer) {
  add(exchange, " ", 1);
  add(exchange, answer, strlen(answer));
}

bool exchange_can_answer(const char *answer, bool is_text) {
  size_t length = strnlen(answer, EXCHANGE_LINE_MAX_BYTES);
  if (length > EXCHANGE_LINE_MAX_BYTES - REPLY_WORD_MAX_BYTES - 1) return false;
  for (size_t i = 0; i < length;) {
    size_t count = utf8_length(answer + i, length - i);
    if (count == 0 || (count > 1 && !is_text) || answer[i] == '\n' || answer[i] == '\r') return false;
    i += count;
  }
  return true;
}

static bool send_out(struct exchange *exchange) {
  exchange->out[exchange->out_count] = '\n';
  size_t length = exchange->out_count + 1;
  for (size_t sent = 0; sent < length;) {
    ssize_t count = send(exchange->descriptor, exchange->out + sent, length - sent, MSG_NOSIGNAL);
    if (count > 0) {
      sent += (size_t)count;
      continue;
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) return fail(exchange, EXCHANGE_CLOSED);
    int ready = errno == EINTR ? 1 : wait_ready(exchange, exchange->descriptor, POLLOUT, exchange->left_ns);
    if (ready < 0) return fail(exchange, EXCHANGE_CLOSED);
    if (exchange->left_ns <= 0) return fail(exchange, EXCHANGE_LATE);
  }
  return true;
}

/* Replies */

/* Takes the line at the beginning of what was received; a CR before its LF is dropped. */
static bool take_line(struct exchange *exchange, size_t length, struct reply *reply) {
  memcpy(exchange->line, exchange->in, length);
  exchange->in_count -= length + 1;
  memmove(exchange->in, exchange->in + length + 1, exchange->in_count);
  if (length > 0 && exchange->line[length - 1] == '\r') length--;
  return reply_parse(reply, exchange->line, length) ? true : fail(exchange, EXCHANGE_GARBLED);
}

static bool receive(struct exchange *exchange, struct reply *reply) {
  while (true) {
    const char *end = memchr(exchange->in, '\n', exchange->in_count);
    if (end != NULL) return take_line(exchange, (size_t)(end - exchange->in), reply);
    if (exchange->in_count == sizeof exchange->in) return fail(exchange, EXCHANGE_GARBLED);
    int ready = wait_ready(exchange, exchange->descriptor, POLLIN, exchange->left_ns);
    if (ready < 0) return fail(exchange, EXCHANGE_CLOSED);
    if (ready == 0) return fail(exchange, EXCHANGE_LATE);
    ssize_t count =
        recv(exchange->descriptor, exchange->in + exchange->in_count, sizeof exchange->in - exchange->in_count, 0);
    if (count > 0) exchange->in_count += (size_t)count;
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return fail(exchange, EXCHANGE_CLOSED);
  }
}

/* How long a LATER asks to wait, at least a second. */
static int64_t later_ns(const struct reply *reply) {
  char after[8];
  int64_t seconds = 0;
  if (!reply_field(reply, "after", after, sizeof after)) after[0] = '\0';
  for (const char *digit = after; *digit >= '0' && *digit <= '9'; digit++) seconds = seconds * 10 + (*digit - '0');
  return (seconds < 1 ? 1 : seconds > LATER_WAIT_MAX_S ? LATER_WAIT_MAX_S : seconds) * NS_PER_S;
}

static bool ask(struct exchange *exchange, struct reply *reply, exchange_item *on_item, void *context) {
  while (true) {
    if (!send_out(exchange)) return false;
    for (int items = 0;; items++) {
      if (!receive(exchange, reply)) return false;
      if (reply->kind != REPLY_ITEM) break;
      if (items == EXCHANGE_ITEMS_MAX) return fail(exchange, EXCHANGE_GARBLED);
      if (on_item != NULL) on_item(context, reply);
    }
    if (reply->kind != REPLY_LATER) return true;
    int64_t pause_ns = later_ns(reply);
    if (pause_ns >= exchange->left_ns) return true;
    if (wait_ready(exchange, -1, 0, pause_ns) < 0) return fail(exchange, EXCHANGE_CLOSED);
  }
}

bool exchange_ask(struct exchange *exchange, struct reply *reply, exchange_item *on_item, void *context) {
  bool is_good = exchange->fault == EXCHANGE_GOOD && ask(exchange, reply, on_item, context);
  explicit_bzero(exchange->out, sizeof exchange->out);
  exchange->out_count = 0;
  return is_good;
}

const char *exchange_fault_text(enum exchange_fault fault) {
  switch (fault) {
    case EXCHANGE_GOOD: return "no fault";
    case EXCHANGE_UNTRUSTED: return "the socket, its folder or who listens belongs to neither root nor the daemon's user";
    case EXCHANGE_ABSENT: return "nobody listens there";
    case EXCHANGE_LATE: return "no answer in time";
    case EXCHANGE_CLOSED: return "the connection was closed";
    case EXCHANGE_GARBLED: return "an answer that is none";
    case EXCHANGE_UNSENDABLE: return "what was to be sent does not fit on a line";
  }
  return "unknown";
}

void exchange_close(struct exchange *exchange) {
  if (exchange->descriptor >= 0) close(exchange->descriptor);
  explicit_bzero(exchange, sizeof *exchange);
  exchange->descriptor = -1;
}
