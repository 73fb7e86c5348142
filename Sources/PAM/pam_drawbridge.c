/* A PAM module (pam(3)) that asks drawbridged. It decides nothing: PAM_SUCCESS is the daemon's OK about the very user
   that the application named, and every fault is a refusal, never PAM_IGNORE. docs/pam.md has options and stacks. */
#include <security/pam_modules.h>

#include "flow.h"
#include "prompt.h"
#include "visit.h"

#define EXPORTED __attribute__((visibility("default")))

typedef int visitor(struct visit *visit);

static int pay_visit(visitor *visitor, pam_handle_t *pamh, int flags, int argc, const char **argv) {
  struct visit visit;
  int code = visit_begin(&visit, pamh, flags, argc, argv);
  if (code == PAM_SUCCESS) code = visit_open(&visit) ? visitor(&visit) : visit_fault(&visit);
  visit_leave(&visit);
  return code;
}

static int sign_in(struct visit *visit) { return flow_walk(visit, "SIGNIN", "signed-in"); }

EXPORTED int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv) {
  return pay_visit(sign_in, pamh, flags, argc, argv);
}

/* Asked of every login, also of one by a key of sshd, which never came by pam_sm_authenticate. */
static int check_account(struct visit *visit) {
  struct reply reply;
  visit_request(visit, "ACCOUNT");
  if (!exchange_ask(&visit->exchange, &reply, NULL, NULL)) return visit_fault(visit);
  return visit_end(visit, &reply, "active");
}

EXPORTED int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv) {
  return pay_visit(check_account, pamh, flags, argc, argv);
}

static int change_password(struct visit *visit) {
  /* What PAM calls AUTHTOK now is a new password, perhaps another module's. */
  visit->options.try_first_pass = visit->options.use_first_pass = false;
  /* The first of two calls (pam_sm_chauthtok(3)) asks whether it can be done: there is a daemon. */
  if (visit->flags & PAM_PRELIM_CHECK) return PAM_SUCCESS;
  int code = flow_walk(visit, "CHANGE", "password-changed");
  if (code == PAM_SUCCESS) prompt_tell(visit->pamh, visit->flags, PAM_TEXT_INFO, "Your password has been changed.");
  return code;
}

EXPORTED int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv) {
  return pay_visit(change_password, pamh, flags, argc, argv);
}

/* There are no credentials to set, and nothing to do about a session. Neither decides who may come in: a stack that
   asks for nothing else is PAM's to refuse (pam_setcred(3) goes the way that authentication went). */
#define NOTHING_TO_DO(name)                                                               \
  EXPORTED int name(pam_handle_t *pamh, int flags, int argc, const char **argv) {         \
    (void)pamh, (void)flags, (void)argc, (void)argv;                                      \
    return PAM_SUCCESS;                                                                   \
  }

NOTHING_TO_DO(pam_sm_setcred)
NOTHING_TO_DO(pam_sm_open_session)
NOTHING_TO_DO(pam_sm_close_session)
