"""journald is stopped, and its socket full: the daemon goes on answering."""
import sys
sys.path.insert(0, "/opt/test/inside")

import time

from account import Account
from house import SHORT, measured, run, unit
from line import Line

SOCKETS = ["systemd-journald.socket", "systemd-journald-dev-log.socket", "systemd-journald-audit.socket"]
# Enough lines for the socket to be full.
FLOWS = 3000 if SHORT else 10000

jane = Account("journalstops")
jane.invite()
jane.enrol()
pid = unit("drawbridged.service", "MainPID")["MainPID"]


def flows(what):
    began = time.monotonic()
    for number in range(FLOWS):
        # Each flow that ends is a line of the audit.
        with Line(seconds=20) as line:
            line.expect(f"SIGNIN nobody{number % 7}@example.org", "ASK password")
            line.expect("CANCEL", "OK cancelled")
    measured(f"{what}: {FLOWS} flows in {time.monotonic() - began:.1f} s")


# Frozen first: whoever writes to it without looking blocks as soon as its socket is full.
run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "systemd-journald.service")
try:
    flows("journald frozen")
finally:
    run("systemctl", "kill", "--kill-whom=main", "--signal=CONT", "systemd-journald.service")
run("systemctl", "stop", *SOCKETS, "systemd-journald.service", check=False)
try:
    flows("journald stopped")
    jane.sign_in()
finally:
    run("systemctl", "start", *SOCKETS, "systemd-journald.service", check=False)
state = unit("drawbridged.service", "MainPID", "NRestarts")
measured(f"the daemon is {'the same' if state['MainPID'] == pid else 'another'} process; {state['NRestarts']} restarts")
flows("journald again")
assert state["MainPID"] == pid, "the daemon was started anew"
