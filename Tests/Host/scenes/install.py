"""The packages go in, the directory is prepared, and the service is up in its sandbox."""
import sys
sys.path.insert(0, "/opt/test/inside")

import glob
import pathlib
import time

from house import CONFIGURATION, MAIL, measured, run, unit
from line import Line, awaited
from prepare import prepare

began = time.monotonic()
run("dpkg", "-i", *sorted(glob.glob("/opt/test/packages/*.deb")), seconds=300)
measured(f"dpkg -i: {time.monotonic() - began:.1f} s")

ring = pathlib.Path("/etc/drawbridge/keys")
assert oct(ring.stat().st_mode & 0o777) == "0o600", oct(ring.stat().st_mode)
assert ring.owner() == "drawbridge", ring.owner()
for name in ("drawbridged.service", "drawbridged.socket", "drawbridged-admin.socket"):
    state = unit(name, "UnitFileState", "ActiveState")
    assert state == {"UnitFileState": "enabled", "ActiveState": "inactive"}, f"{name} before there is a configuration: {state}"
assert not run("systemctl", "--failed", "--no-legend"), run("systemctl", "--failed", "--no-legend")
for page in ("drawbridge.1", "drawbridged.8"):
    assert glob.glob(f"/usr/share/man/man?/{page}.gz"), page
assert "pam_drawbridge" not in run("cat", "/etc/pam.d/common-auth"), "the PAM module is on by itself"

run("systemd-run", "--unit=mailsink", "python3", "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:25", "-c",
    "aiosmtpd.handlers.Mailbox", str(MAIL))
began = time.monotonic()
measured(prepare())
assert CONFIGURATION.exists()
run("runuser", "-u", "drawbridge", "--", "drawbridged", "--check-config")
run("systemctl", "start", "drawbridged.socket", "drawbridged-admin.socket", "drawbridged.service")
state = unit("drawbridged.service", "ActiveState", "SubState", "StatusText", "NRestarts")
assert (state["ActiveState"], state["SubState"], state["NRestarts"]) == ("active", "running", "0"), state
def pong():
    with Line() as line:
        return line.ask("PING") == "OK pong"
awaited(pong, "an answer")
measured(f"in service {time.monotonic() - began:.1f} s after; {state['StatusText']}")

last = run("systemd-analyze", "security", "--no-pager", "drawbridged.service").splitlines()[-1]
exposure = float(last.split(":")[1].split()[0])
assert exposure <= 1.5, last
measured(f"systemd-analyze security: {exposure}")
awaited(lambda: "connected" in run("drawbridge", "status", check=False), "the directory")
doctor = run("drawbridge", "doctor", check=False, seconds=120)
assert " 0 bad" in doctor.splitlines()[-1], doctor
measured(f"doctor: {doctor.splitlines()[-1] if doctor else 'silent'}")
