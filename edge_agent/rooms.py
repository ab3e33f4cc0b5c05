"""The store's rooms: each is given what it asks of the others, and they meet nowhere else."""

from collections.abc import Callable, Iterable, Sequence
from datetime import time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from device_profiles.beacons import BeaconKey
from device_profiles.lockers.profile import load, load_file
from device_profiles.sighting import Sighting
from edge_agent import flows
from edge_agent.capabilities.beacons import routes as beacon_routes
from edge_agent.capabilities.beacons.model import Beacon
from edge_agent.capabilities.beacons.service import Beacons
from edge_agent.capabilities.coupons import routes as coupon_routes
from edge_agent.capabilities.coupons import store as coupon_store
from edge_agent.capabilities.coupons.service import Coupons
from edge_agent.capabilities.mirrors import routes as mirror_routes
from edge_agent.capabilities.mirrors.model import Place
from edge_agent.capabilities.mirrors.service import Mirrors
from edge_agent.capabilities.pickup import model as pickup
from edge_agent.capabilities.pickup import routes as pickup_routes
from edge_agent.capabilities.pickup import store as order_store
from edge_agent.capabilities.pickup.service import DoorKeeper, Pickups
from edge_agent.capabilities.presence import model as presence
from edge_agent.capabilities.presence import routes as presence_routes
from edge_agent.capabilities.presence.decide.estimator import SurveyPoint
from edge_agent.capabilities.presence.service import Presence
from edge_agent.capabilities.shoppers import routes as shopper_routes
from edge_agent.capabilities.shoppers import store as shopper_store
from edge_agent.capabilities.shoppers.decide.consents import is_night
from edge_agent.capabilities.shoppers.model import Night, Policy
from edge_agent.capabilities.shoppers.service import Around, Shoppers
from edge_agent.capabilities.stock import routes as stock_routes
from edge_agent.capabilities.stock import store as stock_store
from edge_agent.capabilities.stock.service import Stock
from edge_agent.devices.bus import DeviceBus
from edge_agent.devices.messages import Unlock
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import ClockQuality
from edge_agent.own_beacons import own_beacons
from edge_agent.radio import (
    FILTERED_KINDS,
    Canary,
    Identities,
    ReceiverHealth,
    ReceiverState,
)
from edge_agent.radio.nearby import Nearby
from edge_agent.sealing import PersonKeys
from edge_agent.settings import Settings
from edge_agent.signing_key import PICKUP_KEY, RECEIPT_KEY, signing_key
from edge_agent.storage import Storage, Tx
from edge_agent.storage.answers import forget_answers
from edge_agent.storage.dispatcher import Flow
from edge_agent.storage.reads import Reads
from edge_agent.storage.restored import restored_reason
from edge_agent.survey_file import read_survey
from edge_agent.things import Things
from edge_agent.web.access import Access
from edge_agent.web.answering import Answering
from edge_agent.web.farewell import Farewells
from edge_agent.web.nearby import nearby_routes
from edge_agent.web.sessions import Sessions, admit, forget_subject


class _Agreed:
    """What shoppers have agreed to, for the rooms that must know."""

    def __init__(self, night: Night) -> None:
        self._night = night

    def advertising(self, tx: Tx, shopper: str, now: Instant, /) -> bool:
        """Whether advertising is agreed to at this hour; a clock that was never set knows none."""
        if not shopper_store.agreed(tx, shopper, "advertising"):
            return False
        if tx.clock_quality is not ClockQuality.UNSET and not is_night(self._night, now):
            return True
        return shopper_store.agreed(tx, shopper, "night_advertising")

    def location(self, reads: Reads, shopper: str, /) -> bool:
        """Whether consent to being located is in force."""
        return shopper_store.agreed(reads, shopper, "location")


def _nothing(_shopper: str) -> None:
    """Nobody is told."""


class _Shelf:
    """What there is to sell, for coupons."""

    def available(self, reads: Reads, gtin: str, /) -> int:
        """Units that nobody has reserved."""
        return stock_store.entry(reads, gtin).available


class _BusDoors:
    """The banks of lockers, over the device bus."""

    def __init__(self, bus: DeviceBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    def present(self, bank: str, /) -> bool:
        """Whether the bank's adapter is there now."""
        return bank in self._bus.present()

    async def unlock(
        self, bank: str, compartment: int, command_id: str, not_after: Instant
    ) -> None:
        """Send the command with the time that it has left; raises `DeviceAbsent`."""
        left_s = not_after.monotonic - self._clock.now().monotonic
        await self._bus.send(bank, Unlock(command_id, compartment, max(0, int(left_s * 1000))))


class Rooms:
    """Every room's service."""

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        clock: Clock,
        sessions: Sessions,
        bus: DeviceBus,
        *,
        keys: PersonKeys,
    ) -> None:
        """Builds the services; `open` reads what they need from the database.

        Raises:
            BadSigningKey: a key that signs passes or receipts cannot be used.
            BadProfile: a bank's family has no profile.
            BadSurvey: the survey of the floor cannot be read.
        """
        self._clock = clock
        own = own_beacons(settings)
        rules = _rules(settings, own)
        self._agreed = agreed = _Agreed(rules.night)

        async def mint(pseudonym: str) -> str:
            return (await sessions.mint("shopper", pseudonym))[0]

        self.identities = Identities()
        self._pickup_zones = [zone.id for zone in settings.zones if zone.kind == "pickup"]
        self.gone: Callable[[str], None] = _nothing
        self.shoppers = Shoppers(
            storage,
            clock,
            rules,
            around=Around(
                keys=keys,
                radio=self.identities,
                mint=mint,
                admit=admit,
                forget=self._forget,
                gone=self._gone,
                traces=(
                    coupon_store.forget_shopper,
                    order_store.forget_shopper,
                    forget_subject,
                    forget_answers,
                ),
            ),
            receipt_key=signing_key(settings.state.directory / RECEIPT_KEY),
        )
        self.coupons = Coupons(storage, clock, consents=agreed, shelf=_Shelf())
        self.stock = Stock(storage, clock)
        self.mirrors = Mirrors(
            storage, clock, [Place(mirror.id, mirror.zone) for mirror in settings.mirrors]
        )
        survey = _survey(settings)
        self.presence = Presence(
            storage,
            clock,
            presence.Policy(
                gone_after_s=settings.presence.gone_after_s,
                path_loss_exponent=settings.presence.path_loss_exponent,
                counts_at_least=settings.presence.counts_at_least,
                timezone=ZoneInfo(settings.store.timezone),
            ),
            _floor(settings),
            directory=self.shoppers.directory,
            consents=agreed,
            survey=survey,
        )
        for _, key in own:
            self.identities.enrol(key)
        things = _things(settings, own, survey)
        self.beacons = Beacons(
            storage,
            clock,
            [beacon for beacon, _ in own],
            things,
            calibrate=partial(_calibrate, (self.presence, things)),
        )
        self.nearby = Nearby(
            {
                one.identity: one.id
                for one in settings.beacons
                if one.role == "reference" and one.identity and one.position is not None
            },
            located=self.shoppers.directory.shopper_of,
            heard=self.presence.heard,
            clock=clock,
        )
        policy = pickup.Policy(
            hold_s=settings.pickup.hold_s,
            open_within_s=settings.pickup.open_within_s,
            close_reminder_s=settings.pickup.close_reminder_s,
        )
        self.doors = DoorKeeper(storage, clock, policy, _BusDoors(bus, clock))
        self.pickups = Pickups(
            storage,
            clock,
            policy,
            store_id=settings.store.id,
            key=signing_key(settings.state.directory / PICKUP_KEY),
            boxes=_boxes(settings),
            keeper=self.doors,
            withheld=lambda reads: restored_reason(reads) is not None,
        )

    def heard(self, sighting: Sighting) -> None:
        """Fan a sighting out by the role of its beacon; on the event loop, never waits."""
        if not self.beacons.heard(sighting):
            self.presence.heard(sighting)

    def near(self, receiver: str) -> Canary | None:
        """What a receiver heard of the reference beacons near it, for its watchdog."""
        found = self.beacons.canary(receiver)
        return None if found is None else Canary(*found)

    def flows(self) -> Sequence[Flow]:
        """Which fact in one room calls what in another."""
        return flows.flows(
            coupons=self.coupons,
            mirrors=self.mirrors,
            pickups=self.pickups,
            stock=self.stock,
            pickup_zones=self._pickup_zones,
            zone_of=self.presence.zone_of,
            locatable=self._agreed.location,
            advertising=self._agreed.advertising,
            count_entry=self.shoppers.entered,
        )

    def routes(self, access: Access, run: Answering, farewells: Farewells) -> list[APIRouter]:
        """Every room's HTTP."""
        return [
            shopper_routes.join_routes(
                self.shoppers,
                clock=self._clock,
                staff=access.staff,
                newcomer=access.newcomer,
                run=run,
            ),
            shopper_routes.own_routes(
                self.shoppers, shopper=access.shopper, leaver=farewells, run=run
            ),
            shopper_routes.receipt_routes(self.shoppers),
            beacon_routes.routes(self.beacons, staff=access.desk),
            coupon_routes.routes(self.coupons, till=access.till, run=run),
            stock_routes.routes(
                self.stock,
                till=access.till,
                staff=access.staff,
                staff_or_till=access.staff_or_till,
                run=run.unhurried,
            ),
            pickup_routes.staff_routes(self.pickups, staff=access.staff, run=run),
            pickup_routes.shopper_routes(self.pickups, shopper=access.shopper, run=run),
            pickup_routes.scan_routes(
                self.pickups, scanner=access.scanner, anywhere=("console", "staff"), run=run
            ),
            mirror_routes.routes(self.mirrors, device=access.device, run=run),
            nearby_routes(self.nearby, shopper=access.shopper),
            presence_routes.routes(self.presence, console=access.console),
        ]

    def receiver_health(self, health: ReceiverHealth) -> None:
        """Tell presence how well a receiver hears."""
        hearing = health.state is ReceiverState.HEARING
        self.beacons.receiver_health(health.receiver, hearing=hearing)
        reason = health.reason.value if health.reason else ""
        self.presence.receiver_health(health.receiver, presence.Hearing(health.state.value), reason)

    def _gone(self, shopper: str) -> None:
        self.nearby.forget(shopper)
        self.gone(shopper)

    def _forget(self, shopper: str) -> None:
        self.presence.forget(shopper)


def _rules(settings: Settings, own: Iterable[tuple[Beacon, BeaconKey]]) -> Policy:
    asked = settings.shoppers
    return Policy(
        store=settings.store.id,
        name=settings.store.name,
        retention=timedelta(days=asked.retention_days),
        night=Night(
            time.fromisoformat(asked.night_from),
            time.fromisoformat(asked.night_until),
            ZoneInfo(settings.store.timezone),
        ),
        reserved=frozenset(key.identity for _, key in own),
    )


def _floor(settings: Settings) -> presence.Floor:
    return presence.Floor(
        settings.floor.width_m,
        settings.floor.height_m,
        tuple(presence.Zone(one.id, tuple(one.polygon), one.dwell_s) for one in settings.zones),
        tuple(
            presence.Receiver(
                one.id, one.position, one.height_m, one.offset_db, one.kind in FILTERED_KINDS
            )
            for one in settings.receivers
        )
        + tuple(
            presence.Receiver(f"beacon:{one.id}", one.position, by_phone=True)
            for one in settings.beacons
            if one.role == "reference" and one.position is not None
        ),
    )


def _survey(settings: Settings) -> Sequence[SurveyPoint]:
    file = settings.presence.survey
    if file is None:
        return ()
    return read_survey(file, [receiver.id for receiver in settings.receivers]).points


def _calibrate(
    places: Iterable[Presence | Things | None], receiver: str, correction_db: float
) -> None:
    for place in places:
        if place is not None:
            place.calibrate(receiver, correction_db)


def _things(
    settings: Settings, own: Iterable[tuple[Beacon, BeaconKey]], survey: Sequence[SurveyPoint]
) -> Things | None:
    """Who says where trolleys and badges are, if there are any."""
    if not any(beacon.located for beacon, _ in own):
        return None
    exponent = settings.presence.path_loss_exponent
    return Things(_floor(settings), survey, path_loss_exponent=exponent)


def _boxes(settings: Settings) -> list[pickup.Box]:
    boxes: list[pickup.Box] = []
    for bank in settings.lockers:
        profile = load_file(bank.profile) if bank.profile else load(bank.family)
        numbers = range(1, profile.sizes.locks_per_board * bank.boards + 1)
        boxes += [pickup.Box(pickup.Compartment(bank.id, number)) for number in numbers]
    return boxes
