"""The disk of slapd's database is full: LATER, never "wrong", and nothing is half there; then there is room, and service."""
import sys
sys.path.insert(0, "/opt/test/inside")

import errno
import fcntl
import pathlib
import subprocess

from account import Account
from directory import accounts, suffix, tries
from house import measured, run, unit
from invariants import complete
from line import ADMIN, Line
from prepare import modified

DATABASE, DISK = pathlib.Path("/var/lib/ldap"), pathlib.Path("/var/tmp/disk")
ROOM = 4 << 20


def fill(filler):
    # Unbuffered: what a buffer still held would be written once more, and fail, as the file is closed.
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.tell() < 16 * ROOM:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC, error
            return
    raise AssertionError("the disk is not one that becomes full")


def reader():
    """Who reads the database and is slow: of what changes meanwhile, slapd cannot use the old pages again."""
    process = subprocess.Popen(["slapcat", "-b", suffix()], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    process.stdout.read(1)
    return process


def exhausted():
    """Small changes by another hand, until there is no page for one more; how many there were."""
    base = suffix()
    for number in range(500):
        try:
            modified(base, f"dn: uid={jane.name},ou=people,{base}\nchangetype: modify\nreplace: description\n"
                           f"description: {number}\n")
        except AssertionError as reason:
            assert "(80)" in str(reason), reason
            return number
    raise AssertionError("there is always a page for one more change")


def invited(name):
    with Line(ADMIN) as admin:
        return admin.ask(f"INVITE {name}@example.org uid={name} cn={'x' * 1000} sn=Doe")


def while_full():
    """What clients hear while nothing can be written."""
    replies = [invited(f"full{number}") for number in range(20)]
    with Line() as line:
        line.expect(f"SIGNIN {jane.login}", "ASK password")
        replies.append(line.ask("PASSWORD Wr0ng-Enough"))
    code = jane.code()
    with Line() as line:
        line.expect(f"SIGNIN {jane.login}", "ASK password")
        replies.append(line.ask(f"PASSWORD {jane.password}"))
        if replies[-1].startswith("ASK totp refused"):
            raise AssertionError(replies)
        if replies[-1].startswith("ASK totp"):
            # One who says "signed in" now forgets that the code was used.
            replies[-1] = line.ask(f"TOTP {code}")
    assert all(reply.startswith("LATER") for reply in replies), replies
    # Nor is it used now.
    jane.used -= 1
    return replies


def nothing_half():
    found = accounts()
    for login, entry in found.items():
        complete(login, entry)
    assert "drawbridgetotpsecret" in found[jane.login], found[jane.login]
    for name in ("drawbridgePasswordTries", "drawbridgeOTPTries"):
        assert tries(found[jane.login], name) == 0, found[jane.login]
    return found


jane = Account("diskfull")
jane.invite()
jane.enrol()
# Enough for a reader to be in the midst of.
for number in range(20):
    assert invited(f"there{number}").startswith("OK invited")
pid = unit("drawbridged.service", "MainPID")["MainPID"]
run("systemctl", "stop", "slapd")
size = sum(path.stat().st_blocks * 512 for path in DATABASE.iterdir())
DISK.mkdir(exist_ok=True)
run("mount", "-t", "tmpfs", "-o", f"size={size + ROOM}", "tmpfs", str(DISK))
try:
    run("cp", "-a", f"{DATABASE}/.", str(DISK))
    run("chown", "--reference", str(DATABASE), str(DISK))
    run("mount", "--bind", str(DISK), str(DATABASE))
    try:
        run("systemctl", "start", "slapd")
        server = unit("slapd.service", "MainPID")["MainPID"]
        jane.sign_in()
        slow = reader()
        try:
            fill(DISK / "filler")
            changes = exhausted()
            replies = while_full()
            assert slow.poll() is None, "the reader came to its end"
        finally:
            slow.kill()
            slow.communicate()
        before = nothing_half()
        assert not any(login.startswith("full") for login in before), sorted(before)
        (DISK / "filler").unlink()
        jane.sign_in()
        assert invited("room").startswith("OK invited")
        nothing_half()
        assert unit("slapd.service", "MainPID")["MainPID"] == server, "slapd was started anew"
        measured(f"full after {changes} more changes: {len(replies)} requests, each LATER, nothing half; with room: signed in")
    finally:
        run("systemctl", "stop", "slapd")
        run("umount", str(DATABASE))
    run("cp", "-a", f"{DISK}/.", str(DATABASE))
finally:
    run("umount", str(DISK))
    run("systemctl", "start", "slapd")
jane.sign_in()
assert unit("drawbridged.service", "MainPID")["MainPID"] == pid, "the daemon was started anew"
