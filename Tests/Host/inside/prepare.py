"""The directory as Drawbridge needs it, and changes of it by other hands: by its administrator, whose password is `test`."""
from directory import suffix
from house import run


def prepare():
    run("ldapmodify", "-QY", "EXTERNAL", "-H", "ldapi:///", input="""dn: olcDatabase={1}mdb,cn=config
changetype: modify
replace: olcRootPW
olcRootPW: test
""")
    run("drawbridge", "setup", "--yes", "--smtp", "smtp://localhost:25", "--from", "sso@example.org")
    return f"drawbridge setup --yes: loaded for {suffix()}"


def modified(base, ldif):
    run("ldapmodify", "-xH", "ldapi:///", "-D", f"cn=admin,{base}", "-w", "test", input=ldif)
