#!/usr/bin/env python3
"""Signs a person in: signin.py LOGIN. Exits with 0 (signed in), 1 (refused) or 2 (anything else)."""
import getpass, os, socket, sys, time, urllib.parse

connection = socket.socket(socket.AF_UNIX)
connection.settimeout(60)
try:
    connection.connect(os.environ.get("DRAWBRIDGE_SOCKET", "/run/drawbridge/signin.sock"))
except OSError as error:
    sys.exit(print(error, file=sys.stderr) or 2)
lines = connection.makefile("rw", encoding="utf-8", newline="\n")


def hear():
    """The next reply: its kind, its word, its fields, and its text. Items before it are shown."""
    while True:
        line = lines.readline()
        if not line.endswith("\n"):
            sys.exit(print("The daemon is not there.", file=sys.stderr) or 2)
        head, _, text = line.rstrip("\n").partition(" :")
        text and print(text, file=sys.stderr)
        kind, *words = head.split(" ")
        if kind != "*":
            return kind, words[0], dict(word.split("=", 1) for word in words[1:])


hear()
line = f"SIGNIN {urllib.parse.quote(sys.argv[1], safe='')} service=example"
while True:
    lines.write(line + "\n")
    lines.flush()
    kind, word, fields = hear()
    if kind == "ASK":
        hidden = fields.get("echo") == "off" and sys.stdin.isatty()
        typed = getpass.getpass("") + "\n" if hidden else sys.stdin.readline() or sys.exit(2)
        line = f"{word.upper()} {typed.removesuffix(chr(10))}"
    elif kind == "LATER":
        time.sleep(int(fields["after"]))
    else:
        sys.exit({"OK": 0, "NO": 1}.get(kind, 2))
