"""The directory as Drawbridge needs it: by `drawbridge setup`, or by the files of the package where there is none."""
import pathlib
import subprocess

from directory import suffix
from house import CONFIGURATION, run

SCHEMA = pathlib.Path("/usr/share/drawbridge/schema")


def prepare():
    base = suffix()
    people = f"ou=people,{base}"
    loaded(f"""dn: olcDatabase={{1}}mdb,cn=config
changetype: modify
replace: olcRootPW
olcRootPW: test
""")
    added(base, f"dn: {people}\nobjectClass: organizationalUnit\nou: people\n")
    if subprocess.run(["drawbridge", "setup", "--help"], capture_output=True, timeout=30).returncode == 0:
        run("drawbridge", "setup", "--yes", "--smtp", "smtp://localhost:25", "--from", "sso@example.org")
        return "drawbridge setup --yes"
    names = {"@SUFFIX@": base, "@PEOPLE@": people, "@SHARED@": f"cn=drawbridge,{base}",
             "@DAEMON@": f"cn=drawbridged,ou=services,{base}", "@ADMINS@": f"cn=admins,{base}",
             "@DATABASE@": "{1}mdb", "@UID@": run("id", "-u", "drawbridge"), "@GID@": run("id", "-g", "drawbridge")}
    for file in ("access", "limits", "index", "identity"):
        text = (SCHEMA / f"{file}.ldif").read_text()
        for name, value in names.items():
            text = text.replace(name, value)
        if file == "access":
            run("ldapadd", "-QY", "EXTERNAL", "-H", "ldapi:///", "-f", str(SCHEMA / "drawbridge.ldif"))
        loaded(text, *(["-c"] if file == "index" else []), check=file != "index")
    text = (SCHEMA / "shared.ldif").read_text()
    added(base, text.replace("@SHARED@", names["@SHARED@"]))
    CONFIGURATION.write_text(f"""[directory]
base = "{base}"
people = "{people}"
[mail]
server = "smtp://localhost:25"
from = "sso@example.org"
""")
    return "prepared by the files of /usr/share/drawbridge/schema"


def loaded(ldif, *words, check=True):
    run("ldapmodify", "-QY", "EXTERNAL", "-H", "ldapi:///", *words, input=ldif, check=check)


def added(base, ldif):
    run("ldapadd", "-xH", "ldapi:///", "-D", f"cn=admin,{base}", "-w", "test", input=ldif)


def modified(base, ldif):
    run("ldapmodify", "-xH", "ldapi:///", "-D", f"cn=admin,{base}", "-w", "test", input=ldif)
