/* The application's conversation (pam_conv(3)): what the user is shown and asked. */
#ifndef DRAWBRIDGE_PROMPT_H
#define DRAWBRIDGE_PROMPT_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stddef.h>

#define PROMPT_MAX_BYTES 512 /* PAM_MAX_MSG_SIZE */

/* Asks for a line. Whatever an application does wrong (no conversation, an error, no answer) is PAM_CONV_ERR.
   The answer, of any length and with any bytes, goes to prompt_forget(). */
int prompt_ask(pam_handle_t *pamh, const char *text, bool is_hidden, char **answer);

/* Shows a line: PAM_TEXT_INFO or PAM_ERROR_MSG. Nothing where the application wants silence, or cannot. */
void prompt_tell(pam_handle_t *pamh, int flags, int style, const char *text);

/* Wipes and frees an answer; NULL is none. */
void prompt_forget(char *answer);

/* Copies a text of the daemon so that it commands no terminal: no controls, no bidirectional ones, no broken UTF-8.
   Cut to fit between two characters. */
void prompt_clean(char *clean, size_t size, const char *text);

#endif
