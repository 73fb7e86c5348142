// One message to one recipient by SMTP, blocking. libcurl's setters are variadic, which Swift cannot call,
// so the whole transfer stands behind one function.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum smtp_tls {
  SMTP_TLS_NEVER,
  SMTP_TLS_OPPORTUNISTIC,  // encrypted where offered, unauthenticated without ca_file (RFC 7435, section 3)
  SMTP_TLS_REQUIRED,       // STARTTLS, or TLS from the first byte with an smtps:// url; authenticated
};

/// Strings end in NUL; those marked optional may be NULL.
struct smtp_request {
  const char *_Nonnull url;        // smtp://host:port or smtps://host:port
  const char *_Nonnull sender;     // <address>
  const char *_Nonnull recipient;  // <address>
  const char *_Nullable user;      // optional
  const char *_Nullable password;  // optional
  const char *_Nullable ca_file;   // optional; the host's authorities otherwise
  enum smtp_tls tls;
  long timeout_ms;                 // for everything: look-up, connect, TLS, dialogue
  const uint8_t *_Nonnull bytes;   // headers, blank line, body; every line ends in CRLF
  size_t length;
  bool only_greets;                // connect, TLS and login, and no message
};

struct smtp_outcome {
  int code;       // CURLcode; 0 is success
  long response;  // the server's last reply code, 0 when there was none
  bool refused;   // trying again cannot help: a login, a certificate or a setting is wrong
  char text[256]; // libcurl's words, never NULL, no credentials
};

void smtp_send(const struct smtp_request *_Nonnull request, struct smtp_outcome *_Nonnull outcome);
