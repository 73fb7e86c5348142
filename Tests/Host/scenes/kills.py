"""`kill -9` of the daemon at random moments, under sign-ins, wrong answers and first logins; then the directory is read.

An entry is untouched or complete; no time step is accepted twice; a wrong answer that was heard is counted.
"""
import sys
sys.path.insert(0, "/opt/test/inside")

import random
import threading
import time

from account import Account
from directory import accounts, tries
from house import SHORT, measured, run, unit
from line import ADMIN, Gone, Line, Refused, awaited, fields, step, totp

KILLS, SEED = 10 if SHORT else 200, int(time.time())
chance = random.Random(SEED)
heard = {"signed in": 0, "wrong": 0, "enrolled": 0, "cut off": 0}
lock, over, faults = threading.Lock(), threading.Event(), []


def count(what):
    with lock:
        heard[what] += 1


def serving():
    with Line() as line:
        return line.ask("PING") == "OK pong"


def administered(request, seconds=60):
    def tried():
        with Line(ADMIN) as admin:
            reply = admin.ask(request)
            return None if reply.startswith("LATER") else reply
    return awaited(tried, request, seconds)


class SigningIn(Account):
    """Sends each code to two connections at once, so that a step that is good twice would show."""

    def live(self):
        accepted = {}
        def once(now, code):
            try:
                with Line() as line:
                    if line.ask(f"SIGNIN {self.login}").startswith("ASK") \
                            and line.ask(f"PASSWORD {self.password}").startswith("ASK totp") \
                            and line.ask(f"TOTP {code}").startswith("OK signed-in"):
                        count("signed in")
                        with lock:
                            accepted[now] = accepted.get(now, 0) + 1
                            if accepted[now] > 1:
                                faults.append(f"{self.login}: step {now} was accepted {accepted[now]} times")
            except (Gone, Refused):
                count("cut off")
        while not over.is_set():
            now = step()
            twins = [threading.Thread(target=once, args=(now, totp(self.secret, now))) for _ in range(2)]
            for twin in twins:
                twin.start()
            for twin in twins:
                twin.join(60)
            over.wait(chance.uniform(0.05, 0.4))

    def check(self, entry, kept):
        complete(self, entry)
        last = int(entry["drawbridgetotplaststep"][0])
        assert last >= kept.get(self.login, 0), f"{self.login}: the last step went back from {kept[self.login]} to {last}"
        kept[self.login] = last


class AnsweringWrong(Account):
    """Counts the wrong answers whose reply was heard, since the tries were last forgotten."""

    certain = 0

    def live(self):
        while not over.is_set():
            try:
                with Line() as line:
                    reply = line.ask(f"SIGNIN {self.login}")
                    if reply.startswith("ASK"):
                        reply = line.ask("PASSWORD Wr0ng-Enough")
                    if "refused=wrong" in reply or reply.startswith("NO denied"):
                        self.certain += 1
                        count("wrong")
                    elif reply.startswith("NO locked"):
                        over.wait(0.3)
            except (Gone, Refused):
                count("cut off")
            over.wait(chance.uniform(0.02, 0.2))

    def check(self, entry, kept):
        complete(self, entry)
        counted = tries(entry, "drawbridgePasswordTries")
        assert counted >= self.certain, f"{self.login}: {self.certain} wrong answers were heard, {counted} are counted"


class FirstTime(Account):
    """Enrols, is reset, and enrols again."""

    def live(self):
        while not over.is_set():
            try:
                self.enrol()
                count("enrolled")
                administered(f"RESET {self.login}", 20)
            except (Gone, Refused):
                count("cut off")
            except AssertionError:
                # LATER, a code that was replaced meanwhile, or set up already: begun anew.
                try:
                    administered(f"RESET {self.login}", 20)
                except AssertionError:
                    pass
            over.wait(0.1)

    def check(self, entry, kept):
        complete(self, entry)


def complete(account, entry):
    parts = [name in entry for name in ("userpassword", "drawbridgetotpsecret", "drawbridgetotplaststep",
                                        "drawbridgelastsignin", "drawbridgerecoverycode")]
    assert all(parts) or not any(parts), f"{account.login} is half set up: {sorted(entry)}"
    assert "mail" in entry and "drawbridgeaccount" in [name.lower() for name in entry["objectclass"]], entry


people = [kind(f"{kind.__name__.lower()}{number}") for kind, many in ((SigningIn, 6), (AnsweringWrong, 3), (FirstTime, 3))
          for number in range(many)]
for person in people:
    person.invite()
    if not isinstance(person, FirstTime):
        person.enrol()
kept = {}
began = time.monotonic()
for number in range(KILLS):
    over.clear()
    threads = [threading.Thread(target=person.live) for person in people]
    for thread in threads:
        thread.start()
    time.sleep(chance.uniform(0.02, 1.5))
    run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", "drawbridged.service")
    over.set()
    for thread in threads:
        thread.join(90)
        assert not thread.is_alive(), "a client hangs"
    found = accounts()
    for person in people:
        person.check(found[person.login], kept)
    assert not faults, faults
    awaited(serving, "the daemon after a kill", 60)
    for person in people:
        if isinstance(person, AnsweringWrong):
            assert administered(f"UNLOCK {person.login}").startswith("OK unlocked")
            person.certain = 0
measured(f"{KILLS} kills in {time.monotonic() - began:.0f} s, seed {SEED}; heard: "
         + ", ".join(f"{value} {name}" for name, value in heard.items()))
assert heard["signed in"] and heard["wrong"] and heard["cut off"], "too little was under way to tell"
assert int(unit("drawbridged.service", "NRestarts")["NRestarts"]) >= KILLS
