"""`systemctl reload` once a second under clients: nobody is refused or cut off, and it is the same daemon."""
import sys
sys.path.insert(0, "/opt/test/inside")

import threading

from account import Account
from house import SHORT, measured, run, unit
from line import Gone, Line, Refused

RELOADS = 5 if SHORT else 30
jane = Account("reloads")
jane.invite()
jane.enrol()
over, faults, flows = threading.Event(), [], [0]


def live(number):
    while not over.is_set():
        try:
            with Line() as line:
                # Kept open for longer than from one reload to the next.
                line.expect(f"SIGNIN nobody{number}@example.org", "ASK password")
                over.wait(1.3)
                line.expect("CANCEL", "OK cancelled")
                flows[0] += 1
        except (Gone, Refused, AssertionError) as reason:
            faults.append(str(reason))
            over.wait(0.5)


pid = unit("drawbridged.service", "MainPID")["MainPID"]
threads = [threading.Thread(target=live, args=(number,)) for number in range(20)]
for thread in threads:
    thread.start()
try:
    for _ in range(RELOADS):
        run("systemctl", "reload", "drawbridged.service", seconds=60)
        over.wait(1)
    jane.sign_in()
finally:
    over.set()
    for thread in threads:
        thread.join(60)
measured(f"{RELOADS} reloads under {len(threads)} clients: {flows[0]} flows, {len(faults)} faults")
assert not faults, faults[:5]
assert flows[0], "nothing was under way"
assert unit("drawbridged.service", "MainPID")["MainPID"] == pid, "the daemon was started anew"
