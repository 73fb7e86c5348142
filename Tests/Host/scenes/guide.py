"""The user guide, from a client on the host: first login, sign-in, forgotten password, a year away, back again."""
import sys
sys.path.insert(0, "/opt/test/inside")

import time

from account import Account
from directory import accounts, suffix
from house import measured, run
from line import ADMIN, Line
from prepare import modified

began = time.monotonic()
john = Account("jdoe")
print("   " + run("drawbridge", "user", "invite", john.login, "--uid", "jdoe", "--cn", "John Doe", "--sn", "Doe"))
john.enrol()
john.sign_in()
with Line() as line:
    line.expect(f"FORGOT {john.login}", "ASK totp")
    line.expect(f"TOTP {john.code()}", "ASK new-password")
    line.expect("NEW-PASSWORD N3w-Password", "ASK confirm-password")
    line.expect("CONFIRM-PASSWORD N3w-Password", "OK password-changed")
john.password = "N3w-Password"

then = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() - 366 * 86400))
modified(suffix(), f"""dn: uid=jdoe,ou=people,{suffix()}
changetype: modify
replace: drawbridgeIdleSince
drawbridgeIdleSince: {then[:8]}000000Z
-
replace: drawbridgeLastSignIn
drawbridgeLastSignIn: {then}
""")
with Line(ADMIN) as admin:
    swept = admin.expect("SWEEP force", "OK swept")
assert "deactivated=1" in swept, swept
assert "drawbridgedeactivatedtime" in accounts()[john.login]
with Line() as line:
    line.expect(f"SIGNIN {john.login}", "ASK password")
    line.expect(f"PASSWORD {john.password}", "NO deactivated")
print("   " + run("drawbridge", "user", "reactivate", john.login))
john.sign_in()
assert "drawbridgedeactivatedtime" not in accounts()[john.login]
measured(f"the guide, lived in {time.monotonic() - began:.0f} s")
