"""The disk of slapd's database is full: LATER, and no half entry; then there is room, and people sign in."""
import sys
sys.path.insert(0, "/opt/test/inside")

import pathlib

from account import Account
from directory import accounts
from house import measured, run, unit
from line import ADMIN, Line

DATABASE, DISK = pathlib.Path("/var/lib/ldap"), pathlib.Path("/var/tmp/disk")
ANSWERS = 40

jane = Account("diskfull")
jane.invite()
jane.enrol()
pid = unit("drawbridged.service", "MainPID")["MainPID"]
run("systemctl", "stop", "slapd")
size = sum(path.stat().st_blocks * 512 for path in DATABASE.iterdir())
DISK.mkdir(exist_ok=True)
run("mount", "-t", "tmpfs", "-o", f"size={size + (1 << 20)}", "tmpfs", str(DISK))
try:
    run("cp", "-a", "--sparse=always", f"{DATABASE}/.", str(DISK))
    run("chown", "--reference", str(DATABASE), str(DISK))
    run("mount", "--bind", str(DISK), str(DATABASE))
    try:
        run("systemctl", "start", "slapd")
        jane.sign_in()
        filler = DISK / "filler"
        with open(filler, "wb") as file:
            try:
                while True:
                    file.write(bytes(4096))
                    file.flush()
            except OSError:
                pass
        replies = []
        for number in range(ANSWERS):
            with Line(ADMIN) as admin:
                replies.append(admin.ask(f"INVITE full{number}@example.org uid=full{number} cn={'x' * 1000} sn=Doe"))
        later = [reply for reply in replies if reply.startswith("LATER")]
        assert all(reply.startswith(("LATER", "OK invited")) for reply in replies), replies
        assert later, f"the disk was not full: {replies[-1]}"
        with Line() as line:
            replies = [line.ask(f"SIGNIN {jane.login}")]
            replies.append(line.ask(f"PASSWORD {jane.password}"))
            if replies[-1].startswith("ASK totp"):
                replies.append(line.ask(f"TOTP {jane.code()}"))
        assert replies[-1].startswith(("LATER", "OK signed-in")) and "refused" not in replies[-1], replies
        found = accounts()
        assert "userpassword" in found[jane.login] and "drawbridgetotpsecret" in found[jane.login]
        for login, entry in found.items():
            if login.startswith("full"):
                assert "drawbridgeinvitedtime" in entry, f"{login} is half there: {entry}"
        filler.unlink()
        jane.sign_in()
        with Line(ADMIN) as admin:
            admin.expect("INVITE room@example.org uid=room cn=Room sn=Doe", "OK invited")
        measured(f"full: {len(later)} of {ANSWERS} invitations LATER, a sign-in {replies[-1].split(' ')[0]}; with room: signed in")
    finally:
        run("systemctl", "stop", "slapd")
        run("umount", str(DATABASE))
    run("cp", "-a", "--sparse=always", f"{DISK}/.", str(DATABASE))
finally:
    run("umount", str(DISK))
    run("systemctl", "start", "slapd")
jane.sign_in()
assert unit("drawbridged.service", "MainPID")["MainPID"] == pid, "the daemon was started anew"
