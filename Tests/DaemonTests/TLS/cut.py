"""Connects many times and goes on as no client should: python3 cut.py PORT AUTHORITY."""
import random
import socket
import ssl
import sys

PORT, AUTHORITY = int(sys.argv[1]), sys.argv[2]
RANDOM = random.Random(4711)


def connect():
    return socket.create_connection(("127.0.0.1", PORT), timeout=30)


def client():
    """A client whose bytes pass through memory, so that each can be held back or changed."""
    context = ssl.create_default_context(cafile=AUTHORITY)
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    return context.wrap_bio(received, sent, server_hostname="localhost"), received, sent


def step(tls):
    try:
        tls.do_handshake()
        return True
    except ssl.SSLWantReadError:
        return False


def drain(connection):
    try:
        while connection.recv(4096):
            pass
    except OSError:
        pass


def hello():
    tls, _, sent = client()
    step(tls)
    return sent.read()


def shaken(connection):
    tls, received, sent = client()
    while not step(tls):
        connection.sendall(sent.read())
        received.write(connection.recv(65536))
    connection.sendall(sent.read())
    return tls, sent


bytes_of_hello = hello()
for round in range(60):  # cut off
    with connect() as connection:
        connection.sendall(bytes_of_hello[: RANDOM.randrange(len(bytes_of_hello))])
for round in range(60):  # changed
    with connect() as connection:
        changed = bytearray(bytes_of_hello)
        changed[RANDOM.randrange(len(changed))] ^= 1 << RANDOM.randrange(8)
        connection.sendall(changed)
        connection.shutdown(socket.SHUT_WR)
        drain(connection)
for round in range(60):  # the end in the midst, noise behind it, and every way to close
    connection = connect()
    tls, sent = shaken(connection)
    tls.write(b"PING\nSIGNIN a@b.example\nPASSWORD x\n"[: RANDOM.randrange(36)])
    record = sent.read()
    kind = round % 6
    if kind == 0:
        connection.sendall(record[: RANDOM.randrange(len(record) + 1)])
    elif kind == 1:
        connection.sendall(record + RANDOM.randbytes(200))
    elif kind == 2:
        try:
            tls.unwrap()
        except ssl.SSLError:
            pass
        connection.sendall(record + sent.read())
        drain(connection)
    elif kind == 3:
        connection.sendall(record)
        connection.shutdown(socket.SHUT_WR)
        drain(connection)
    elif kind == 4:
        try:
            tls.unwrap()
        except ssl.SSLError:
            pass
        connection.sendall(record + sent.read() + record)
    else:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.sendall(record)
    connection.close()
