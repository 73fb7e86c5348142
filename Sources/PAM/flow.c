#include "flow.h"

#include <stdio.h>
#include <string.h>

#include "prompt.h"

#define QUESTIONS_MAX 64 /* of one flow; a right walk has six at the most */
#define HINT_MAX_BYTES 160
#define RECOVERY_CHARACTERS 13

struct question {
  const char *word, *verb;
  bool is_password; /* a module before this one may have asked for it */
  bool is_hidden;   /* whatever the daemon says of it */
  bool is_text;     /* bytes beyond ASCII are welcome */
  bool is_set_up;   /* belongs to setting an account up */
};

static const struct question *find_question(const char *word) {
  static const struct question questions[] = {
      {.word = "password", .verb = "PASSWORD", .is_password = true, .is_hidden = true, .is_text = true},
      {.word = "combined", .verb = "COMBINED", .is_password = true, .is_hidden = true, .is_text = true},
      {.word = "totp", .verb = "TOTP"},
      {.word = "code", .verb = "CODE", .is_set_up = true},
      {.word = "new-password", .verb = "NEW-PASSWORD", .is_hidden = true, .is_text = true},
      {.word = "confirm-password", .verb = "CONFIRM-PASSWORD", .is_hidden = true, .is_text = true},
      {.word = "enrol", .verb = "ENROL", .is_set_up = true},
  };
  for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
    if (strcmp(word, questions[i].word) == 0) return &questions[i];
  return NULL;
}

static void show_row(void *context, const struct reply *item) {
  struct visit *visit = context;
  char row[PROMPT_MAX_BYTES];
  prompt_clean(row, sizeof row, item->text == NULL ? "" : item->text);
  prompt_tell(visit->pamh, visit->flags, PAM_TEXT_INFO, row);
}

/* Shows the QR code, and the secret to those who cannot scan it. The same ASK follows the code, in `reply`. */
static bool show_secret(struct visit *visit, struct reply *reply) {
  char secret[128], text[PROMPT_MAX_BYTES] = "Secret, to type instead: ";
  bool has_secret = reply_field(reply, "secret", secret, sizeof secret);
  exchange_begin(&visit->exchange, "QR");
  bool is_good = exchange_ask(&visit->exchange, reply, show_row, visit);
  if (is_good && has_secret) {
    prompt_clean(text + strlen(text), sizeof text - strlen(text), secret);
    prompt_tell(visit->pamh, visit->flags, PAM_TEXT_INFO, text);
  }
  explicit_bzero(secret, sizeof secret);
  explicit_bzero(text, sizeof text);
  return is_good;
}

static bool offers_first_login(const struct visit *visit, const struct question *question) {
  return visit->options.first_login && !visit->options.no_enrol && strcmp(question->word, "password") == 0;
}

/* What the daemon's words do not tell a user of a terminal. */
static void make_hint(const struct visit *visit, const struct question *question, const struct reply *reply, char *hint) {
  char least[8], most[8], classes[8];
  hint[0] = '\0';
  if (offers_first_login(visit, question)) strcpy(hint, " (empty for the first-time login)");
  if (strcmp(question->word, "code") == 0) strcpy(hint, " (empty for a new code)");
  if (strcmp(question->word, "new-password") != 0) return;
  if (!reply_field(reply, "min", least, sizeof least) || !reply_field(reply, "max", most, sizeof most)) return;
  bool has_classes = reply_field(reply, "classes", classes, sizeof classes) && strcmp(classes, "0") != 0;
  char rule[HINT_MAX_BYTES];
  snprintf(rule, sizeof rule, " (%s-%s characters", least, most);
  prompt_clean(hint, HINT_MAX_BYTES, rule);
  snprintf(rule, sizeof rule, ", %s of: lowercase, uppercase, numbers, symbols", classes);
  if (has_classes) prompt_clean(hint + strlen(hint), HINT_MAX_BYTES - strlen(hint), rule);
  strcat(hint, ")");
}

static void make_label(const struct visit *visit, const struct question *question, const struct reply *reply, char *label) {
  char hint[HINT_MAX_BYTES];
  make_hint(visit, question, reply, hint);
  size_t room = PROMPT_MAX_BYTES - strlen(hint) - strlen(": ");
  prompt_clean(label, room, reply->text == NULL ? question->word : reply->text);
  size_t length = strlen(label);
  bool is_sentence = hint[0] == '\0' && length > 0 && strchr(".:?!", label[length - 1]) != NULL;
  strcat(strcat(label, hint), is_sentence ? " " : ": ");
}

/* Whether this is a recovery code rather than the app's: far longer, with blanks and dashes anywhere. */
static bool is_recovery_code(const struct question *question, const char *answer) {
  size_t count = 0;
  if (strcmp(question->word, "totp") != 0) return false;
  for (; *answer != '\0'; answer++) {
    char upper = (char)(*answer & ~0x20);
    if (*answer == ' ' || *answer == '-') continue;
    if (!(*answer >= '0' && *answer <= '9') && !(upper >= 'A' && upper <= 'Z')) return false;
    count++;
  }
  return count == RECOVERY_CHARACTERS;
}

/* What cannot stand on a line was not right: it goes as an empty answer, and counts like any other wrong one. */
static void put_answer(struct visit *visit, const struct question *question, const char *answer) {
  exchange_begin(&visit->exchange, is_recovery_code(question, answer) ? "RECOVERY" : question->verb);
  exchange_add_answer(&visit->exchange, exchange_can_answer(answer, question->is_text) ? answer : "");
}

/* Uses the password that a module before this one has asked for, once. */
static bool put_first_pass(struct visit *visit, const struct question *question) {
  bool is_wanted = visit->options.try_first_pass || visit->options.use_first_pass;
  if (!question->is_password || !is_wanted || visit->is_first_pass_used) return false;
  visit->is_first_pass_used = true;
  const char *password = visit_item(visit, PAM_AUTHTOK);
  if (password[0] == '\0') return false;
  put_answer(visit, question, password);
  return true;
}

static int put_typed(struct visit *visit, const struct question *question, const struct reply *reply) {
  char label[PROMPT_MAX_BYTES], *answer;
  make_label(visit, question, reply, label);
  bool is_hidden = question->is_hidden || !reply_field_is(reply, "echo", "on");
  /* Not PAM_AUTHINFO_UNAVAIL: whoever tries to get in must not choose it. */
  if (prompt_ask(visit->pamh, label, is_hidden, &answer) != PAM_SUCCESS) return PAM_AUTH_ERR;
  bool is_empty = answer[0] == '\0';
  if (is_empty && offers_first_login(visit, question))
    visit_request_flow(visit, "FIRST");
  else if (is_empty && strcmp(question->word, "code") == 0)
    exchange_begin(&visit->exchange, "AGAIN");
  else
    put_answer(visit, question, answer);
  prompt_forget(answer);
  return PAM_SUCCESS;
}

static int take_answer(struct visit *visit, const struct question *question, const struct reply *reply) {
  /* It was told that this cannot be shown here. */
  if (question->is_set_up && visit->options.no_enrol) return visit_garbled(visit);
  if (put_first_pass(visit, question)) return PAM_SUCCESS;
  if (question->is_password && visit->options.use_first_pass) return PAM_AUTH_ERR;
  return put_typed(visit, question, reply);
}

int flow_walk(struct visit *visit, const char *verb, const char *goal) {
  visit_request_flow(visit, verb);
  for (int questions = 0; questions <= QUESTIONS_MAX; questions++) {
    struct reply reply;
    if (!exchange_ask(&visit->exchange, &reply, NULL, NULL)) return visit_fault(visit);
    bool is_first_enrol =
        reply.kind == REPLY_ASK && strcmp(reply.word, "enrol") == 0 && !reply_field_is(&reply, "refused", "wrong");
    if (is_first_enrol && !visit->options.no_enrol && !show_secret(visit, &reply)) return visit_fault(visit);
    /* An OK to which nobody has answered a question would be no sign-in. */
    if (reply.kind != REPLY_ASK) return visit_end(visit, &reply, questions > 0 ? goal : NULL);
    const struct question *question = find_question(reply.word);
    if (question == NULL) return visit_garbled(visit);
    int code = take_answer(visit, question, &reply);
    if (code != PAM_SUCCESS) return code;
  }
  return visit_garbled(visit);
}
