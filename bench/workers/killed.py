"""A process that is killed in the middle of its work, and how much of it was acknowledged."""

import mmap
import os
import signal
import struct
import time
from collections.abc import Callable
from typing import Final

COUNT: Final = struct.Struct("Q")


def killed(work: Callable[[Callable[[], None]], None], after_s: float) -> int:
    """Run `work` in a process of its own and kill it (SIGKILL) after `after_s`.

    Args:
        work: goes on until it is killed; calls what it is given at each acknowledgement.
        after_s: seconds.

    Returns:
        How many acknowledgements it had had.
    """
    with mmap.mmap(-1, COUNT.size) as shared:

        def acknowledged() -> None:
            (before,) = COUNT.unpack_from(shared)
            COUNT.pack_into(shared, 0, before + 1)

        child = os.fork()
        if child == 0:
            try:
                work(acknowledged)
            finally:
                os._exit(1)
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        count: int = COUNT.unpack_from(shared)[0]
        return count
