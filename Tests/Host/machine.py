"""A Debian in a folder, booted with systemd as PID 1. Its network is its own loopback alone."""
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = "bookworm"
INCLUDED = ("systemd systemd-sysv dbus slapd ldap-utils libnss-systemd procps python3 python3-aiosmtpd libpam-runtime "
            "libcurl4 libqrencode4 libsodium23 libargon2-1 libstdc++6").split()
KEPT = ROOT / ".build" / "host" / RELEASE
ENVIRONMENT = ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root",
               "PYTHONDONTWRITEBYTECODE=1"]


class CannotHere(Exception):
    """What this machine lacks."""


class Machine:
    """Booted by `with`, ended and removed at its end, whatever happens."""

    def __init__(self, packages):
        self.packages = packages
        self.folder = self.nspawn = self.init = self.handle = None
        self.groups = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        if os.geteuid():
            raise CannotHere("it takes root")
        for tool in ("systemd-nspawn", "nsenter"):
            if not shutil.which(tool):
                raise CannotHere(f"{tool} is missing (apt-get install systemd-container)")
        try:
            bootstrap()
            self.folder = pathlib.Path(tempfile.mkdtemp(prefix="host-", dir=KEPT.parent))
            self.tree = self.folder / "tree"
            subprocess.run(["cp", "-a", "--reflink=auto", KEPT, self.tree], check=True, timeout=300)
            self.fill()
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def fill(self):
        (self.tree / "etc/hostname").write_text("directory\n")
        (self.tree / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 directory.example.org directory\n")
        test = self.tree / "opt/test"
        (test / "packages").mkdir(parents=True)
        for package in self.packages:
            shutil.copy(package, test / "packages")
        for part in ("inside", "scenes"):
            shutil.copytree(ROOT / "Tests/Host" / part, test / part)

    def boot(self):
        began = time.monotonic()
        self.console = open(self.folder / "console", "wb")
        name = f"drawbridge-{os.getpid()}"
        self.groups = control_groups(name)
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", str(self.tree), "--boot", "--register=no", "--keep-unit",
             "--private-network", "-M", name],
            preexec_fn=lambda: join(self.groups), stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console)
        while not self.is_up():
            if self.nspawn.poll() is not None or time.monotonic() > began + 120:
                last = (self.folder / "console").read_text(errors="replace").strip().splitlines()[-1:]
                if self.init:
                    sys.exit("test-host: systemd was started, and does not come up")
                raise CannotHere(f"systemd-nspawn does not boot: {' '.join(last)}")
            time.sleep(0.2)
        print(f"test-host: {RELEASE} booted in {time.monotonic() - began:.0f} s", flush=True)

    def is_up(self):
        if not self.init:
            self.init = first_of_its_own_processes(self.nspawn.pid)
            if not self.init:
                return False
            self.handle = os.pidfd_open(self.init)
        state = self.run("systemctl", "is-system-running", capture_output=True, timeout=30).stdout.strip()
        return state in (b"running", b"degraded")

    def run(self, *words, **more):
        enter = ["nsenter", "-t", str(self.init), "-m", "-u", "-i", "-n", "-p", "-r", "-w", "--"]
        return subprocess.run(enter + ENVIRONMENT + list(words), stdin=subprocess.DEVNULL, **more)

    def play(self, scene, short, seconds):
        """Whether all that the scene asserts held."""
        print(f"== {scene}", flush=True)
        began = time.monotonic()
        words = ["timeout", "-k", "5", str(seconds), "python3", f"/opt/test/scenes/{scene}.py"]
        try:
            good = self.run(*words, *(["short"] if short else []), timeout=seconds + 30).returncode == 0
        except subprocess.TimeoutExpired:
            good = False
        print(f"== {scene}: {'good' if good else 'FAILED'}, {time.monotonic() - began:.0f} s", flush=True)
        return good

    def show_journal(self):
        lines = self.run("journalctl", "--no-pager", "-n", "5000", "-u", "drawbridged", "-u", "slapd", timeout=60,
                         stdout=subprocess.PIPE).stdout.decode(errors="replace").splitlines()
        print("\n".join([line for line in lines if not line.endswith(" audit")][-60:]), flush=True)

    def __exit__(self, *_):
        if self.nspawn:
            self.end()
        for group in self.groups:
            remove_group(group)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def end(self):
        if self.init and self.nspawn.poll() is None:
            os.kill(self.init, signal.SIGRTMIN + 4)
        try:
            self.nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait(10)
        if self.handle is not None:
            # Its PID 1 outlives an nspawn that was killed, and takes all processes with it.
            try:
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
                select.select([self.handle], [], [], 10)
            except ProcessLookupError:
                pass
            os.close(self.handle)
        self.console.close()


def first_of_its_own_processes(parent):
    """The PID 1 of the container below `parent`, as this machine numbers it."""
    for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                status = pathlib.Path(f"/proc/{child}/status").read_text()
                numbers = [line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")]
                if len(numbers[0]) > 1 and numbers[0][-1] == "1":
                    return int(child)
                found = first_of_its_own_processes(child)
                if found:
                    return found
        except OSError:
            continue
    return None


def control_groups(name):
    """Groups below this process's, in systemd's hierarchies: else two machines, or a machine and its host, would share units'."""
    mounts = [line.split() for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()]
    groups = []
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, hierarchy, path = line.split(":", 2)
        if hierarchy not in ("", "name=systemd"):
            continue
        for _, mount, kind, options, *_ in mounts:
            if kind == "cgroup2" and not hierarchy or kind == "cgroup" and hierarchy in options.split(","):
                group = pathlib.Path(mount + path) / name
                try:
                    group.mkdir(exist_ok=True)
                    groups.append(group)
                except OSError:
                    # A machine alone does without.
                    pass
                break
    return groups


def join(groups):
    for group in groups:
        try:
            (group / "cgroup.procs").write_text("0")
        except OSError:
            pass


def remove_group(group):
    for folder, _, _ in os.walk(group, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            pass


def bootstrap():
    """A tree is made once, from where apt of this machine has its packages."""
    wanted = "\n".join(INCLUDED)
    if (KEPT / "opt/included").is_file() and (KEPT / "opt/included").read_text() == wanted:
        return
    if not shutil.which("debootstrap"):
        raise CannotHere("debootstrap is missing (apt-get install debootstrap)")
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {RELEASE}",
         "Component: main"], capture_output=True, text=True, timeout=60).stdout.split()
    if not targets:
        raise CannotHere(f"apt has no source of {RELEASE}")
    began = time.monotonic()
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with open(KEPT.parent / "debootstrap.log", "wb") as log:
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={','.join(INCLUDED)}", RELEASE, str(KEPT), targets[0]],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=1200,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    if done.returncode:
        last = (KEPT.parent / "debootstrap.log").read_text(errors="replace").strip().splitlines()[-1:]
        shutil.rmtree(KEPT, ignore_errors=True)
        raise CannotHere(f"debootstrap failed: {' '.join(last)}")
    (KEPT / "opt/included").write_text(wanted)
    print(f"test-host: bootstrapped in {time.monotonic() - began:.0f} s", flush=True)
