"""The programs of the host: systemd's units, slapd, the mail server."""
import pathlib
import subprocess
import sys

SHORT = "short" in sys.argv[1:]
MAIL = pathlib.Path("/var/tmp/mail")
CONFIGURATION = pathlib.Path("/etc/drawbridge/drawbridged.toml")


def run(*words, check=True, seconds=120, **more):
    """What a program prints; its failure is the scene's."""
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, **more)
    assert not check or done.returncode == 0, f"{' '.join(words)}: {done.returncode}: {done.stdout.strip()}"
    return done.stdout.strip()


def unit(name, *properties):
    """Properties of a unit, by name."""
    lines = run("systemctl", "show", name, "-p", ",".join(properties)).splitlines()
    return dict(line.split("=", 1) for line in lines)


def measured(text):
    print(f"   {text}", flush=True)
