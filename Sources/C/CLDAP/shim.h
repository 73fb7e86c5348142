// libldap as Swift can see it: its macros with casts are not imported, and a few calls take pointers to pointers.
#pragma once
#include <lber.h>
#include <ldap.h>
#include <openldap.h>
#include <string.h>

/// One value list of a MODIFY or an ADD. `values` ends with NULL; nothing is copied.
static inline LDAPMod cldap_mod(int operation, char *type, struct berval **values) {
  LDAPMod mod;
  mod.mod_op = operation | LDAP_MOD_BVALUES;
  mod.mod_type = type;
  mod.mod_bvalues = values;
  return mod;
}

static inline int cldap_set_int(LDAP *ld, int option, int value) { return ldap_set_option(ld, option, &value); }
static inline int cldap_set_string(LDAP *ld, int option, const char *value) { return ldap_set_option(ld, option, value); }
static inline int cldap_switch_off(LDAP *ld, int option) { return ldap_set_option(ld, option, LDAP_OPT_OFF); }
/* A macro that adds two others. */
enum { CLDAP_TLS_1_2 = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2 };

/// Whether libldap's TLS is GnuTLS, as in Debian.
static inline int cldap_has_gnutls(void) {
  char *package = NULL;
  if (ldap_get_option(NULL, LDAP_OPT_X_TLS_PACKAGE, &package) != LDAP_OPT_SUCCESS || package == NULL) return 0;
  int is_gnutls = strcmp(package, "GnuTLS") == 0;
  ldap_memfree(package);
  return is_gnutls;
}

static inline int cldap_result_code(LDAP *ld) {
  int code = LDAP_OTHER;
  ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code);
  return code;
}
