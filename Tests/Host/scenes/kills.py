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
from line import ADMIN, Gone, Line, Refused, awaited, step, totp

KILLS, SEED = 10 if SHORT else 200, int(time.time())
chance = random.Random(SEED)
heard = {"signed in": 0, "wrong": 0, "enrolled": 0, "cut off": 0, "given up": 0}
lock, over, faults = threading.Lock(), threading.Event(), []


def count(what):
    with lock:
        heard[what] += 1


def serving():
    with Line() as line:
        return line.ask("PING") == "OK pong"


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
            # Signed in, the next code is awaited; else this one is tried again.
            while now in accepted and step() == now and not over.wait(0.2):
                pass
            over.wait(0.1)

    def check(self, entry, kept):
        last = int(entry["drawbridgetotplaststep"][0])
        assert last >= kept.get(self.login, 0), f"{self.login}: the last step went back from {kept[self.login]} to {last}"
        kept[self.login] = last


class AnsweringWrong(Account):
    """Counts the wrong answers whose reply was heard, since the tries were last forgotten."""

    def __init__(self, name):
        super().__init__(name)
        # Held from when `certain` is read until the directory is.
        self.certain, self.guard = 0, threading.Lock()

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
                if reply.startswith("NO locked"):
                    with self.guard, Line(ADMIN) as admin:
                        self.certain = 0
                        admin.ask(f"UNLOCK {self.login}")
            except (Gone, Refused):
                count("cut off")
            over.wait(0.1)

    def check(self, entry, kept):
        counted = tries(entry, "drawbridgePasswordTries")
        assert counted >= self.told, f"{self.login}: {self.told} wrong answers were heard, {counted} are counted"


class Inviting:
    """One account after the other is invited and enrolled."""

    def __init__(self, name):
        self.name = name

    def live(self):
        number = 0
        while not over.is_set():
            number += 1
            person = Account(f"{self.name}{number}")
            try:
                person.invite()
                person.enrol(5)
                count("enrolled")
            except (Gone, Refused):
                count("cut off")
            except AssertionError:
                # LATER, or the mail of the code went with the daemon.
                count("given up")
            over.wait(0.1)


def complete(login, entry):
    parts = [name in entry for name in ("userpassword", "drawbridgetotpsecret", "drawbridgetotplaststep",
                                        "drawbridgelastsignin", "drawbridgerecoverycode")]
    assert all(parts) or not any(parts), f"{login} is half set up: {sorted(entry)}"
    assert "drawbridgeinvitedtime" in entry or all(parts), f"{login} is half invited: {sorted(entry)}"


def check(people, kept):
    wrong = [person for person in people if isinstance(person, AnsweringWrong)]
    for person in wrong:
        person.guard.acquire()
        person.told = person.certain
    try:
        found = accounts()
    finally:
        for person in wrong:
            person.guard.release()
    for login, entry in found.items():
        complete(login, entry)
    for person in people:
        person.check(found[person.login], kept)
    assert not faults, faults


people = [SigningIn(f"signs{number}") for number in range(12)] + [AnsweringWrong(f"errs{number}") for number in range(3)]
for person in people:
    person.invite()
    person.enrol()
threads = [threading.Thread(target=person.live) for person in people + [Inviting(f"new{number}x") for number in range(3)]]
for thread in threads:
    thread.start()
kept, began, killed = {}, time.monotonic(), 0
before = int(unit("drawbridged.service", "NRestarts")["NRestarts"])
try:
    while killed < KILLS:
        awaited(serving, "the daemon after a kill", 60)
        over.wait(chance.uniform(0, 4))
        run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", "drawbridged.service")
        killed += 1
        check(people, kept)
    awaited(serving, "the daemon after a kill", 60)
finally:
    over.set()
    for thread in threads:
        thread.join(90)
assert not any(thread.is_alive() for thread in threads), "a client hangs"
check(people, kept)
measured(f"{KILLS} kills in {time.monotonic() - began:.0f} s, seed {SEED}; heard: "
         + ", ".join(f"{value} {name}" for name, value in heard.items()) + f"; {len(accounts())} accounts")
assert all(heard[name] for name in ("signed in", "wrong", "enrolled", "cut off")), "too little was under way to tell"
assert int(unit("drawbridged.service", "NRestarts")["NRestarts"]) - before >= KILLS, "not each kill was one"
