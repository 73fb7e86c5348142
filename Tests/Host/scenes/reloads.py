"""`systemctl reload` once a second under clients: nobody is refused or cut off, and it is the same daemon.

Each reload brings another text, which is awaited; each third is of a file that is wrong, and changes nothing.
"""
import sys
sys.path.insert(0, "/opt/test/inside")

import os
import threading

from account import Account
from house import CONFIGURATION, SHORT, measured, run, unit
from line import ADMIN, Gone, Line, Refused, awaited, fields

RELOADS, CLIENTS = 6 if SHORT else 60, 20
jane = Account("reloads")
jane.invite()
jane.enrol()
over, faults, flows = threading.Event(), [], [0] * CLIENTS


def live(number):
    while not over.is_set():
        try:
            with Line() as line:
                # Kept open for longer than from one reload to the next.
                line.expect(f"SIGNIN nobody{number}@example.org", "ASK password")
                over.wait(1.3)
                line.expect("CANCEL", "OK cancelled")
                flows[number] += 1
        except (Gone, Refused, AssertionError) as reason:
            faults.append(str(reason))
            over.wait(0.5)


def write(text):
    fresh, held = CONFIGURATION.with_suffix(".fresh"), CONFIGURATION.stat()
    fresh.write_text(text)
    os.chown(fresh, held.st_uid, held.st_gid)
    fresh.chmod(held.st_mode & 0o777)
    fresh.rename(CONFIGURATION)


def contact():
    with Line() as line:
        return fields(line.expect("SUPPORT", "OK")).get("contact")


def failed():
    with Line(ADMIN) as admin:
        return fields(admin.expect("STATUS", "OK status")).get("reload-failed")


pid = unit("drawbridged.service", "MainPID")["MainPID"]
original = CONFIGURATION.read_text()
assert "[texts]" not in original, original
threads = [threading.Thread(target=live, args=(number,)) for number in range(CLIENTS)]
for thread in threads:
    thread.start()
refused = 0
try:
    for turn in range(RELOADS):
        if turn % 3 == 2:
            write(f"{original}\n[texts]\ncontact = 7\n")
            run("systemctl", "reload", "drawbridged.service", seconds=60)
            awaited(failed, "the word that the configuration is wrong", 30)
            assert contact() == f"turn{turn - 1}", contact()
            refused += 1
        else:
            write(f"{original}\n[texts]\ncontact = \"turn{turn}\"\n")
            run("systemctl", "reload", "drawbridged.service", seconds=60)
            awaited(lambda: contact() == f"turn{turn}", f"the text of turn {turn}", 30)
            assert not failed(), failed()
        over.wait(1)
    jane.sign_in()
    write(original)
    run("systemctl", "reload", "drawbridged.service", seconds=60)
    awaited(lambda: contact() is None, "the configuration from before", 30)
finally:
    write(original)
    over.set()
    for thread in threads:
        thread.join(60)
measured(f"{RELOADS} reloads, {refused} of them of a wrong file, under {CLIENTS} clients: {sum(flows)} flows, {len(faults)} faults")
assert not faults, faults[:5]
assert all(flows), "a client did nothing"
assert unit("drawbridged.service", "MainPID")["MainPID"] == pid, "the daemon was started anew"
