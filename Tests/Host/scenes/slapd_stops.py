"""slapd is stopped and started: LATER meanwhile, never "wrong"; then service again, without a restart of the daemon."""
import sys
sys.path.insert(0, "/opt/test/inside")

import time

from account import Account
from directory import accounts, tries
from house import SHORT, measured, run, unit
from line import Line

jane = Account("slapdstops")
jane.invite()
jane.enrol()
pid = unit("drawbridged.service", "MainPID")["MainPID"]
for turn in range(1 if SHORT else 5):
    # Asked on a connection from before, on a new one, and in the midst of a flow.
    with Line() as before, Line() as amid:
        amid.expect(f"SIGNIN {jane.login}", "ASK password")
        run("systemctl", "stop", "slapd")
        replies = [amid.ask(f"PASSWORD {jane.password}")]
        for line in (before, Line()):
            replies.append(line.ask(f"SIGNIN {jane.login}"))
            if replies[-1].startswith("ASK"):
                replies.append(line.ask(f"PASSWORD {jane.password}"))
        assert all(reply.startswith(("LATER", "ASK password")) and "refused" not in reply for reply in replies), replies
        assert any(reply.startswith("LATER") for reply in replies), replies
        run("systemctl", "start", "slapd")
        began = time.monotonic()
    jane.sign_in()
    measured(f"while slapd was down: {len(replies)} replies, "
             f"{sum(reply.startswith('LATER') for reply in replies)} LATER; signed in {time.monotonic() - began:.1f} s after "
             "(a wait for the next code among it)")
assert tries(accounts()[jane.login], "drawbridgePasswordTries") == 0, "a try was counted"
assert unit("drawbridged.service", "MainPID")["MainPID"] == pid, "the daemon was started anew"
