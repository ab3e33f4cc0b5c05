"""The smallest settings with which a store and its hub are whole."""

from dataclasses import dataclass
from pathlib import Path

from cloud_bridge.hub.access import write_key
from tests.support.brokers import free_port

STORE = "fault-store"
GATEWAY = "gw-1"
KEY = "k7mw-2rfp-x9tc-04hd"
"""Opens everything in the store."""

AGENT_TOML = """
[store]
id = "{store}"
gateway = "{gateway}"
name = {{ ko = "가게", en = "Store" }}
[state]
directory = "state"
[http]
listen = "127.0.0.1:{http}"
[cloud]
host = "127.0.0.1"
port = {broker}
protocol = "{protocol}"
retry_at_most_s = 0.2
[device_bus]
listen = "tcp://127.0.0.1:{bus}"
keys = "keys"
[[access]]
roles = ["console", "staff", "till"]
key_file = "desk.key"
[floor]
width_m = 10
height_m = 10
[catalogue]
file = "catalogue.toml"
"""

HUB_TOML = """
database = "{database}"
stores = ["{store}"]
listen = "127.0.0.1:{http}"
[broker]
host = "127.0.0.1"
port = {broker}
mqtt5 = {mqtt5}
[access]
operator_key_file = "operator.key"
api_key_file = "api.key"
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A program's folder and address.

    Attributes:
        key: the bearer that its API takes.
    """

    folder: Path
    http: int
    key: str

    @property
    def url(self) -> str:
        """Base address, without a slash at the end."""
        return f"http://127.0.0.1:{self.http}"


def lay_out_agent(
    folder: Path, *, broker: int, gateway: str = GATEWAY, mqtt5: bool = True, more: str = ""
) -> Place:
    """Write an agent's settings into `folder`; `more` goes to their end."""
    folder.mkdir(parents=True, exist_ok=True)
    http = free_port()
    text = AGENT_TOML.format(
        store=STORE,
        gateway=gateway,
        http=http,
        broker=broker,
        bus=free_port(),
        protocol="5" if mqtt5 else "3.1.1",
    )
    (folder / "store.toml").write_text(text + more, encoding="utf-8")
    (folder / "catalogue.toml").write_text('currency = "KRW"\n', encoding="utf-8")
    (folder / "desk.key").write_text(KEY, encoding="utf-8")
    (folder / "desk.key").chmod(0o600)
    return Place(folder, http, KEY)


def lay_out_hub(
    folder: Path, *, broker: int, database: str = "hub.db", mqtt5: bool = True, more: str = ""
) -> Place:
    """Write a hub's settings into `folder`; `more` goes to their end."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("operator.key", "api.key"):
        write_key(folder / name)
    http = free_port()
    text = HUB_TOML.format(
        database=database,
        store=STORE,
        http=http,
        broker=broker,
        mqtt5="true" if mqtt5 else "false",
    )
    (folder / "hub.toml").write_text(text + more, encoding="utf-8")
    return Place(folder, http, (folder / "api.key").read_text(encoding="utf-8").strip())
