"""Renewal of the gateway's certificate: when it is due (pure), and the task that does it.

The key stays the same: then a renewal replaces one file, atomically, and no reader ever finds a
certificate beside the key of another. A new key each time would protect nothing more, for whoever
reads this key can read the bootstrap key beside it, and renew; `provision` makes new ones.
(`docs/decisions/0009-one-key-for-an-identity.md`)
"""

import asyncio
from datetime import datetime
from random import Random
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cloud_bridge.mqtt import backoff
from cloud_bridge.wire.identity import RenewalRequest, words_to_sign
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.errors import AisleError
from edge_agent.provisioning.files import BadIdentity, Folder, Identity, check
from edge_agent.provisioning.keys import request_for, signature

SPREAD: Final = 1 / 30
"""Of a certificate's life, three days: gateways that were set up on one day do not all come at
once when two thirds are over."""

LOOK_S: Final = 900.0
"""Between looks at the wall clock, which may be set meanwhile; the sleep itself is monotonic."""

SHORTEST_WAIT_S: Final = 10.0
"""After a failure: three files are read and a hub is asked."""

LONGEST_WAIT_S: Final = 3600.0
"""After failures: a third of a life has 720 such tries, and a store whose certificate has expired
is back within the hour in which the hub is."""

log = structlog.get_logger("identity")


def due_at(certificate: x509.Certificate) -> datetime:
    """When to renew: after two thirds of its life and a share of three days that is its own."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    share = certificate.serial_number % 1000 / 1000
    return begin + (end - begin) * (2 / 3 + SPREAD * share)


def is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether to renew by a clock that shows `now`.

    A clock before the certificate's own beginning is not set; TLS would fail by it too.
    """
    return now >= due_at(certificate)


def accept(identity: Identity, pem: str) -> x509.Certificate:
    """The hub's answer, when it is the next certificate of this identity.

    Raises:
        ValueError: it is not; the present one stays.
    """
    certificate = x509.load_pem_x509_certificate(pem.encode())
    check(certificate, identity.key, identity.ca)
    if certificate.subject != identity.certificate.subject:
        msg = "the certificate names another gateway"
        raise ValueError(msg)
    if certificate.not_valid_after_utc < identity.until:
        msg = "the certificate ends before the one that is here"
        raise ValueError(msg)
    return certificate


async def renew(folder: Folder) -> x509.Certificate:
    """Ask for the next certificate now and put it in its place.

    Raises:
        AisleError: refused, unreachable, or not what was asked for; the present one stays.
    """
    from edge_agent.provisioning import hub  # noqa: PLC0415 - httpx: 60 days go by without it

    identity = folder.read()
    where, gateway = identity.hub.url, identity.hub.gateway
    csr = request_for(identity.key, gateway)
    challenge = await hub.challenge(where, identity.ca, gateway)
    asked = RenewalRequest(
        gateway=gateway,
        csr=csr,
        bootstrap=identity.bootstrap.public_bytes(Encoding.PEM).decode(),
        challenge=challenge,
        signature=signature(identity.bootstrap_key, words_to_sign(challenge, csr)),
    )
    pem = await hub.renew(where, identity.ca, asked)
    try:
        certificate = accept(identity, pem)
    except ValueError as err:
        text = f"{where} answered a renewal with something else: {err}"
        raise BadIdentity(text) from err
    await asyncio.to_thread(folder.renew, certificate, pem)  # an SD card syncs in its own time
    return certificate


class Renewal:
    """Keeps the certificate fresh while the agent runs; an agent without an identity waits.

    The link reads the files at each connection, so what is renewed is used at the next one.
    """

    def __init__(self, folder: Folder, clock: Clock, random: Random) -> None:
        self._folder, self._clock, self._random = folder, clock, random
        self._failures = 0

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            wait = await self.turn()
            await asyncio.sleep(wait)

    async def turn(self) -> float:
        """Renew if it is due; the seconds until the next look."""
        try:
            if self._folder.unsettled:
                with self._folder.locked():
                    self._folder.settle()
            if not self._folder.live.exists():
                return LOOK_S
            identity = self._folder.read()
            if not is_due(identity.certificate, self._clock.now().wall):
                return LOOK_S
            certificate = await renew(self._folder)
        except (AisleError, OSError) as err:
            return self._failed(err)
        self._failures = 0
        log.info("identity.renewed", until=certificate.not_valid_after_utc.isoformat())
        return LOOK_S

    def _failed(self, error: Exception) -> float:
        wait = backoff(self._failures, self._random, LONGEST_WAIT_S)
        self._failures += 1
        log.warning("identity.not_renewed", error=str(error), failures=self._failures)
        return max(wait, SHORTEST_WAIT_S)
