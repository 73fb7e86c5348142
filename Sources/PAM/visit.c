#include "visit.h"

#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#include "person.h"
#include "prompt.h"

#define RECOVERY_MAX_BYTES 1024
#define CONTEXT_MAX_BYTES 128 /* of what is said of the user: an address, a service */

int visit_begin(struct visit *visit, pam_handle_t *pamh, int flags, int argc, const char **argv) {
  memset(visit, 0, sizeof *visit);
  visit->exchange.descriptor = -1;
  visit->pamh = pamh;
  visit->flags = flags;
  const char *bad, *user = NULL;
  bool is_good = options_read(&visit->options, argc, argv, &bad);
  if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || user == NULL) return PAM_AUTH_ERR;
  size_t length = strnlen(user, VISIT_USER_MAX_BYTES + 1);
  if (length == 0 || length > VISIT_USER_MAX_BYTES) return PAM_AUTH_ERR;
  memcpy(visit->user, user, length + 1);
  switch (person_find(visit->user, visit->options.minimum_uid, visit->options.daemon, &visit->daemon_uid)) {
    /* Before all that can fail: the host's own users sign in whatever the daemon does. */
    case PERSON_EXCLUDED: return PAM_USER_UNKNOWN;
    case PERSON_UNJUDGED:
      pam_syslog(pamh, LOG_ERR, "the users of the host cannot be read");
      return PAM_AUTHINFO_UNAVAIL;
    case PERSON_STRANGER: visit->is_stranger = visit->options.minimum_uid > 0; break;
    case PERSON_ADMITTED: break;
  }
  if (is_good) return PAM_SUCCESS;
  pam_syslog(pamh, LOG_ERR, "no such option, or not with this value: %s", bad);
  return PAM_AUTHINFO_UNAVAIL;
}

/* Refusals */

int visit_fault(struct visit *visit) {
  pam_syslog(
      visit->pamh, LOG_ERR, "drawbridged at %s: %s", visit->options.socket,
      exchange_fault_text(visit->exchange.fault));
  return PAM_AUTHINFO_UNAVAIL;
}

int visit_garbled(struct visit *visit) {
  visit->exchange.fault = EXCHANGE_GARBLED;
  return visit_fault(visit);
}

static int refused(struct visit *visit, const struct reply *reply) {
  static const struct {
    const char *word;
    int code;
  } codes[] = {
      {"deactivated", PAM_ACCT_EXPIRED},
      {"locked", PAM_MAXTRIES},
      {"password-expired", PAM_AUTHTOK_EXPIRED},
      {"unsupported", PAM_AUTH_ERR}}; /* no_enrol */
  pam_syslog(visit->pamh, LOG_NOTICE, "refused: %s", reply->word);
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
    if (strcmp(reply->word, codes[i].word) != 0) continue;
    char text[PROMPT_MAX_BYTES], contact[PROMPT_MAX_BYTES];
    prompt_clean(text, sizeof text, reply->text == NULL ? "" : reply->text);
    if (text[0] != '\0') prompt_tell(visit->pamh, visit->flags, PAM_ERROR_MSG, text);
    if (reply_field(reply, "contact", contact, sizeof contact)) {
      prompt_clean(text, sizeof text, contact);
      prompt_tell(visit->pamh, visit->flags, PAM_ERROR_MSG, text);
    }
    return codes[i].code;
  }
  return PAM_AUTH_ERR;
}

/* Whether an OK is about the user that the application named, and still names. An address may be compared with an
   address alone: what looks like a name in somebody's `mail` is nobody's name. */
static bool names_user(struct visit *visit, const struct reply *reply) {
  const void *item = NULL;
  if (pam_get_item(visit->pamh, PAM_USER, &item) != PAM_SUCCESS || item == NULL) return false;
  if (strcmp(item, visit->user) != 0) return false;
  if (reply_field_is(reply, "uid", visit->user)) return true;
  return strchr(visit->user, '@') != NULL && reply_field_is(reply, "login", visit->user);
}

/* After an enrolment the daemon tells codes that it never tells again: one a line, as they come with commas. */
static void show_recovery_codes(struct visit *visit, const struct reply *reply) {
  char codes[RECOVERY_MAX_BYTES], *rest = codes, *code;
  if (!reply_field(reply, "recovery", codes, sizeof codes) || codes[0] == '\0') return;
  prompt_tell(
      visit->pamh, visit->flags, PAM_TEXT_INFO,
      "Your recovery codes. They are shown this once: keep them where your phone is not.");
  while ((code = strsep(&rest, ",")) != NULL) {
    char text[PROMPT_MAX_BYTES];
    prompt_clean(text, sizeof text, code);
    prompt_tell(visit->pamh, visit->flags, PAM_TEXT_INFO, text);
    explicit_bzero(text, sizeof text);
  }
  explicit_bzero(codes, sizeof codes);
}

int visit_end(struct visit *visit, const struct reply *reply, const char *goal) {
  switch (reply->kind) {
    case REPLY_OK:
      if (goal == NULL || strcmp(reply->word, goal) != 0) return visit_garbled(visit);
      if (!names_user(visit, reply)) {
        pam_syslog(visit->pamh, LOG_ALERT, "the daemon answered for another user");
        return PAM_AUTH_ERR;
      }
      if (visit->is_stranger) return PAM_AUTH_ERR;
      show_recovery_codes(visit, reply);
      return PAM_SUCCESS;
    case REPLY_NO: return refused(visit, reply);
    case REPLY_LATER:
    case REPLY_ERR:
      pam_syslog(visit->pamh, LOG_ERR, "drawbridged at %s: %s", visit->options.socket, reply->word);
      return PAM_AUTHINFO_UNAVAIL;
    case REPLY_ITEM:
    case REPLY_ASK: break;
  }
  return visit_garbled(visit);
}

/* Requests */

const char *visit_item(const struct visit *visit, int type) {
  const void *item = NULL;
  return pam_get_item(visit->pamh, type, &item) == PAM_SUCCESS && item != NULL ? item : "";
}

bool visit_open(struct visit *visit) {
  return exchange_open(&visit->exchange, visit->options.socket, visit->daemon_uid, visit->options.timeout_s);
}

static void add_context(struct visit *visit, const char *name, const char *value) {
  char cut[CONTEXT_MAX_BYTES + 1];
  size_t length = strnlen(value, CONTEXT_MAX_BYTES);
  if (length == 0) return;
  memcpy(cut, value, length);
  cut[length] = '\0';
  exchange_add_field(&visit->exchange, name, cut);
}

void visit_request(struct visit *visit, const char *verb) {
  exchange_begin(&visit->exchange, verb);
  exchange_add_argument(&visit->exchange, visit->user);
  const char *service = visit->options.service;
  add_context(visit, "service", service != NULL ? service : visit_item(visit, PAM_SERVICE));
}

void visit_request_flow(struct visit *visit, const char *verb) {
  visit_request(visit, verb);
  add_context(visit, "from", visit_item(visit, PAM_RHOST));
  /* What is not listed, the daemon does not ask for; without any list it asks for everything, step by step. */
  bool can_enrol = !visit->options.no_enrol;
  if (visit->options.one_prompt)
    exchange_add_field(&visit->exchange, "can", can_enrol ? "one-prompt,qr" : "one-prompt");
  else if (!can_enrol)
    exchange_add_field(&visit->exchange, "can", "");
}

void visit_leave(struct visit *visit) {
  exchange_close(&visit->exchange);
  explicit_bzero(visit, sizeof *visit);
}
