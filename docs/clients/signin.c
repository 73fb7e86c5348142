/* Signs a person in: signin LOGIN. Exits with 0 (signed in), 1 (refused) or 2 (anything else). cc -o signin signin.c */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const char *path = getenv("DRAWBRIDGE_SOCKET") ? getenv("DRAWBRIDGE_SOCKET") : "/run/drawbridge/signin.sock";
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char line[4200] = "SIGNIN ", reply[4200], *next = line + 7, *text;
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int daemon = socket(AF_UNIX, SOCK_STREAM, 0), isGreeting = 1;
  if (argc != 2 || strlen(argv[1]) > 1000 || connect(daemon, (struct sockaddr *)&address, sizeof address)) return 2;
  FILE *in = fdopen(daemon, "r"), *out = fdopen(dup(daemon), "w");
  for (char *c = argv[1]; *c; c++) next += sprintf(next, "%%%02X", (unsigned char)*c);
  strcpy(next, " service=example\n");
  while (fgets(reply, sizeof reply, in)) {
    if ((text = strstr(reply, " :"))) fputs(text + 2, stderr);
    if (*reply == '*') continue;
    if (!strncmp(reply, "ASK ", 4)) {
      char *word = strtok(reply + 4, " \n"), *rest = strtok(NULL, ":");
      struct termios shown, hidden;
      int isHidden = rest && strstr(rest, "echo=off") && !tcgetattr(0, &shown);
      if (isHidden) hidden = shown, hidden.c_lflag &= ~ECHO, tcsetattr(0, TCSAFLUSH, &hidden);
      for (next = line; *word; word++) *next++ = toupper((unsigned char)*word);
      *next++ = ' ';
      char *typed = fgets(next, 4000, stdin);
      if (isHidden) tcsetattr(0, TCSAFLUSH, &shown);
      if (!typed) return 2;
      if (!strchr(next, '\n')) strcat(next, "\n");
    } else if (!strncmp(reply, "LATER ", 6)) sleep(strstr(reply, "after=") ? atoi(strstr(reply, "after=") + 6) : 1);
    else if (!isGreeting) return !strncmp(reply, "OK ", 3) ? 0 : !strncmp(reply, "NO ", 3) ? 1 : 2;
    isGreeting = fputs(line, out) < 0 || fflush(out);
  }
  return 2;
}
