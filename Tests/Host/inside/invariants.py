"""What holds of the directory whenever the daemon is killed, and clients that remember what they heard of it."""
import threading

from account import Account
from directory import accounts, tries
from line import ADMIN, Line, totp

COMPLETE = ("userpassword", "drawbridgetotpsecret", "drawbridgetotplaststep", "drawbridgelastsignin", "drawbridgerecoverycode")


class SigningIn(Account):
    """Remembers which steps were accepted. `kept` is the last step at the check before."""

    def __init__(self, name):
        super().__init__(name)
        self.accepted, self.told, self.kept, self.lock = {}, {}, 0, threading.Lock()

    def once(self, at):
        """Whether the code of that step signs in."""
        with Line() as line:
            good = (line.ask(f"SIGNIN {self.login}").startswith("ASK")
                    and line.ask(f"PASSWORD {self.password}").startswith("ASK totp")
                    and line.ask(f"TOTP {totp(self.secret, at)}").startswith("OK signed-in"))
        if good:
            with self.lock:
                self.accepted[at] = self.accepted.get(at, 0) + 1
        return good

    def remember(self):
        with self.lock:
            self.told = dict(self.accepted)

    def check(self, entry):
        last = int(entry["drawbridgetotplaststep"][0])
        assert last >= self.kept, f"{self.login}: the last step went back from {self.kept} to {last}"
        self.kept = last
        for at, times in self.told.items():
            assert times == 1, f"{self.login}: step {at} was accepted {times} times"
            assert at <= last, f"{self.login}: step {at} was accepted, the last that is kept is {last}"


class AnsweringWrong(Account):
    """Counts the wrong answers whose reply was heard, since the tries were last forgotten."""

    def __init__(self, name):
        super().__init__(name)
        # Held from when `certain` is read until the directory is: nothing is forgotten in between.
        self.certain, self.told, self.guard = 0, 0, threading.Lock()

    def once(self):
        """Whether a wrong answer was taken for one."""
        with Line() as line:
            reply = line.ask(f"SIGNIN {self.login}")
            if reply.startswith("ASK"):
                reply = line.ask("PASSWORD Wr0ng-Enough")
        if reply.startswith("NO locked"):
            with self.guard, Line(ADMIN) as admin:
                self.certain = 0
                admin.ask(f"UNLOCK {self.login}")
        wrong = "refused=wrong" in reply or reply.startswith("NO denied")
        self.certain += wrong
        return wrong

    def remember(self):
        self.told = self.certain

    def check(self, entry):
        counted = tries(entry, "drawbridgePasswordTries")
        assert counted >= self.told, f"{self.login}: {self.told} wrong answers were heard, {counted} are counted"


def complete(login, entry):
    parts = [name in entry for name in COMPLETE]
    assert all(parts) or not any(parts), f"{login} is half set up: {sorted(entry)}"
    assert "drawbridgeinvitedtime" in entry or all(parts), f"{login} is half invited: {sorted(entry)}"


def check(people):
    """Holds what was heard by now against the directory as it is after."""
    wrong = [person for person in people if isinstance(person, AnsweringWrong)]
    for person in wrong:
        person.guard.acquire()
    try:
        for person in people:
            person.remember()
        found = accounts()
    finally:
        for person in wrong:
            person.guard.release()
    for login, entry in found.items():
        complete(login, entry)
    for person in people:
        person.check(found[person.login])
