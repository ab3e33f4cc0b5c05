"""A store, its broker and its hub: real processes on loopback, and the people who use them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Generic, Protocol, TypeVar

from edge_agent.__main__ import DATABASE
from tests.faults.system.clerks import Clerks, Told
from tests.faults.system.cluster import Database
from tests.faults.system.evidence import (
    HubEvidence,
    StoreEvidence,
    postgres_hub,
    sqlite_hub,
    store_evidence,
)
from tests.faults.system.oracle import restored_violations, violations
from tests.faults.system.programs import AGENT, HUB, Program
from tests.faults.system.settings import GATEWAY, STORE, Place, lay_out_agent, lay_out_hub
from tests.faults.system.waiting import until, until_async
from tests.support.brokers import BrokerProcess, broker_process, free_port, listens
from tests.support.certificates import Authority

P = TypeVar("P", bound=Program)


Kind = Callable[[Sequence[str], Path, Callable[[], bool]], P]
"""`Program`, or `Forked` where a test starts hundreds."""


Compare = Callable[[Told, HubEvidence, StoreEvidence], list[str]]


class Victim(Protocol):
    """What can be killed and started again."""

    def start(self) -> None: ...

    def kill(self) -> None: ...


@dataclass
class House(Generic[P]):
    """Everything between a till and the hub's database.

    Attributes:
        look: reads the hub's evidence.
    """

    folder: Path
    broker: BrokerProcess
    agent_place: Place
    hub_place: Place
    agent: P
    hub: P
    look: Callable[[], Awaitable[HubEvidence]]
    more: dict[str, Victim] = field(default_factory=dict)

    @property
    def victims(self) -> Mapping[str, Victim]:
        """What a kill loop may kill, by name."""
        return {"agent": self.agent, "broker": self.broker, "hub": self.hub, **self.more}

    @property
    def database(self) -> Path:
        """The agent's."""
        return self.agent_place.folder / "state" / DATABASE

    async def start(self) -> None:
        """Start agent and hub; return when both listen."""
        self.hub.start()
        self.agent.start()
        await self.stands()
        for name, victim in self.more.items():
            if name.startswith("worker"):
                victim.start()

    async def stands(self) -> None:
        """Wait until agent and hub listen, and have not ended by themselves."""
        for program in (self.agent, self.hub):
            await until(program.listening, f"{program.words[0]} listens: {program.last_words()}")
            assert program.ended is None, program.last_words()

    async def settled(self, told: Told, compare: Compare = violations) -> None:
        """Wait until both databases say all that was told; fail with what they do not say."""
        wrong: list[str] = []

        async def look() -> bool:
            wrong[:] = compare(told, await self.look(), self.store_evidence())
            return not wrong

        await until_async(look, lambda: "; ".join(wrong[:12]))

    def store_evidence(self) -> StoreEvidence:
        """What the agent's database says."""
        return store_evidence(self.database)


def made(folder: Path) -> Path:
    """`folder`, which is there afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ready(place: Place) -> tuple[Path, Callable[[], bool]]:
    """Where a program runs, and when it is ready."""
    return place.folder, lambda: listens(place.http)


class Door:
    """Another listener of mosquitto, with TLS; none where there is no authority.

    Attributes:
        settings: mosquitto's.
        more: the agent's.
    """

    def __init__(self, authority: Authority | None) -> None:
        self.port = free_port() if authority else 0
        self.settings = self.more = ""
        if authority is not None:
            pair = authority.server()
            self.settings = (
                f"listener {self.port} 127.0.0.1\ncertfile {pair.certificate}\n"
                f"keyfile {pair.key}\ntls_version tlsv1.3\n"
            )
            own = authority.client(GATEWAY)
            self.more = (
                f'[cloud.tls]\nca = "{authority.file}"\ncertificate = "{own.certificate}"\n'
                f'key = "{own.key}"\n'
            )


@asynccontextmanager
async def house(
    folder: Path,
    kind: Kind[P],
    *,
    authority: Authority | None = None,
    database: Database | None = None,
    workers: int = 0,
) -> AsyncIterator[House[P]]:
    """A store on mosquitto with a hub on SQLite; all of it is killed at the end.

    Args:
        kind: `Program`, or `Forked` where a test starts hundreds.
        authority: the store reaches the broker over TLS, with a certificate that it has signed.
        database: the hub's, instead of SQLite.
        workers: processes that take what the store sends, beside the hub.
    """
    with ExitStack() as stack:
        door = Door(authority)
        broker = stack.enter_context(broker_process("mosquitto", made(folder), door.settings))
        port = door.port or broker.port
        agent_place = lay_out_agent(folder / "agent", broker=port, more=door.more)
        where = database.url if database else "hub.db"
        hub_place = lay_out_hub(folder / "hub", broker=broker.port, database=where)
        agent = kind([AGENT, "run", "--settings", "store.toml"], *ready(agent_place))
        hub = kind([HUB, "run", "--settings", "hub.toml"], *ready(hub_place))
        more: dict[str, P] = {
            f"worker-{number}": kind(
                [HUB, "worker", "--settings", "hub.toml"], hub_place.folder, lambda: True
            )
            for number in range(1, workers + 1)
        }
        for one in (agent, hub, *more.values()):
            stack.callback(one.kill)

        async def look() -> HubEvidence:
            if database is not None:
                return await postgres_hub(database.url, STORE)
            return sqlite_hub(hub_place.folder / "hub.db", STORE)

        others: dict[str, Victim] = {**more, **({"database": database} if database else {})}
        yield House(folder, broker, agent_place, hub_place, agent, hub, look, others)


@asynccontextmanager
async def at_work(
    house_: House[P], random: Random, *, desks: int = 1, told: Told | None = None
) -> AsyncIterator[Clerks]:
    """Clerks at work while the block runs; afterwards they finish, and all is compared.

    Args:
        told: what those before them were told, before the store went on from an older copy.
    """
    clerks = Clerks(house_.agent_place, house_.hub_place, random, told)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(clerks.run(desks=desks), name="clerks")
        yield clerks
        clerks.stop.set()
    await house_.settled(clerks.told, violations if told is None else restored_violations)
