"""Debian's packages, unpacked into a folder: nothing is installed, and root is not needed."""

import shutil
import subprocess
from pathlib import Path

WANTED = ("qemu-system-x86", "linux-image-amd64", "bluez", "busybox-static", "dbus-daemon", "kmod")
"""What the virtual machine is made of; apt names what they need beyond what is installed here."""

NO_LOCK = ("-o", "Debug::NoLocking=1")


class Unavailable(Exception):
    """The conformance run is not possible on this machine; the text says why and what helps."""


def fetch(cache: Path) -> Path:
    """The folder with everything unpacked; downloads about 90 MB the first time.

    Raises `Unavailable`.
    """
    root = cache / "root"
    ready = cache / "packages.ready"
    if ready.exists():
        return root
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            reason = f"{tool} is missing: the virtual machine is made of Debian's own packages"
            raise Unavailable(reason)
    debs = cache / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    names = sorted({*WANTED, *_dependencies()})
    _run(["apt-get", "download", "-qq", *NO_LOCK, *names], cwd=debs)
    for deb in sorted(debs.glob("*.deb")):
        _run(["dpkg", "-x", str(deb), str(root)], cwd=cache)
    ready.touch()
    return root


def _dependencies() -> list[str]:
    """What apt would install along, the kernel image behind its metapackage among it."""
    plan = _run(["apt-get", "install", "-s", "--no-install-recommends", *NO_LOCK, *WANTED])
    return [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]


def _run(command: list[str], cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as err:
        said = getattr(err, "stderr", "") or str(err)
        reason = f"{' '.join(command[:3])} …: {said.strip().splitlines()[-1]}"
        raise Unavailable(reason) from err
    return done.stdout
