/* An application of PAM with a scripted conversation, for tests of the module.

   converse [-r RHOST] [-s] [-d COUNT] [-a] [-t COUNT] [-w HEX] FOLDER SERVICE USER CALL...

   FOLDER holds the service's PAM file. CALL is authenticate, account, change, credentials, open or close.
   -s asks for silence, -d holds so many descriptors open, -a has a signal come every tenth of a millisecond,
   -t does it all on so many threads at once, -w counts where these bytes stand in memory before pam_end(3).
   Answers are lines of the standard input, one for each question:
     text ANSWER     the rest of the line
     hex 610a62      bytes
     times N         N times x
     null            an answer that is NULL
     none            success, and no answers at all
     fail            PAM_CONV_ERR
   Where there is none left, the conversation fails. Shown are, one a line, what the module said and how calls ended. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWERS_MAX 128
#define ANSWER_MAX_BYTES 16384
#define THREADS_MAX 64

static char answers[ANSWERS_MAX][ANSWER_MAX_BYTES];
static size_t answers_count;
static const char *remote_host, *folder, *service, *user, *wanted;
static char **calls;
static int flags;

static char *repeated(size_t count) {
  char *text = malloc(count + 1);
  memset(text, 'x', count);
  text[count] = '\0';
  return text;
}

static char *from_hexadecimal(const char *digits) {
  size_t count = strlen(digits) / 2;
  char *text = calloc(count + 1, 1);
  for (size_t i = 0; i < count; i++) {
    unsigned byte = 0;
    sscanf(digits + 2 * i, "%2x", &byte);
    text[i] = (char)byte;
  }
  return text;
}

static int ask(size_t *next, struct pam_response *response) {
  if (*next >= answers_count) return PAM_CONV_ERR;
  const char *answer = answers[(*next)++];
  if (strcmp(answer, "fail") == 0) return PAM_CONV_ERR;
  if (strncmp(answer, "text ", 5) == 0) response->resp = strdup(answer + 5);
  if (strncmp(answer, "hex ", 4) == 0) response->resp = from_hexadecimal(answer + 4);
  if (strncmp(answer, "times ", 6) == 0) response->resp = repeated((size_t)atol(answer + 6));
  return PAM_SUCCESS;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **responses, void *context) {
  static const char *names[] = {"?", "hidden", "shown", "error", "info"};
  size_t *next = context;
  bool is_none = false;
  struct pam_response *all = calloc((size_t)count, sizeof *all);
  for (int i = 0; i < count; i++) {
    int style = messages[i]->msg_style;
    printf("%s: %s\n", names[style >= 1 && style <= 4 ? style : 0], messages[i]->msg);
    if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON) continue;
    is_none = *next < answers_count && strcmp(answers[*next], "none") == 0;
    if (ask(next, &all[i]) == PAM_SUCCESS) continue;
    free(all);
    return PAM_CONV_ERR;
  }
  if (is_none) {
    free(all);
    return PAM_SUCCESS;
  }
  *responses = all;
  return PAM_SUCCESS;
}

static int call(pam_handle_t *pamh, const char *name) {
  if (strcmp(name, "authenticate") == 0) return pam_authenticate(pamh, flags);
  if (strcmp(name, "account") == 0) return pam_acct_mgmt(pamh, flags);
  if (strcmp(name, "change") == 0) return pam_chauthtok(pamh, flags);
  if (strcmp(name, "credentials") == 0) return pam_setcred(pamh, flags | PAM_ESTABLISH_CRED);
  if (strcmp(name, "open") == 0) return pam_open_session(pamh, flags);
  if (strcmp(name, "close") == 0) return pam_close_session(pamh, flags);
  exit(64);
}

static unsigned digit(char c) { return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10); }

/* How often the bytes stand in what this process may write. They are never written out here, but compared in
   hexadecimal, and the answers hold them in hexadecimal, too: whatever is found, the module or PAM has left. */
static int traces(const char *hex) {
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) exit(71);
  char line[512];
  size_t count = strlen(hex) / 2;
  int found = 0;
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long begin, end;
    if (sscanf(line, "%lx-%lx rw", &begin, &end) != 2 || strstr(line, " rw") == NULL) continue;
    for (const unsigned char *at = (unsigned char *)begin; at + count <= (unsigned char *)end; at++) {
      size_t same = 0;
      while (same < count && at[same] == (digit(hex[2 * same]) << 4 | digit(hex[2 * same + 1]))) same++;
      found += same == count;
    }
  }
  fclose(maps);
  return found;
}

static void *apply(void *result) {
  size_t next = 0;
  struct pam_conv conversation = {converse, &next};
  pam_handle_t *pamh = NULL;
  int code = pam_start_confdir(service, user, &conversation, folder, &pamh);
  if (code == PAM_SUCCESS && remote_host != NULL) code = pam_set_item(pamh, PAM_RHOST, remote_host);
  for (char **name = calls; code == PAM_SUCCESS && *name != NULL; name++) {
    code = call(pamh, *name);
    printf("%s: %d %s\n", *name, code, pam_strerror(pamh, code));
  }
  if (wanted != NULL) printf("traces: %d\n", traces(wanted));
  const void *now = NULL;
  if (pamh != NULL && pam_get_item(pamh, PAM_USER, &now) == PAM_SUCCESS && now != NULL) printf("user: %s\n", (char *)now);
  if (pamh != NULL) pam_end(pamh, code);
  *(int *)result = code;
  return NULL;
}

static void ignore(int number) { (void)number; }

static void storm(void) {
  struct sigaction action = {.sa_handler = ignore}; /* no SA_RESTART: every call is interrupted */
  sigaction(SIGALRM, &action, NULL);
  struct itimerval often = {.it_interval = {.tv_usec = 100}, .it_value = {.tv_usec = 100}};
  setitimer(ITIMER_REAL, &often, NULL);
}

static void hold_descriptors(int count) {
  if (count == 0) return; /* valgrind has some of its own, and lets nobody lower the limit below them */
  struct rlimit limit = {(rlim_t)count + 100, (rlim_t)count + 100};
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) exit(71);
  for (int i = 0; i < count; i++)
    if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) exit(71);
}

static int open_descriptors(void) {
  int count = 0;
  for (int i = 0; i < 8192; i++) count += fcntl(i, F_GETFD) >= 0;
  return count;
}

int main(int argc, char **argv) {
  int option, threads = 1, descriptors = 0;
  bool has_storm = false;
  while ((option = getopt(argc, argv, "+r:sd:at:w:")) != -1) switch (option) {
      case 'r': remote_host = optarg; break;
      case 's': flags = PAM_SILENT; break;
      case 'd': descriptors = atoi(optarg); break;
      case 'a': has_storm = true; break;
      case 'w': wanted = optarg; break;
      case 't': threads = atoi(optarg); break;
      default: return 64;
    }
  if (argc - optind < 4 || threads < 1 || threads > THREADS_MAX) return 64;
  folder = argv[optind], service = argv[optind + 1], user = argv[optind + 2], calls = argv + optind + 3;
  while (answers_count < ANSWERS_MAX && fgets(answers[answers_count], ANSWER_MAX_BYTES, stdin) != NULL) {
    answers[answers_count][strcspn(answers[answers_count], "\n")] = '\0';
    answers_count++;
  }
  hold_descriptors(descriptors);
  int before = open_descriptors();
  if (has_storm) storm();
  pthread_t runners[THREADS_MAX];
  int codes[THREADS_MAX] = {0}, worst = PAM_SUCCESS;
  for (int i = 0; i < threads; i++)
    if (pthread_create(&runners[i], NULL, apply, &codes[i]) != 0) return 71;
  /* The kernel prefers this thread, and the module is in the others. */
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &alarm, NULL);
  for (int i = 0; i < threads; i++) {
    pthread_join(runners[i], NULL);
    if (codes[i] != PAM_SUCCESS) worst = codes[i];
  }
  printf("left open: %d\n", open_descriptors() - before);
  return worst == PAM_SUCCESS ? 0 : 1;
}
