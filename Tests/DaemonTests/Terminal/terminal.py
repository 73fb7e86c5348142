"""A terminal for a program under test, served over a Unix socket, one client, a line at a time:

  expect TEXT   waits until the program has shown TEXT since the last expect; answers what it has shown, as JSON
  type TEXT     types TEXT and the return key
  key HEX       types one byte
  echo          on or off: whether the terminal shows what is typed
  end           waits for the program's end; answers its status, negative for a signal

Usage: terminal.py SOCKET PROGRAM [ARGUMENT]...
"""
import fcntl, json, os, pty, select, signal, socket, subprocess, sys, termios, time

SECONDS = 30
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
client, _ = server.accept()
lines = client.makefile("r", encoding="utf-8")

master, slave = pty.openpty()


def take_terminal():
    # As a login shell would leave them: the tests' own threads block signals, and their shell ignores some.
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


program = subprocess.Popen(
    sys.argv[2:], stdin=slave, stdout=slave, stderr=slave, preexec_fn=take_terminal,
    env={**os.environ, "TERM": "xterm"})
shown = b""
position = 0


def watch(is_over, deadline):
    """Reads on until is_over() or the deadline."""
    global shown
    while True:
        ready, _, _ = select.select([master], [], [], 0.05)
        if ready:
            shown += os.read(master, 65536)
        elif is_over():
            return True
        if is_over() or time.monotonic() > deadline:
            return is_over()


for line in lines:
    verb, _, text = line.rstrip("\n").partition(" ")
    deadline = time.monotonic() + SECONDS
    if verb == "expect":
        found = watch(lambda: shown.find(text.encode(), position) >= 0, deadline)
        if found:
            position = shown.find(text.encode(), position) + len(text.encode())
        answer = json.dumps(shown.decode("utf-8", "replace")) if found else "timeout"
    elif verb == "type" or verb == "key":
        os.write(master, text.encode() + b"\r" if verb == "type" else bytes.fromhex(text))
        answer = "typed"
    elif verb == "echo":
        answer = "on" if termios.tcgetattr(slave)[3] & termios.ECHO else "off"
    elif verb == "end":
        watch(lambda: program.poll() is not None, deadline)
        answer = str(program.poll())
    else:
        answer = "what?"
    client.sendall(answer.encode() + b"\n")
program.kill()
