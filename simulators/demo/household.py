"""The processes of the demo: two brokers, hub, agent, locker adapter; started, minded, stopped."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from simulators.demo.children import Child, ChildDied
from simulators.demo.directory import RunDirectory
from simulators.demo.ports import Ports

READY_WITHIN_S = 30.0
"""A process is up in two seconds; on a loaded machine that builds something else, in twenty."""

AGENT_STOP_S, STOP_S = 3.0, 4.0
"""For the agent, which gives requests 2 s, and for all: Ctrl-C may take 5 s with the rest."""


class Household:
    """All children by name; made by `open_household`."""

    def __init__(
        self, run: RunDirectory, ports: Ports, env: Mapping[str, str], tell: Callable[[str], None]
    ) -> None:
        self._run = run
        self._ports = ports
        self._tell = tell
        settings = ["--settings", str(run.settings)]
        self.cloud_broker = self._child("cloud-broker", *_broker(ports.cloud_broker))
        self.store_broker = self._child("store-broker", *_broker(ports.store_broker))
        self.hub = self._child("hub", "cloud_bridge.hub", "run", "--settings", run.hub_settings)
        self.agent = self._child("agent", "edge_agent", "run", *settings, env=env)
        self.locker = self._child(
            "locker-adapter", "edge_agent", "adapter", "locker", "--bank", "A", *settings
        )

    @property
    def children(self) -> tuple[Child, ...]:
        """In the order in which they are started."""
        return (self.cloud_broker, self.store_broker, self.hub, self.agent, self.locker)

    @property
    def deaths(self) -> dict[str, int]:
        """Who ended unasked, and how often."""
        return {child.name: child.deaths for child in self.children if child.deaths}

    async def start(self) -> None:
        """Start all, and wait until each answers.

        Raises:
            ChildDied: with the last words of the one that did not.
        """
        await self._enrol_adapter()
        for child in self.children:
            await child.start()
        for child, probe in (
            (self.cloud_broker, _listens(self._ports.cloud_broker)),
            (self.store_broker, _listens(self._ports.store_broker)),
            (self.hub, _healthy(self._ports.hub)),
            (self.agent, _healthy(self._ports.agent)),
        ):
            await child.ready(probe, within_s=READY_WITHIN_S)

    async def found_ca(self) -> None:
        """Make the hub's CA, where there is none, and have the hub use it; before `start`."""
        if not self._run.ca.exists():
            directory = str(self._run.ca)
            await _run_to_its_end("cloud_bridge.hub", "ca", "init", "--directory", directory)
        self._run.use_ca()

    async def restore_cloud(self) -> None:
        """Start the cloud broker again, empty; returns when it listens."""
        await self.cloud_broker.start()
        probe = _listens(self._ports.cloud_broker)
        await self.cloud_broker.ready(probe, within_s=READY_WITHIN_S)

    async def mind(self) -> None:
        """Start again whoever dies; runs for ever."""
        async with asyncio.TaskGroup() as tasks:
            for child in self.children:
                tasks.create_task(child.mind(), name=f"mind {child.name}")

    async def stop(self) -> None:
        """Stop all within `STOP_S`; a repeat does nothing.

        First the agent, so that it sees nobody go; last the brokers, which keep nothing anyway.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + STOP_S
        await _stop((self.agent,), AGENT_STOP_S)
        await _stop((self.locker, self.hub), ends - loop.time())
        for broker in (self.cloud_broker, self.store_broker):
            await broker.kill()

    def write_pids(self) -> None:
        """Write down which process is which."""
        self._run.write_children({child.name: child.pid for child in self.children})

    def _child(self, name: str, module: str, *arguments: Any, env: Any = None) -> Child:  # noqa: ANN401 - paths and text
        argv = [sys.executable, "-m", module, *map(str, arguments)]
        return Child(
            name,
            argv,
            log=self._run.log(name),
            env=env,
            tell=self._tell,
            changed=self.write_pids,
        )

    async def _enrol_adapter(self) -> None:
        """Make the adapter's keys before the agent reads its list of allowed ones."""
        argv = ["edge_agent", "adapter", "locker", "--bank", "A", "--enrol"]
        await _run_to_its_end(*argv, "--settings", str(self._run.settings))


async def _run_to_its_end(module: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    words, _ = await process.communicate()
    if process.returncode:
        text = " ".join(words.decode(errors="replace").split())
        msg = f"{module} {' '.join(arguments)} failed: {text}"
        raise ChildDied(msg)


@asynccontextmanager
async def open_household(
    run: RunDirectory, ports: Ports, env: Mapping[str, str], tell: Callable[[str], None]
) -> AsyncIterator[Household]:
    """A household that is stopped on the way out, however that comes about."""
    household = Household(run, ports, env, tell)
    try:
        yield household
    finally:
        await household.stop()


async def _stop(children: tuple[Child, ...], within_s: float) -> None:
    async with asyncio.TaskGroup() as tasks:
        for child in children:
            tasks.create_task(child.stop(within_s=within_s), name=f"stop {child.name}")


def _broker(port: int) -> tuple[str, ...]:
    return ("simulators", "broker", "--port", str(port))


def _listens(port: int) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    return probe


def _healthy(port: int) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                answer = await client.get(f"http://127.0.0.1:{port}/v1/health")
            except httpx.TransportError:
                return False
        return answer.is_success

    return probe
