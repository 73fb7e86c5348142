// libargon2 as Swift can see it: its context takes mutable pointers to what it only reads.
#pragma once
#include <argon2.h>

struct cargon2_bytes {
  const void *start;
  uint32_t count;
};

/// RFC 9106, section 3, in the calling thread alone: how many hashes run at once is the caller's decision.
/// Writes `tag_count` bytes to `tag` and returns ARGON2_OK, or an error of libargon2.
static inline int cargon2_hash(argon2_type type, uint32_t version, uint32_t memory_kib, uint32_t passes, uint32_t lanes,
                               struct cargon2_bytes password, struct cargon2_bytes salt, struct cargon2_bytes secret,
                               struct cargon2_bytes data, uint8_t *tag, uint32_t tag_count) {
  argon2_context context = {
      .out = tag,
      .outlen = tag_count,
      .pwd = (uint8_t *)password.start,
      .pwdlen = password.count,
      .salt = (uint8_t *)salt.start,
      .saltlen = salt.count,
      .secret = (uint8_t *)secret.start,
      .secretlen = secret.count,
      .ad = (uint8_t *)data.start,
      .adlen = data.count,
      .t_cost = passes,
      .m_cost = memory_kib,
      .lanes = lanes,
      .threads = 1,
      .version = version,
      .flags = ARGON2_DEFAULT_FLAGS,
  };
  return argon2_ctx(&context, type);
}
