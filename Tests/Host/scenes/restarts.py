"""`systemctl restart` under clients: nobody is refused, and every request is answered."""
import sys
sys.path.insert(0, "/opt/test/inside")

import threading
import time

from house import SHORT, measured, run, unit
from line import Gone, Line, Refused

CLIENTS, RESTARTS = 50, 10 if SHORT else 100
over = threading.Event()
lock = threading.Lock()
counts = {"flows": 0, "later": 0, "longest": 0.0}
refused, lost = [], []


def live(number):
    while not over.is_set():
        began, at = time.monotonic(), "greeting"
        try:
            with Line(seconds=60) as line:
                at = "SIGNIN"
                replies = [line.ask(f"SIGNIN nobody{number}@example.org")]
                if replies[-1].startswith("ASK password"):
                    at = "CANCEL"
                    replies.append(line.ask("CANCEL"))
                with lock:
                    counts["flows"] += 1
                    counts["later"] += replies[-1].startswith("LATER")
                    counts["longest"] = max(counts["longest"], time.monotonic() - began)
                    if not replies[-1].startswith(("OK cancelled", "LATER")):
                        lost.append(replies[-1])
        except Refused as reason:
            refused.append(str(reason))
        except Gone as reason:
            lost.append(f"{at}: {reason}, after {time.monotonic() - began:.2f} s")
        over.wait(0.05)


threads = [threading.Thread(target=live, args=(number,)) for number in range(CLIENTS)]
for thread in threads:
    thread.start()
try:
    took = []
    for _ in range(RESTARTS):
        began = time.monotonic()
        run("systemctl", "restart", "drawbridged.service", seconds=60)
        took.append(time.monotonic() - began)
        over.wait(0.3)
finally:
    over.set()
    for thread in threads:
        thread.join(90)
measured(f"{RESTARTS} restarts, {max(took):.1f} s the longest; {CLIENTS} clients, {counts['flows']} flows, "
         f"{counts['longest']:.1f} s the longest, {counts['later']} LATER; {len(refused)} refused, {len(lost)} lost")
assert not refused, refused[:5]
assert not lost, lost[:5]
assert counts["flows"] >= CLIENTS * RESTARTS / 10, "too few flows to tell"
assert unit("drawbridged.service", "ActiveState")["ActiveState"] == "active"
