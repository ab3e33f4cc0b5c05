"""`make conformance`: the checks of tests/conformance before a real bluetoothd, in a machine.

QEMU emulates the processor, so neither KVM nor root is needed. Everything lies in .conformance.
"""

import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Timer

from tests.conformance.machine import initramfs
from tests.conformance.machine.packages import Unavailable, fetch

PROJECT = Path(__file__).resolve().parents[3]
CACHE = PROJECT / ".conformance"

BUMBLE = "bumble==0.0.236"
"""The controller of the machine; a tool of this run only, so no dependency of the project."""

LONGEST_S = 900
"""Seconds; half of the checks took 280 on two cores that had other work too."""

RESULT = re.compile(rb"^conformance: exit (\d+)", re.MULTILINE)


def main() -> int:
    """Run it; 0 when every check passed, 2 when the machine cannot be made here."""
    try:
        return run(sys.argv[1:])
    except Unavailable as err:
        print(f"make conformance: not possible here: {err}", file=sys.stderr)  # noqa: T201
        return 2


def run(arguments: list[str]) -> int:
    """Fetch, build, boot; `arguments` go to pytest in the machine."""
    if platform.machine() != "x86_64":
        reason = f"the machine is an x86-64 PC, and this is {platform.machine()}"
        raise Unavailable(reason)
    root = fetch(CACHE)
    _fetch_bumble()
    guest = " ".join(
        [
            "/usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/tmp LANG=C.UTF-8",
            f"PYTHONPATH={PROJECT}:{CACHE}/python PYTHONDONTWRITEBYTECODE=1",
            f"{PROJECT}/.venv/bin/python -m tests.conformance.machine.guest {root}",
            shlex.join(arguments),
        ]
    )
    archive = CACHE / "initramfs.gz"
    initramfs.build(root, archive, PROJECT, guest)
    return _boot(root, archive)


def _fetch_bumble() -> None:
    target = CACHE / "python"
    if (target / "bumble").exists():
        return
    uv = PROJECT / ".venv/bin/uv"
    install = ("pip", "install", "--quiet", "--compile-bytecode")
    command = [str(uv), *install, "--target", str(target), BUMBLE]
    if subprocess.run(command, check=False).returncode:
        reason = f"{BUMBLE} could not be fetched"
        raise Unavailable(reason)


def _boot(root: Path, archive: Path) -> int:
    libraries = ":".join(str(root / each) for each in initramfs.LIBRARIES)
    share = root / "usr/share"
    (kernel,) = root.glob("boot/vmlinuz-*")
    command = [
        str(root / "usr/bin/qemu-system-x86_64"),
        *("-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024", "-cpu", "max"),
        *("-L", str(share / "qemu"), "-L", str(share / "seabios")),
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio"),
        *("-kernel", str(kernel), "-initrd", str(archive)),
        *("-append", "console=ttyS0 quiet panic=-1 mitigations=off"),
        *_shared("host", Path("/")),
        *_shared("project", PROJECT),
    ]
    said = attend(command, os.environ | {"LD_LIBRARY_PATH": libraries}, LONGEST_S)
    result = RESULT.search(said)
    if result is None:
        reason = f"the machine ended, or was ended after {LONGEST_S} s, without a result"
        raise Unavailable(reason)
    return int(result[1])


def attend(command: list[str], environment: Mapping[str, str], longest_s: float) -> bytes:
    """Pass on what a program says and return it; it is killed when it runs `longest_s`."""
    said = b""
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as machine:
        assert machine.stdout is not None
        overdue = Timer(longest_s, machine.kill)
        overdue.start()
        try:
            while part := os.read(machine.stdout.fileno(), 4096):
                sys.stdout.buffer.write(part)
                sys.stdout.flush()
                said += part
        finally:
            overdue.cancel()
            machine.kill()
    return said


def _shared(tag: str, folder: Path) -> list[str]:
    """A folder of this machine, read-only, under `tag` in the other."""
    options = "security_model=none,readonly=on,multidevs=remap"
    return [
        *("-fsdev", f"local,id={tag},path={folder},{options}"),
        *("-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"),
    ]


if __name__ == "__main__":
    sys.exit(main())
