#include "prompt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reply.h"

static int talk(pam_handle_t *pamh, int style, const char *text, struct pam_response **response) {
  const void *item = NULL;
  if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL) return PAM_CONV_ERR;
  const struct pam_conv *conversation = item;
  if (conversation->conv == NULL) return PAM_CONV_ERR;
  const struct pam_message message = {.msg_style = style, .msg = text};
  const struct pam_message *messages = &message;
  int code = conversation->conv(1, &messages, response, conversation->appdata_ptr);
  return code == PAM_SUCCESS ? PAM_SUCCESS : PAM_CONV_ERR;
}

int prompt_ask(pam_handle_t *pamh, const char *text, bool is_hidden, char **answer) {
  *answer = NULL;
  struct pam_response *response = NULL;
  int code = talk(pamh, is_hidden ? PAM_PROMPT_ECHO_OFF : PAM_PROMPT_ECHO_ON, text, &response);
  /* What an application that failed left in `response` is not ours to touch. */
  if (code != PAM_SUCCESS || response == NULL) return PAM_CONV_ERR;
  *answer = response->resp;
  free(response);
  return *answer == NULL ? PAM_CONV_ERR : PAM_SUCCESS;
}

void prompt_tell(pam_handle_t *pamh, int flags, int style, const char *text) {
  if (flags & PAM_SILENT) return;
  struct pam_response *response = NULL;
  if (talk(pamh, style, text, &response) != PAM_SUCCESS || response == NULL) return;
  prompt_forget(response->resp);
  free(response);
}

void prompt_forget(char *answer) {
  if (answer == NULL) return;
  explicit_bzero(answer, strlen(answer));
  free(answer);
}

/* C1 (ISO/IEC 6429), and the controls of UAX #9 that turn a text around. */
static bool is_control(const unsigned char *bytes, size_t length) {
  if (length == 1) return bytes[0] < 0x20 || bytes[0] == 0x7f;
  if (length == 2) return bytes[0] == 0xc2 && bytes[1] < 0xa0;
  if (length != 3 || bytes[0] != 0xe2) return false;
  return (bytes[1] == 0x80 && bytes[2] >= 0xaa && bytes[2] <= 0xae) ||
         (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9);
}

void prompt_clean(char *clean, size_t size, const char *text) {
  size_t left = strlen(text), count = 0;
  while (left > 0) {
    size_t length = utf8_length(text, left);
    bool is_shown = length > 0 && !is_control((const unsigned char *)text, length);
    size_t step = length > 0 ? length : 1;
    if (is_shown) {
      if (count + length >= size) break;
      memcpy(clean + count, text, length);
      count += length;
    }
    text += step;
    left -= step;
  }
  clean[count] = '\0';
}
