"""The demo's child processes: each in a group of its own, none outliving the supervisor."""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from simulators.demo.failure import DemoFailure

RESTART_AFTER_S = 1.0
"""Before a child that died is started again: systemd units do the same (RestartSec=1)."""

PROBE_EVERY_S = 0.1
LAST_WORDS = 3
"""Lines of a dead child's log that are shown."""


class ChildDied(DemoFailure):
    """A child ended, or never got ready, while being started; the text has its last words."""


class Child:
    """One process and its log file.

    Attributes:
        name: as people know it, such as ``cloud-broker``.
        deaths: how often it ended without being told to.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        tell: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        """Nothing is started yet.

        Args:
            name: see above.
            argv: program and arguments.
            log: its output is appended here.
            env: added to the supervisor's environment.
            tell: hears, in one line, of a death that nobody wanted.
            changed: called whenever the process id changes.
        """
        self.name = name
        self.deaths = 0
        self._argv = [*_leash(), *argv]
        self._log = log
        self._env = {**os.environ, **(env or {})}
        self._tell = tell
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._ended: asyncio.subprocess.Process | None = None
        self._started = asyncio.Condition()

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def start(self) -> None:
        """Start it; a repeat while it runs does nothing."""
        if self.pid is not None:
            return
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                start_new_session=True,
            )
        async with self._started:
            self._started.notify_all()
        self._changed()

    async def ready(self, probe: Callable[[], Awaitable[bool]], *, within_s: float) -> None:
        """Wait until `probe` says yes.

        Raises:
            ChildDied: when it ended first, or is not ready `within_s` seconds from now.
        """
        try:
            async with asyncio.timeout(within_s):
                while not await probe():
                    if self.pid is None:
                        raise ChildDied(self._obituary("ended at start"))
                    await asyncio.sleep(PROBE_EVERY_S)
        except TimeoutError as err:
            raise ChildDied(self._obituary(f"was not ready after {within_s:.0f} s")) from err

    async def mind(self) -> None:
        """Start it again whenever it ends unasked; runs for ever."""
        process: asyncio.subprocess.Process | None = None
        while True:
            process = await self._another_than(process)
            status = await process.wait()
            if process is self._ended:
                continue
            self.deaths += 1
            self._tell(self._obituary(f"died ({_meaning(status)}), starting it again"))
            await asyncio.sleep(RESTART_AFTER_S)
            if process is not self._ended:
                await self.start()

    async def kill(self) -> None:
        """End it at once, as a power cut would; it stays down until `start`."""
        await self._end(signal.SIGKILL)

    async def stop(self, *, within_s: float) -> None:
        """Ask it to end; kill it when it does not within `within_s` seconds."""
        try:
            async with asyncio.timeout(within_s):
                await self._end(signal.SIGTERM)
        except TimeoutError:
            self._tell(f"{self.name} did not stop within {within_s:.1f} s and was killed")
            await self._end(signal.SIGKILL)

    async def _another_than(
        self, former: asyncio.subprocess.Process | None
    ) -> asyncio.subprocess.Process:
        async with self._started:
            while self._process is None or self._process is former:
                await self._started.wait()
            return self._process

    async def _end(self, how: signal.Signals) -> None:
        self._ended = self._process
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        await self._process.wait()
        self._changed()

    def _obituary(self, what: str) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        words = " | ".join(line.strip() for line in lines[-LAST_WORDS:] if line.strip())
        return f"{self.name} {what}; its log {self._log} ends: {words or '(empty)'}"


def _leash() -> list[str]:
    """Let the kernel kill the child when the supervisor is killed (util-linux; prctl(2))."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def _meaning(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"status {status}"
