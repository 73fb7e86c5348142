"""What the directory holds, read from its database and not through the daemon."""
import base64
import subprocess

from house import run


def suffix():
    return run("ldapsearch", "-LLLQ", "-Y", "EXTERNAL", "-H", "ldapi:///", "-o", "ldif-wrap=no", "-s", "base", "-b", "",
               "namingContexts").split("namingContexts: ")[1].split()[0]


def accounts():
    """Of each account its attributes: name in lower case to its values."""
    done = subprocess.run(["slapcat", "-o", "ldif-wrap=no", "-b", suffix(), "-a", "(objectClass=drawbridgeAccount)"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    entries = []
    for text in done.stdout.decode().split("\n\n"):
        entry = {}
        for line in text.splitlines():
            name, _, value = line.partition(":")
            value = base64.b64decode(value[2:]).decode("latin-1") if value.startswith(": ") else value.strip()
            entry.setdefault(name.lower(), []).append(value)
        if entry:
            entries.append(entry)
    return {entry["mail"][0]: entry for entry in entries}


def tries(entry, name):
    """How many wrong answers in a row: the number before the times."""
    return int(entry.get(name.lower(), ["0"])[0].split()[0].split(",")[0])


def fingerprint():
    """Every entry as it stands."""
    return run("slapcat", "-o", "ldif-wrap=no", "-b", suffix())
