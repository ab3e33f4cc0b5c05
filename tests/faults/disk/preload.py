"""The library that stands between SQLite and libc: built with gcc, loaded into a child, driven.

Whoever runs a child: `environment`. Inside of the child: `Lever`, to fail the n-th operation of
one run after another without a new process for each.
"""

import ctypes
import errno
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override

SOURCE: Final = Path(__file__).with_name("preload.c")

CACHE: Final = Path(tempfile.gettempdir()) / f"aisle-preload-{os.getuid()}"

WRITES: Final = "wtcur"
"""Everything but syncs: write, new size, create, unlink, rename."""

SYNCS: Final = "s"

KILL: Final = -signal.SIGKILL
"""In place of an errno: the process dies instead of doing the operation."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The `nth` operation fails with `error`, and so do those after it while `until` exists.

    Attributes:
        kinds: letters of `writelog`; `WRITES` or `SYNCS`.
        nth: from 1, among the operations of these kinds on files with `suffix`.
        error: an errno, or `KILL`.
        suffix: of the file's name, such as ``-wal``; empty for all.
        until: path of a file; empty: once.
    """

    kinds: str
    nth: int
    error: int
    suffix: str = ""
    until: str = ""

    @override
    def __str__(self) -> str:
        what = "sync" if self.kinds == SYNCS else "write"
        how = "SIGKILL" if self.error == KILL else errno.errorcode[self.error]
        lasting = " from then on" if self.until else ""
        return f"{how} at {what} {self.nth}{lasting} of *{self.suffix}"


def library() -> Path:
    """The built library; compiled when the source has changed.

    Raises:
        RuntimeError: there is no compiler, or it does not take the source.
    """
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        msg = "faults below SQLite need a C compiler: apt-get install gcc libc6-dev"
        raise RuntimeError(msg)
    built = CACHE / f"{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]}.so"
    if not built.exists():
        CACHE.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            draft = Path(scratch) / "preload.so"
            flags = ["-std=c11", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra"]
            compiled = subprocess.run(
                [compiler, *flags, "-o", str(draft), str(SOURCE)],
                capture_output=True,
                text=True,
                check=False,
            )
            if compiled.returncode != 0:
                msg = f"{SOURCE.name} does not compile (is libc6-dev there?):\n{compiled.stderr}"
                raise RuntimeError(msg)
            draft.replace(built)
    return built


def environment(
    under: Path | None = None, log: Path | None = None, fault: Fault | None = None
) -> dict[str, str]:
    """What a child needs in its environment to have the library, watching `under`."""
    chosen = {"LD_PRELOAD": str(library())}
    if under is not None:
        chosen |= {"DISK_UNDER": str(under.resolve()), "DISK_LOG": str(log or "")}
    if fault is not None:
        chosen |= {
            "DISK_KINDS": fault.kinds,
            "DISK_SUFFIX": fault.suffix,
            "DISK_NTH": str(fault.nth),
            "DISK_ERROR": str(fault.error),
            "DISK_UNTIL": fault.until,
        }
    return os.environ | chosen


class Lever:
    """The library's functions, in a process that it was loaded into."""

    def __init__(self) -> None:
        """Find the library.

        Raises:
            RuntimeError: this process was started without it.
        """
        try:
            self._functions = ctypes.CDLL(None)
            self._functions.disk_count.restype = ctypes.c_long
        except AttributeError as err:
            msg = "start this with LD_PRELOAD (tests.faults.disk.preload.environment)"
            raise RuntimeError(msg) from err

    def watch(self, under: Path, log: Path | None = None) -> None:
        """Look at what lies below `under` from now on, and note it in `log`."""
        self._functions.disk_watch(bytes(under.resolve()), str(log or "").encode())

    def arm(self, fault: Fault) -> None:
        """Have `fault` happen; counted from now on."""
        self._functions.disk_fault(
            fault.kinds.encode(),
            fault.suffix.encode(),
            ctypes.c_long(fault.nth),
            fault.error,
            fault.until.encode(),
        )

    def disarm(self) -> int:
        """Nothing fails any more; how many operations the fault has counted."""
        seen: int = self._functions.disk_count()
        self._functions.disk_fault(b"", b"", ctypes.c_long(0), 0, b"")
        return seen
