"""The package is installed again under clients, removed and purged: nobody is refused, and the directory is untouched."""
import sys
sys.path.insert(0, "/opt/test/inside")

import glob
import hashlib
import os
import pathlib
import threading
import time

from account import Account
from directory import fingerprint
from house import CONFIGURATION, measured, run, unit
from line import Gone, Line, Refused

PACKAGES = sorted(glob.glob("/opt/test/packages/*.deb"))
KEYS = pathlib.Path("/etc/drawbridge/keys")
jane = Account("upgrade")
jane.invite()
jane.enrol()
ring = hashlib.sha256(KEYS.read_bytes()).hexdigest()
over, refused, lost, answered = threading.Event(), [], [], [0]


def live():
    while not over.is_set():
        try:
            with Line(seconds=60) as line:
                line.expect("PING", "OK pong")
                answered[0] += 1
        except Refused as reason:
            refused.append(str(reason))
        except Gone as reason:
            lost.append(str(reason))
        over.wait(0.02)


before = unit("drawbridged.service", "MainPID")["MainPID"]
threads = [threading.Thread(target=live) for _ in range(10)]
for thread in threads:
    thread.start()
try:
    run("dpkg", "-i", *PACKAGES, seconds=300)
    time.sleep(1)
finally:
    over.set()
    for thread in threads:
        thread.join(90)
measured(f"installed again under 10 clients: {answered[0]} answers, {len(refused)} refused, {len(lost)} lost")
assert not refused and not lost, (refused + lost)[:5]
assert unit("drawbridged.service", "MainPID")["MainPID"] != before, "an upgrade goes on with the old daemon"
jane.sign_in()

run("pam-auth-update", "--package", "--enable", "drawbridge")
for file in ("common-auth", "common-account", "common-password"):
    assert "pam_drawbridge.so" in run("cat", f"/etc/pam.d/{file}"), file
held = fingerprint()
run("dpkg", "-r", "libpam-drawbridge", "drawbridge", seconds=300)
for file in ("common-auth", "common-account", "common-password"):
    assert "pam_drawbridge.so" not in run("cat", f"/etc/pam.d/{file}"), f"{file} names a module that is gone"
assert not os.path.exists("/run/drawbridge/signin.sock"), "a socket that nobody serves"
assert CONFIGURATION.exists() and KEYS.exists()
said = run("dpkg", "-P", "libpam-drawbridge", "drawbridge", seconds=300)
assert hashlib.sha256(KEYS.read_bytes()).hexdigest() == ring, "the key ring is another"
assert "/etc/drawbridge" in said and "directory" in said, said
assert fingerprint() == held, "the directory changed"
assert not glob.glob("/usr/bin/drawbridge*") + glob.glob("/usr/sbin/drawbridge*")
measured("removed and purged: directory, key ring and configuration as they were")

run("dpkg", "-i", *PACKAGES, seconds=300)
assert hashlib.sha256(KEYS.read_bytes()).hexdigest() == ring, "the key ring was made anew"
jane.sign_in()
measured("installed once more: the authenticator from before signs in")
