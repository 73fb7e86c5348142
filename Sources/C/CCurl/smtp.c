#include "smtp.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(((struct smtp_outcome *)0)->text) >= CURL_ERROR_SIZE, "libcurl writes up to CURL_ERROR_SIZE");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global = CURLE_FAILED_INIT;

static void prepare(void) { global = curl_global_init(CURL_GLOBAL_DEFAULT); }

struct cursor {
  const uint8_t *bytes;
  size_t left;
};

static size_t next_bytes(char *buffer, size_t size, size_t count, void *state) {
  struct cursor *cursor = state;
  size_t room = size * count;
  size_t taken = cursor->left < room ? cursor->left : room;
  memcpy(buffer, cursor->bytes, taken);
  cursor->bytes += taken;
  cursor->left -= taken;
  return taken;
}

static size_t swallow(char *bytes, size_t size, size_t count, void *state) {
  (void)bytes, (void)state;
  return size * count;
}

/// The first refused option ends the preparation: a transfer never runs with half of its settings.
static CURLcode configure(CURL *curl, const struct smtp_request *request, struct cursor *cursor,
                          struct curl_slist *recipients, char *text) {
#define SET(option, value) \
  do { \
    CURLcode code = curl_easy_setopt(curl, option, value); \
    if (code != CURLE_OK) return code; \
  } while (0)
  SET(CURLOPT_ERRORBUFFER, text);
  SET(CURLOPT_NOSIGNAL, 1L);  // signals belong to the process, which ignores SIGPIPE
  SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  SET(CURLOPT_PROXY, "");  // not whatever ALL_PROXY says
  SET(CURLOPT_URL, request->url);
  SET(CURLOPT_TIMEOUT_MS, request->timeout_ms);
  SET(CURLOPT_CONNECTTIMEOUT_MS, request->timeout_ms);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  switch (request->tls) {
    case SMTP_TLS_NEVER: SET(CURLOPT_USE_SSL, (long)CURLUSESSL_NONE); break;
    case SMTP_TLS_OPPORTUNISTIC:
      SET(CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
      if (request->ca_file == NULL) {
        SET(CURLOPT_SSL_VERIFYPEER, 0L);
        SET(CURLOPT_SSL_VERIFYHOST, 0L);
      }
      break;
    case SMTP_TLS_REQUIRED: SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL); break;
  }
  if (request->ca_file) SET(CURLOPT_CAINFO, request->ca_file);
  if (request->user) SET(CURLOPT_USERNAME, request->user);
  if (request->password) SET(CURLOPT_PASSWORD, request->password);
  SET(CURLOPT_MAIL_FROM, request->sender);
  SET(CURLOPT_MAIL_RCPT, recipients);
  SET(CURLOPT_UPLOAD, 1L);
  SET(CURLOPT_READFUNCTION, next_bytes);
  SET(CURLOPT_READDATA, cursor);
  SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->length);
  SET(CURLOPT_WRITEFUNCTION, swallow);
  if (request->only_greets) SET(CURLOPT_CONNECT_ONLY, 1L);
#undef SET
  return CURLE_OK;
}

static bool is_refusal(CURLcode code, long response) {
  switch (code) {
    case CURLE_LOGIN_DENIED: return !(response >= 400 && response < 500);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_USE_SSL_FAILED:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_BAD_FUNCTION_ARGUMENT: return true;
    default: return response >= 500 && response < 600;
  }
}

void smtp_send(const struct smtp_request *request, struct smtp_outcome *outcome) {
  *outcome = (struct smtp_outcome){.code = CURLE_FAILED_INIT};
  pthread_once(&once, prepare);
  CURL *curl = global == CURLE_OK ? curl_easy_init() : NULL;
  struct curl_slist *recipients = curl_slist_append(NULL, request->recipient);
  struct cursor cursor = {request->bytes, request->length};
  CURLcode code = CURLE_OUT_OF_MEMORY;
  if (curl != NULL && recipients != NULL) {
    code = configure(curl, request, &cursor, recipients, outcome->text);
    if (code == CURLE_OK) code = curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &outcome->response);
    outcome->refused = code != CURLE_OK && is_refusal(code, outcome->response);
  }
  outcome->code = (int)code;
  if (outcome->text[0] == '\0' && code != CURLE_OK)
    snprintf(outcome->text, sizeof outcome->text, "%s", curl_easy_strerror(code));
  curl_slist_free_all(recipients);
  if (curl != NULL) curl_easy_cleanup(curl);
}
