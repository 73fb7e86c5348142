"""A client of the line protocol."""
import base64
import hashlib
import hmac
import socket
import struct
import time
import urllib.parse

SIGNIN, ADMIN = "/run/drawbridge/signin.sock", "/run/drawbridge/admin.sock"
PERIOD = 30


class Gone(Exception):
    """The connection ended before the reply."""


class Refused(Exception):
    """Nobody listened."""


class Line:
    """A connection; `greeted` is false until the daemon has spoken."""

    def __init__(self, path=SIGNIN, seconds=40):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
        self.kept = b""
        try:
            self.socket.connect(path)
        except OSError as error:
            self.socket.close()
            raise Refused(f"{path}: {error}") from None
        self.greeting = self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def reply(self):
        while True:
            while b"\n" not in self.kept:
                try:
                    more = self.socket.recv(65536)
                except OSError as error:
                    raise Gone(str(error)) from None
                if not more:
                    raise Gone("end of file")
                self.kept += more
            line, _, self.kept = self.kept.partition(b"\n")
            if not line.startswith(b"* "):
                return line.decode()

    def ask(self, line):
        """The reply to a line; its items are passed over."""
        try:
            self.socket.sendall(line.encode() + b"\n")
        except OSError as error:
            raise Gone(str(error)) from None
        return self.reply()

    def expect(self, line, beginning):
        reply = self.ask(line)
        assert reply.startswith(beginning), f"{line.split()[0]}: {reply}, not {beginning}"
        return reply


def fields(reply):
    words = reply.split(" :")[0].split()
    return {name: urllib.parse.unquote(value) for name, _, value in (word.partition("=") for word in words if "=" in word)}


def step():
    return int(time.time()) // PERIOD


def totp(secret, at):
    """The six digits of a time step (RFC 6238, SHA-1)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", at), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7fffffff) % 1000000:06d}"


def awaited(condition, what, seconds=60):
    """The first value of `condition` that is true; Gone and Refused are not."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = condition()
            if value:
                return value
        except (Gone, Refused):
            pass
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)
