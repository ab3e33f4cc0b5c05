"""`store.toml`: read once, frozen. Every field says its unit and why it is what it is.

`docs/reference/settings.md` is written from these classes.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[
    dict[Annotated[str, Meta(pattern="^(ko|en)$")], str],
    Meta(description="text by language, ko and en"),
]
Name = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$", description="a-z, 0-9 and hyphens, at most 63")
]
Metres = Annotated[float, Meta(ge=0, le=1000, description="metres from the floor's top left")]
Point = tuple[Metres, Metres]
Seconds = Annotated[float, Meta(gt=0, le=31_536_000, description="seconds")]
Port = Annotated[int, Meta(ge=1, le=65535)]
Role = Literal["console", "staff", "till", "metrics"]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that it does not know is a mistake, not an extra."""


class Store(Table, frozen=True, kw_only=True):
    """Which store this is."""

    id: Annotated[Name, Meta(description="the store's name on the wire; `hub` is reserved")]
    gateway: Annotated[Name, Meta(description="this gateway's name; a store's leader is one")]
    name: Text
    timezone: Annotated[
        str, Meta(description="IANA name; nights, days and hours of the store are counted in it")
    ] = "Asia/Seoul"


class State(Table, frozen=True, kw_only=True):
    """Where the agent keeps what must survive."""

    directory: Annotated[
        Path, Meta(description="database, keys, adapters' journals; made with mode 0700")
    ]
    log_format: Annotated[Literal["json", "console"], Meta(description="structured logs")] = "json"


Percent = Annotated[int, Meta(ge=1, le=94, description="percent of `[storage] waiting_mb`")]


class Shares(Table, frozen=True, kw_only=True):
    """What each lane of facts may take of `[storage] waiting_mb`; together 100 at most.

    By a usual week (docs/performance.md): orders and coupons are few and precious, so they get ten
    times what they need; stock moves most; what is looked at in sums gets what is left.
    """

    pickup: Percent = 15
    coupon: Percent = 15
    stock: Percent = 25
    record: Percent = 10
    mirror: Percent = 10
    presence: Percent = 20
    telemetry: Percent = 5

    def by_lane(self) -> Mapping[str, int]:
        """The shares by the lanes' names on the wire."""
        return msgspec.structs.asdict(self)


class Storage(Table, frozen=True, kw_only=True):
    """How much the store keeps while the cloud is away."""

    waiting_mb: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="MB of facts that may wait for the cloud; a week is about 110",
        ),
    ] = 1024
    shares: Shares = Shares()
    company_ms: Annotated[
        int,
        Meta(
            ge=0,
            le=5000,
            description="ms that a commit for which nobody waits may wait for others, each costs"
            " the disk some 30 kB; 1000 on a card or eMMC",
        ),
    ] = 250
    low_free_mb: Annotated[
        int,
        Meta(
            ge=64,
            le=1_000_000,
            description="below this much free disk facts are rolled up early and staff are told",
        ),
    ] = 512


class Http(Table, frozen=True, kw_only=True):
    """The pages and the API."""

    listen: Annotated[
        str, Meta(pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d+$", description="host:port")
    ] = "127.0.0.1:8080"
    public_url: Annotated[
        str, Meta(description="https address in front of it; required beyond loopback")
    ] = ""

    @property
    def host(self) -> str:
        """The address to bind."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to bind."""
        return int(self.listen.rpartition(":")[2])


class Broker(Table, frozen=True, kw_only=True):
    """An MQTT broker."""

    host: str
    port: Port = 1883
    protocol: Annotated[Literal["3.1.1", "5"], Meta(description="5 where the broker has it")] = "5"
    username: str = ""
    password_file: Annotated[Path | None, Meta(description="file with the password")] = None
    retry_at_most_s: Annotated[
        Seconds,
        Meta(description="longest wait before a retry; 120 keeps ten thousand stores apart"),
    ] = 120.0


class Tls(Table, frozen=True, kw_only=True):
    """TLS 1.3 with other files than the identity that `edge-agent provision` made.

    `tls = true` in `[cloud]` takes that one, which lies below the state directory. Files are PEM,
    and read anew for each connection.
    """

    ca: Annotated[
        Path | None, Meta(description="who signs the broker's certificate; else that identity's")
    ] = None
    certificate: Annotated[
        Path | None, Meta(description="this gateway's; else that identity's")
    ] = None
    key: Annotated[Path | None, Meta(description="its private key; else that identity's")] = None


class Cloud(Broker, frozen=True, kw_only=True):
    """The cloud's MQTT broker; `tls = true` or a table `[cloud.tls]` where it has TLS 1.3."""

    tls: bool | Tls = False


class DeviceBus(Table, frozen=True, kw_only=True):
    """ZeroMQ with CURVE: where adapters of lockers and readers connect."""

    listen: Annotated[
        str, Meta(pattern=r"^tcp://[^\s:]+:\d+$", description="ZeroMQ endpoint, tcp://host:port")
    ] = "tcp://127.0.0.1:5570"
    keys: Annotated[Path, Meta(description="key directory; an adapter's public key admits it")]


class Access(Table, frozen=True, kw_only=True):
    """A key and what it opens."""

    roles: Annotated[list[Role], Meta(min_length=1)]
    key_file: Annotated[Path, Meta(description="file with the key, at least 16 characters")]


class Presence(Table, frozen=True, kw_only=True):
    """How sightings become positions."""

    gone_after_s: Annotated[
        Seconds,
        Meta(description="silent this long while receivers near hear others: left the store"),
    ] = 30.0
    path_loss_exponent: Annotated[
        float, Meta(ge=1.5, le=6, description="2.0 is free space, 2 to 3 an open shop floor")
    ] = 2.4
    survey: Annotated[
        Path | None, Meta(description="what `edge-agent survey` recorded; better zones by it")
    ] = None
    counts_at_least: Annotated[
        int,
        Meta(ge=2, le=1000, description="a zone's hour with fewer people is not counted aloud"),
    ] = 5


class Shoppers(Table, frozen=True, kw_only=True):
    """Rules of joining and of advertising."""

    night_from: Annotated[
        str,
        Meta(
            pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
            description="store time; from here advertising needs the consent for the night",
        ),
    ] = "21:00"
    night_until: Annotated[
        str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="store time; until here")
    ] = "08:00"
    retention_days: Annotated[
        int, Meta(ge=1, le=3650, description="a consent lapses after this long and is asked anew")
    ] = 730


class Floor(Table, frozen=True, kw_only=True):
    """The plan that positions and pages share."""

    width_m: Annotated[float, Meta(gt=0, le=1000)]
    height_m: Annotated[float, Meta(gt=0, le=1000)]
    walls: Annotated[
        list[tuple[Metres, Metres, Metres, Metres]], Meta(description="x1, y1, x2, y2; a picture")
    ] = []


class Zone(Table, frozen=True, kw_only=True):
    """A named polygon of the floor."""

    id: Name
    name: Text
    kind: Literal["entrance", "shelf", "fitting", "pickup", "till", "floor"]
    polygon: Annotated[list[Point], Meta(min_length=3, max_length=64)]
    dwell_s: Annotated[Seconds, Meta(description="a stay this long is said once")] = 10.0


class Receiver(Table, frozen=True, kw_only=True):
    """A radio that hears beacons."""

    id: Name
    kind: Literal["bluez", "omg", "espresense", "esphome", "gateway"]
    position: Point
    height_m: Annotated[
        float, Meta(ge=0, le=30, description="metres above the floor that people stand on")
    ] = 2.5
    offset_db: Annotated[
        float, Meta(ge=-40, le=40, description="added to every RSSI; `edge-agent tune` finds it")
    ] = 0.0
    adapter: Annotated[str, Meta(description="bluez: the adapter, such as hci0")] = ""
    gateway: Annotated[str, Meta(description="omg: its name in home/<gateway>/BTtoMQTT/…")] = ""
    node: Annotated[str, Meta(description="espresense: its name in espresense/rooms/<node>")] = ""
    host: Annotated[str, Meta(description="esphome: the proxy's address")] = ""
    port: Annotated[Port, Meta(description="esphome: of its native API")] = 6053
    key_file: Annotated[
        Path | None, Meta(description="esphome: file with its encryption key, base64")
    ] = None
    device: Annotated[
        str, Meta(description="gateway: the other gateway's name on the device bus")
    ] = ""


class Beacon(Table, frozen=True, kw_only=True):
    """A beacon of the store's own: a badge, a trolley, a fixed reference, a sensor."""

    id: Name
    role: Literal["staff", "asset", "reference", "sensor"]
    identity: Annotated[
        str,
        Meta(
            max_length=128,
            description="as `edge-agent decode` says it; empty where a key names the beacon",
        ),
    ] = ""
    address: Annotated[
        str,
        Meta(
            pattern="^(([0-9A-F]{2}:){5}[0-9A-F]{2})?$",
            description="sensor: its radio address; for others, the only one believed",
        ),
    ] = ""
    key_kind: Annotated[
        Literal["", "eid", "irk", "bthome"], Meta(description="what `key_file` holds")
    ] = ""
    key_file: Annotated[Path | None, Meta(description="file with the key, 32 hex digits")] = None
    rotation_exponent: Annotated[
        int, Meta(ge=0, le=15, description="eid: a new identifier every 2^this seconds")
    ] = 10
    clock_zero: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        Meta(description="eid: when the beacon's own clock stood at 0, with its offset from UTC"),
    ] = None
    position: Annotated[Point | None, Meta(description="reference: where it hangs")] = None
    consented: Annotated[
        bool, Meta(description="staff: the wearer has agreed to being located")
    ] = False
    low_battery_v: Annotated[
        float, Meta(ge=0, le=5, description="an alert below; 2.4 is a tired CR2032 under load")
    ] = 2.4
    low_battery_percent: Annotated[
        int, Meta(ge=0, le=100, description="an alert below, where the beacon says percent")
    ] = 15


class Locker(Table, frozen=True, kw_only=True):
    """A bank of compartments, driven by one adapter process."""

    id: Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,16}$", description="as painted on the bank")]
    family: Literal["kerong_cu16"]
    serial: Annotated[Path, Meta(description="the serial line, /dev/serial/by-id/…")]
    boards: Annotated[
        int, Meta(ge=1, le=15, description="on the line; address 15 would be the whole bus")
    ] = 1
    profile: Annotated[
        Path | None, Meta(description="a site's own profile.toml: other polarity, other timing")
    ] = None
    position: Point


class Mirror(Table, frozen=True, kw_only=True):
    """A fitting-room mirror or a screen beside a shelf."""

    id: Name
    zone: Name
    position: Point


class Pickup(Table, frozen=True, kw_only=True):
    """Rules of handing over."""

    hold_s: Annotated[Seconds, Meta(description="how long a ready order waits")] = 259_200.0
    open_within_s: Annotated[
        Seconds, Meta(description="an unlock later than this after the pass is not done at all")
    ] = 20.0
    close_reminder_s: Annotated[
        Seconds, Meta(description="a door open this long is a task for staff")
    ] = 60.0


class CatalogueFile(Table, frozen=True, kw_only=True):
    """Where the articles stand."""

    file: Path


class Simulator(Table, frozen=True, kw_only=True):
    """The simulated store's control API, for the console; absent in a real store."""

    url: str
    key_file: Path


class DemoCampaign(Table, frozen=True, kw_only=True):
    """What `store-sim demo` publishes at the hub; a real store's campaigns come from the cloud."""

    id: Name
    zone: Name
    styles: Annotated[list[str], Meta(min_length=1, description="of the catalogue's articles")]
    discounts: Annotated[
        list[int], Meta(min_length=1, description="minor units; the seed draws one")
    ]
    title: Text
    text: Text


class Article(Table, frozen=True, kw_only=True):
    """One article of the catalogue; `price` in the minor unit of the catalogue's currency."""

    gtin: Annotated[str, Meta(pattern=r"^[0-9]{13}$", description="GTIN-13")]
    style: str
    name: Text
    colour: Text
    size: str
    price: Annotated[int, Meta(ge=0)]
    zone: Name


class Catalogue(Table, frozen=True, kw_only=True):
    """The articles of the store."""

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")]
    articles: list[Article] = []

    def by_gtin(self) -> Mapping[str, Article]:
        """The articles keyed by GTIN."""
        return {article.gtin: article for article in self.articles}


class Configuration(Table, frozen=True, kw_only=True):
    """Settings that the cloud lays over these."""

    signing_key_file: Annotated[
        Path | None,
        Meta(description="public key of who may; else configuration/signing.pub of the state"),
    ] = None
    health_within_s: Annotated[
        Seconds,
        Meta(description="a start on new ones must be acknowledged by the hub within; else back"),
    ] = 300.0


class Settings(Table, frozen=True, kw_only=True):
    """The whole file."""

    store: Store
    state: State
    storage: Storage = Storage()
    http: Http = Http()
    cloud: Cloud
    store_broker: Broker | None = None
    device_bus: DeviceBus
    configuration: Configuration = Configuration()
    access: list[Access] = []
    presence: Presence = Presence()
    shoppers: Shoppers = Shoppers()
    floor: Floor
    zones: list[Zone] = []
    receivers: list[Receiver] = []
    beacons: list[Beacon] = []
    lockers: list[Locker] = []
    mirrors: list[Mirror] = []
    pickup: Pickup = Pickup()
    catalogue: CatalogueFile
    simulator: Simulator | None = None
    campaigns: list[DemoCampaign] = []
