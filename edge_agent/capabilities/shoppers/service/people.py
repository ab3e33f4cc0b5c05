"""Joining, agreeing, pausing, withdrawing, leaving: one unit of work each."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_bridge.wire.facts.shoppers import Purpose
from device_profiles.beacons.keys import BeaconKey
from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.decide import consents, joining, leaving
from edge_agent.capabilities.shoppers.model import (
    Admit,
    Consent,
    Decision,
    Enrolment,
    Forget,
    Keys,
    Mint,
    Named,
    Policy,
    Radio,
    Shopper,
    Trace,
    Welcome,
)
from edge_agent.capabilities.shoppers.service.directory import Directory
from edge_agent.capabilities.shoppers.service.texts import present_texts
from edge_agent.capabilities.shoppers.service.upkeep import Upkeep
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Reads, Run

_PSEUDONYM_BYTES = 9
"""72 random bits, 12 characters: no two shoppers of a chain meet, and it fits a page's corner."""

_SALT_BYTES = 16
"""As many as a hash of 12 characters needs that nobody can look up without the receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the room asks of the rest of the store.

    Attributes:
        keys: seal people's facts.
        radio: resolves what rotates.
        mint: makes join codes.
        admit: lets the phone that was invited in as a pseudonym, in the same transaction.
        forget: told of each shopper who may no longer be located, after the commit.
        gone: told of each shopper who left, after the commit.
        traces: what others keep under a pseudonym, removed with it.
    """

    keys: Keys
    radio: Radio
    mint: Mint
    admit: Admit
    forget: Forget
    gone: Forget
    traces: Sequence[Trace]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is left to somebody who left; `text` can be verified for ever (`decide.leaving`)."""

    text: str
    departure: leaving.Departure


class Shoppers:
    """The room's service.

    Attributes:
        directory: whose identity is whose.
        upkeep: ends what is over.
        texts: what people are asked today.
        receipt_public_key: verifies receipts: 32 bytes of Ed25519, hex.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        policy: Policy,
        *,
        around: Around,
        receipt_key: Ed25519PrivateKey,
    ) -> None:
        """Nobody is known until `load`; `receipt_key` signs receipts."""
        self._storage = storage
        self._clock = clock
        self._policy = policy
        self._around = around
        self._receipt_key = receipt_key
        self.directory = Directory(around.radio, around.forget)
        self.upkeep = Upkeep(storage, clock, self.directory)
        self.texts = present_texts(policy)
        self.receipt_public_key = receipt_key.public_key().public_bytes_raw().hex()

    async def load(self) -> None:
        """Make the keys that are missing and rebuild the directory; once, at the start.

        In a restored database people withdraw again what they had withdrawn.
        """
        now = self._clock.now()

        def work(tx: Tx) -> None:
            for pseudonym, what in store.withdrawn_since(tx):
                self._withdraw_again(tx, pseudonym, what, now)
            store.forget_withdrawn_since(tx)
            for pseudonym in store.without_key(tx):
                store.set_key(tx, pseudonym, self._around.keys.mint(tx, pseudonym))

        await self._storage.run(work)
        await self.directory.load(self._storage)

    async def enrol(self, enrolment: Enrolment, *, run: Run | None = None) -> Welcome:
        """Take a person on whom a clerk writes down.

        The join code is made first, so that a repeated request gets it with the kept answer; one
        that was made for a refused enrolment opens nothing and dies by itself.

        Raises:
            Refused: `beacon_taken`, `text_outdated`.
        """
        self.texts.check(enrolment.text_version)
        now, pseudonym = self._clock.now(), _new_pseudonym()
        welcome = Welcome(pseudonym, await self._around.mint(pseudonym))

        def work(tx: Tx) -> Welcome:
            self._take_on(tx, enrolment, pseudonym, now)
            return welcome

        return await (run or self._storage.run)(work)

    async def join(self, guest: str, enrolment: Enrolment, *, run: Run | None = None) -> Named:
        """Take a person on who was invited as `guest` and agrees on their own phone.

        That phone is their page from then on, with the token that it has.

        Raises:
            Refused: `beacon_taken`, `text_outdated`, `already_joined`.
        """
        self.texts.check(enrolment.text_version)
        now, pseudonym = self._clock.now(), _new_pseudonym()

        def work(tx: Tx) -> Named:
            if store.find(tx, guest) is not None:
                raise Refused("already_joined", "This phone has joined already.")
            self._take_on(tx, enrolment, pseudonym, now)
            self._around.admit(tx, guest, pseudonym, now)
            return Named(pseudonym)

        return await (run or self._storage.run)(work)

    async def agree(
        self,
        pseudonym: str,
        purpose: Purpose,
        *,
        text_version: str | None = None,
        language: str | None = None,
        run: Run | None = None,
    ) -> None:
        """Consent to `purpose`.

        Args:
            pseudonym: who.
            purpose: to what.
            text_version: of the words that were shown; None for the present ones.
            language: in which they were; None for the one in which the person joined.
            run: the request's.

        Raises:
            Refused: `shopper_unknown`, `text_outdated`.
        """
        version = text_version or self.texts.version
        self.texts.check(version)

        def choice(shopper: Shopper, now: Instant) -> Decision:
            until = now.wall + self._policy.retention
            given = Consent(purpose, version, language or shopper.language, now.wall, until)
            return consents.agree(shopper, given)

        await self._change(pseudonym, choice, run)

    async def withdraw(self, pseudonym: str, purpose: Purpose, *, run: Run | None = None) -> None:
        """Take consent back; with location, where the shopper is has been forgotten on return.

        Raises:
            Refused: `shopper_unknown`.
        """
        await self._change(pseudonym, lambda one, _: consents.withdraw(one, purpose), run)

    async def pause(self, pseudonym: str, *, run: Run | None = None) -> None:
        """No location and no offers until `resume`; raises `Refused`: `shopper_unknown`."""
        await self._change(pseudonym, lambda one, _: consents.pause(one), run)

    async def resume(self, pseudonym: str, *, run: Run | None = None) -> None:
        """End the pause; raises `Refused`: `shopper_unknown`."""
        await self._change(pseudonym, lambda one, _: consents.resume(one), run)

    async def leave(self, pseudonym: str, *, run: Run | None = None) -> Receipt:
        """Forget a shopper altogether.

        The answer holds the salt of the receipt, which nobody but the person may have: `run` keeps
        it so that the store cannot read it, or not at all.

        Raises:
            Refused: `shopper_unknown`.
        """
        now = self._clock.now()

        def work(tx: Tx) -> str:
            return leaving.write(self.part(tx, pseudonym, now), self._receipt_key)

        text = await (run or self._storage.run)(work)
        return Receipt(text, self.read_receipt(text))

    def entered(self, tx: Tx, pseudonym: str, zone: str, at: datetime) -> None:
        """Count for the access record that a shopper entered a zone; part of a unit of work."""
        store.note_entry(tx, pseudonym, zone, at.replace(minute=0, second=0, microsecond=0))

    def has_joined(self, reads: Reads, pseudonym: str) -> bool:
        """Whether somebody goes by this pseudonym at this moment of a transaction."""
        return store.find(reads, pseudonym) is not None

    def read_receipt(self, text: str) -> leaving.Departure:
        """What a receipt of this store says; raises `Refused`: `receipt_invalid`."""
        return leaving.read(text, self._receipt_key.public_key())

    def may_have(self, tx: Tx, pseudonym: str, beacon: BeaconKey) -> bool:
        """Whether a beacon is theirs or nobody's: neither another's nor the store's own."""
        if beacon.identity in self._policy.reserved:
            return False
        return store.owner_of(tx, beacon.identity) in (None, pseudonym)

    def mint_key(self, tx: Tx, pseudonym: str) -> str:
        """Make the key that seals what is recorded of somebody; its id."""
        return self._around.keys.mint(tx, pseudonym)

    def keep_new(self, tx: Tx, decision: Decision, now: Instant) -> None:
        """Take somebody on as decided; part of a unit of work."""
        store.insert(tx, decision.shopper, now)
        self._record(tx, decision, now)

    def keep(self, tx: Tx, decision: Decision, now: Instant) -> None:
        """Change somebody as decided; part of a unit of work."""
        store.save(tx, decision.shopper, decision.ended_by, now)
        self._record(tx, decision, now)

    def part(self, tx: Tx, pseudonym: str, now: Instant) -> leaving.Departure:
        """Forget somebody who leaves; part of a unit of work.

        Raises:
            Refused: `shopper_unknown`.
        """
        shopper, salt = _known(tx, pseudonym), secrets.token_bytes(_SALT_BYTES)
        departure, fact = leaving.leave(shopper, store=self._policy.store, salt=salt, now=now)
        for trace in self._around.traces:
            trace(tx, pseudonym)
        store.delete(tx, pseudonym)
        self._around.keys.destroy(tx, pseudonym)
        tx.record(fact, now)
        tx.after_commit(lambda: self._gone(pseudonym))
        return departure

    def part_again(self, tx: Tx, key: str, now: Instant) -> None:
        """Forget whose facts a key seals: the hub knows that they left; nobody is nothing."""
        pseudonym = store.of_key(tx, key)
        if pseudonym is not None:
            self.part(tx, pseudonym, now)

    def _withdraw_again(self, tx: Tx, pseudonym: str, what: str, now: Instant) -> None:
        shopper = store.find(tx, pseudonym)
        if shopper is None:
            return
        if what == "left":
            self.part(tx, pseudonym, now)
        elif what == "pause":
            self.keep(tx, consents.pause(shopper), now)
        else:
            self.keep(tx, consents.withdraw(shopper, msgspec.convert(what, Purpose)), now)

    def _take_on(self, tx: Tx, enrolment: Enrolment, pseudonym: str, now: Instant) -> None:
        decision = joining.enrol(
            enrolment,
            pseudonym=pseudonym,
            key=self.mint_key(tx, pseudonym),
            taken=store.taken(tx, enrolment.beacons),
            policy=self._policy,
            now=now,
        )
        self.keep_new(tx, decision, now)

    def _gone(self, pseudonym: str) -> None:
        self.directory.drop(pseudonym)
        self._around.gone(pseudonym)

    async def _change(
        self, pseudonym: str, choice: Callable[[Shopper, Instant], Decision], run: Run | None
    ) -> None:
        now = self._clock.now()

        def work(tx: Tx) -> None:
            self.keep(tx, choice(_known(tx, pseudonym), now), now)

        await (run or self._storage.run)(work)

    def _record(self, tx: Tx, decision: Decision, now: Instant) -> None:
        for fact in decision.facts:
            tx.record(fact, now)
        tx.after_commit(lambda: self.directory.follow(decision.shopper))


def _new_pseudonym() -> str:
    return secrets.token_urlsafe(_PSEUDONYM_BYTES)


def _known(tx: Tx, pseudonym: str) -> Shopper:
    shopper = store.find(tx, pseudonym)
    if shopper is None:
        raise Refused("shopper_unknown", "Nobody has joined by this name.", status=404)
    return shopper
