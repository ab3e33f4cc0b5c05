"""The first file system of the machine: busybox, a few modules, and a script that mounts the rest.

The machine's root is this machine's own, read-only over 9p, so that Python and `.venv` are there;
what must be written lies in memory.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path

MODULES = (
    "virtio_pci",
    "9pnet_virtio",
    "9p",
    "jitterentropy_rng",
    "hmac",
    "sha512_generic",
    "ctr",
    "drbg",
    "hci_vhci",
    "algif_hash",
    "algif_skcipher",
    "cmac",
    "ecb",
)
"""The 9p root; random numbers, without which pairing's ECDH fails its test; the virtual controller;
and the kernel's ciphers that bluetoothd asks for."""

LIBRARIES = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")
"""Where Debian keeps them, below the unpacked packages."""

INIT = """#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
{load}
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose host /root || poweroff -f
for place in run tmp var/lib; do mount -t tmpfs memory /root/$place; done
mount --move /proc /root/proc; mount --move /sys /root/sys; mount --move /dev /root/dev
ip link set lo up
mkdir -p {above}
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose project {project}
chroot /root {guest}
poweroff -f
"""


def build(root: Path, target: Path, project: Path, guest: str) -> None:
    """Write the archive to `target`.

    Args:
        root: where the packages are unpacked.
        target: the file.
        project: the working copy, which may lie under a folder that memory hides.
        guest: the command line to run in the machine.
    """
    modules = list(_needed(root))
    load = "\n".join(f"insmod /modules/{each.name}" for each in modules)
    script = INIT.format(load=load, guest=guest, project=f"/root{project}", above=f"/root{project}")
    files = {f"modules/{each.name}": each.read_bytes() for each in modules}
    files["bin/busybox"] = (root / "bin/busybox").read_bytes()
    files["init"] = script.encode()
    target.write_bytes(gzip.compress(b"".join(_archive(files)), compresslevel=1))


def _needed(root: Path) -> Iterator[Path]:
    """The modules in an order in which each finds what it depends on."""
    found = {each.stem.replace("-", "_"): each for each in root.glob("lib/modules/*/**/*.ko")}
    done: set[str] = set()

    def walk(name: str) -> Iterator[Path]:
        if name in done or name not in found:
            return  # loaded, or built into the kernel
        done.add(name)
        for needed in _depends(found[name]):
            yield from walk(needed)
        yield found[name]

    for name in MODULES:
        yield from walk(name)


def _depends(module: Path) -> list[str]:
    """The `depends=` of a module's .modinfo section."""
    text = module.read_bytes()
    at = text.index(b"depends=") + len(b"depends=")
    names = text[at : text.index(b"\0", at)].decode()
    return [each.replace("-", "_") for each in names.split(",") if each]


LINKS = ("sh", "mount", "insmod", "chroot", "poweroff", "mkdir", "ip")
DIRECTORIES = ("bin", "dev", "modules", "proc", "root", "sys")


def _archive(files: dict[str, bytes]) -> Iterator[bytes]:
    """cpio "newc" (Documentation/driver-api/early-userspace/buffer-format.rst)."""
    for name in DIRECTORIES:
        yield _entry(name, 0o040755, b"")
    for name, content in files.items():
        yield _entry(name, 0o100755, content)
    for name in LINKS:
        yield _entry(f"bin/{name}", 0o120777, b"busybox")
    yield _entry("TRAILER!!!", 0, b"")


def _entry(name: str, mode: int, content: bytes) -> bytes:
    path = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % each for each in fields) + path
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)
