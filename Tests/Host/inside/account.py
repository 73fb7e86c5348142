"""People with an account: invited, enrolled, signed in, as the user guide has it."""
import email
import re
import time

from house import MAIL
from line import ADMIN, PERIOD, Line, awaited, fields, step, totp

PASSWORD = "Str0ng-Enough"


class Account:
    def __init__(self, name):
        self.name, self.login = name, f"{name}@example.org"
        self.password, self.secret, self.used = PASSWORD, None, 0

    def invite(self):
        with Line(ADMIN) as admin:
            admin.expect(f"INVITE {self.login} uid={self.name} cn={self.name} sn=Doe", "OK invited")

    def mailed_code(self, since, seconds=60):
        """The code of the newest message to this account after `since`, a time of the host's clock."""
        def newest():
            files = [path for path in (MAIL / "new").iterdir() if path.stat().st_mtime >= since] if MAIL.exists() else []
            for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
                message = email.message_from_bytes(path.read_bytes())
                found = re.search(r"code is: (\d{6})", message.get_payload(decode=True).decode())
                if self.login in message["To"] and found:
                    return found[1]
        return awaited(newest, f"a code mailed to {self.login}", seconds)

    def enrol(self, seconds=60):
        """The first-time login, from the mailed code, which may take so long, to the authenticator."""
        with Line() as line:
            began = time.time() - 0.01
            line.expect(f"FIRST {self.login}", "ASK code")
            line.expect(f"CODE {self.mailed_code(began, seconds)}", "ASK new-password")
            line.expect(f"NEW-PASSWORD {self.password}", "ASK confirm-password")
            self.secret = fields(line.expect(f"CONFIRM-PASSWORD {self.password}", "ASK enrol"))["secret"]
            line.expect(f"ENROL {self.code()}", "OK signed-in")

    def code(self):
        """The oldest code that is good yet: each is good once, and the one of the step before, too, so that few are waited for."""
        def usable():
            oldest = step() if time.time() % PERIOD > PERIOD - 5 else step() - 1
            return max(oldest, self.used + 1) if self.used < step() else 0
        self.used = awaited(usable, "the next time step")
        return totp(self.secret, self.used)

    def sign_in(self, seconds=60):
        """Signed in at last: LATER is tried again, and nothing else is heard."""
        later = []
        def tried():
            with Line() as line:
                replies = [line.ask(f"SIGNIN {self.login}")]
                if replies[-1].startswith("ASK"):
                    replies.append(line.ask(f"PASSWORD {self.password}"))
                if replies[-1].startswith("ASK"):
                    replies.append(line.ask(f"TOTP {self.code()}"))
                if replies[-1].startswith("OK signed-in"):
                    return True
                assert replies[-1].startswith("LATER"), replies[-1]
                later.append(replies[-1])
        awaited(tried, f"sign-in of {self.login}", seconds)
        return later
