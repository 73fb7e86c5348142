"""`kill -9` of the daemon at random moments, under sign-ins, wrong answers and first logins; then the directory is read.

An entry is untouched or complete; no time step is accepted twice; a wrong answer that was heard is counted. In the end the
directory is falsified by hand, so that each of these is seen to be noticed.
"""
import sys
sys.path.insert(0, "/opt/test/inside")

import random
import threading
import time

from account import Account
from directory import accounts, suffix
from house import SHORT, measured, run, unit
from invariants import AnsweringWrong, SigningIn, check
from line import Gone, Line, Refused, awaited, step
from prepare import modified

KILLS, SEED = 10 if SHORT else 200, int(time.time())
chance = random.Random(SEED)
heard = {"signed in": 0, "wrong": 0, "enrolled": 0, "cut off": 0, "given up": 0}
lock, over = threading.Lock(), threading.Event()


def count(what):
    with lock:
        heard[what] += 1


def heard_by(request, what):
    try:
        if request():
            count(what)
    except (Gone, Refused):
        count("cut off")


def serving():
    with Line() as line:
        return line.ask("PING") == "OK pong"


def signing_in(person):
    """Sends each code on two connections at once, so that a step that is good twice would show."""
    while not over.is_set():
        now = step()
        twins = [threading.Thread(target=heard_by, args=(lambda: person.once(now), "signed in")) for _ in range(2)]
        for twin in twins:
            twin.start()
        for twin in twins:
            twin.join(60)
        # Signed in, the next code is awaited; else this one is tried again.
        while now in person.accepted and step() == now and not over.wait(0.2):
            pass
        over.wait(0.1)


def answering_wrong(person):
    while not over.is_set():
        heard_by(person.once, "wrong")
        over.wait(0.1)


def inviting(name):
    """One account after the other is invited and enrolled."""
    number = 0
    while not over.is_set():
        number += 1
        person = Account(f"{name}{number}")
        def enrolled():
            person.invite()
            person.enrol(5)
            return True
        try:
            heard_by(enrolled, "enrolled")
        except AssertionError:
            # LATER, or the mail of the code went with the daemon.
            count("given up")
        over.wait(0.1)


def noticed(people, words):
    try:
        check(people)
    except AssertionError as reason:
        assert words in str(reason), reason
        return 1
    raise SystemExit(f"not noticed: {words}")


def falsified():
    """How many falsifications of the directory were noticed."""
    base = suffix()

    def by_hand(person, change):
        modified(base, f"dn: uid={person.name},ou=people,{base}\nchangetype: {change}\n")

    signs, errs, half = SigningIn("twice"), AnsweringWrong("uncounted"), SigningIn("half")
    people = [signs, errs, half]
    for person in people:
        person.invite()
        person.enrol()
    signs.code()
    assert signs.once(signs.used) and errs.once()
    check(people)
    by_hand(signs, f"modify\nreplace: drawbridgeTOTPLastStep\ndrawbridgeTOTPLastStep: {signs.used - 1}")
    found = noticed(people, "the last step went back")
    signs.kept = 0
    found += noticed(people, "the last that is kept is")
    assert signs.once(signs.used), "a step that the directory does not know as used"
    found += noticed(people, "was accepted 2 times")
    signs.accepted.clear()
    by_hand(errs, "modify\ndelete: drawbridgePasswordTries")
    found += noticed(people, "1 wrong answers were heard, 0 are counted")
    errs.certain = 0
    check(people)
    by_hand(half, "modify\ndelete: drawbridgeTOTPSecret")
    found += noticed(people, "is half set up")
    by_hand(half, "delete")
    half.invite()
    check([signs, errs])
    by_hand(half, "modify\ndelete: drawbridgeInvitedTime")
    found += noticed([signs, errs], "is half invited")
    by_hand(half, "delete")
    check([signs, errs])
    return found


signs = [SigningIn(f"signs{number}") for number in range(12)]
errs = [AnsweringWrong(f"errs{number}") for number in range(3)]
people = signs + errs
for person in people:
    person.invite()
    person.enrol()
threads = ([threading.Thread(target=signing_in, args=(person,)) for person in signs]
           + [threading.Thread(target=answering_wrong, args=(person,)) for person in errs]
           + [threading.Thread(target=inviting, args=(f"new{number}x",)) for number in range(3)])
for thread in threads:
    thread.start()
began, killed = time.monotonic(), 0
before = int(unit("drawbridged.service", "NRestarts")["NRestarts"])
try:
    while killed < KILLS:
        awaited(serving, "the daemon after a kill", 60)
        over.wait(chance.uniform(0, 4))
        run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", "drawbridged.service")
        killed += 1
        check(people)
    awaited(serving, "the daemon after a kill", 60)
finally:
    over.set()
    for thread in threads:
        thread.join(90)
assert not any(thread.is_alive() for thread in threads), "a client hangs"
check(people)
measured(f"{KILLS} kills in {time.monotonic() - began:.0f} s, seed {SEED}; heard: "
         + ", ".join(f"{value} {name}" for name, value in heard.items()) + f"; {len(accounts())} accounts")
assert all(heard[name] for name in ("signed in", "wrong", "enrolled", "cut off")), "too little was under way to tell"
assert int(unit("drawbridged.service", "NRestarts")["NRestarts"]) - before >= KILLS, "not each kill was one"
measured(f"the directory falsified by hand: {falsified()} of 6 noticed")
