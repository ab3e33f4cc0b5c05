"""The hub over HTTPS, as a gateway that asks for certificates sees it."""

import asyncio
import hashlib
import ssl
from ipaddress import ip_address
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from cloud_bridge.wire.identity import (
    MOST_PEM,
    PATHS,
    Certificates,
    Challenge,
    ChallengeRequest,
    Claim,
    ProvisionRequest,
    RenewalRequest,
    Renewed,
)
from edge_agent.kernel.errors import AisleError, Refused

T = TypeVar("T")

TIMEOUT: Final = httpx.Timeout(30.0)
"""For each of connecting, sending and reading: 2 s of latency and TLS over 5 kB/s take ten."""

WHOLE_S: Final = 120.0
"""One exchange at the most, however slowly the other side trickles."""

MOST_ANSWER: Final = 4 * MOST_PEM
"""Bytes: three certificates in JSON, twice over."""


class HubUnreachable(AisleError):
    """No answer, or not one of a hub: try again later."""


class NotTheHub(AisleError):
    """Whoever answers is not the hub of the claim; nothing secret was sent."""


class _Problem(msgspec.Struct, frozen=True):
    code: str = "refused"
    detail: str = ""


async def fetch_ca(claim: Claim) -> x509.Certificate:
    """The CA that the claim pins. What comes is public and held to the pin, so nobody is trusted.

    Raises:
        NotTheHub: another CA came.
        HubUnreachable: nothing came.
    """
    content = await _exchange(claim.url, "GET", f"{PATHS}/ca", None, None)
    try:
        ca = x509.load_pem_x509_certificate(content)
    except ValueError as err:
        text = f"{claim.url} answers, and not like a hub; is the address right?"
        raise NotTheHub(text) from err
    if ca.fingerprint(SHA256()).hex() != claim.pin:
        text = f"{claim.url} has another CA than the claim says: ask where the claim came from"
        raise NotTheHub(text)
    return ca


async def provision(url: str, ca: x509.Certificate, asked: ProvisionRequest) -> Certificates:
    """Spend a claim.

    Raises:
        AisleError: refused, or unreachable.
    """
    return await _ask(url, ca, "provision", asked, Certificates)


async def challenge(url: str, ca: x509.Certificate, gateway: str) -> str:
    """What is to be signed for a renewal.

    Raises:
        AisleError: refused, or unreachable.
    """
    asked = ChallengeRequest(gateway=gateway)
    return (await _ask(url, ca, "challenges", asked, Challenge)).challenge


async def renew(url: str, ca: x509.Certificate, asked: RenewalRequest) -> str:
    """The next certificate, PEM.

    Raises:
        AisleError: refused, or unreachable.
    """
    return (await _ask(url, ca, "renewals", asked, Renewed)).certificate


async def _ask(url: str, ca: x509.Certificate, path: str, asked: object, kind: type[T]) -> T:
    content = await _exchange(url, "POST", f"{PATHS}/{path}", msgspec.json.encode(asked), ca)
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeError) as err:
        text = f"{url} answered, and not like a hub; is the address right?"
        raise HubUnreachable(text) from err


async def _exchange(
    url: str, method: str, path: str, body: bytes | None, ca: x509.Certificate | None
) -> bytes:
    secure = safe(url)
    try:
        async with (
            asyncio.timeout(WHOLE_S),
            httpx.AsyncClient(
                verify=_trust(ca) if secure else False, timeout=TIMEOUT, trust_env=secure
            ) as client,
            client.stream(
                method,
                url.rstrip("/") + path,
                content=body,
                headers={"content-type": "application/json"},
            ) as response,
        ):
            content = await _bounded(response)
    except (httpx.HTTPError, OSError, TimeoutError) as err:
        text = f"no answer from {url}: {str(err) or type(err).__name__}"
        raise HubUnreachable(text) from err
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        text = f"{url} answered {response.status_code}; look at the hub's log"
        raise HubUnreachable(text)
    if not response.is_success:
        raise _refusal(url, response.status_code, content)
    return content


def _trust(ca: x509.Certificate | None) -> ssl.SSLContext:
    """Who may be the hub: who has a certificate of `ca`, or of a public CA (a proxy in front).

    Without `ca` anybody: what comes is held to a pin.
    """
    if ca is None:
        blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
        return blind
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(cadata=ca.public_bytes(Encoding.DER))
    return trusted


async def _bounded(response: httpx.Response) -> bytes:
    content = b""
    async for part in response.aiter_bytes():
        content += part
        if len(content) > MOST_ANSWER:
            text = f"{response.url.host} answered with too much; is the address a hub's?"
            raise HubUnreachable(text)
    return content


def _refusal(url: str, status: int, content: bytes) -> AisleError:
    try:
        problem = msgspec.json.decode(content, type=_Problem)
    except (msgspec.DecodeError, UnicodeError):
        return HubUnreachable(f"{url} answered {status}; is the address a hub's?")
    return Refused(problem.code, f"the hub refused: {problem.detail}", status=status)


def safe(url: str) -> bool:
    """Whether `url` is HTTPS; plain HTTP is let through to this machine only.

    Raises:
        NotTheHub: plain HTTP to another one, on which the claim could be read.
    """
    parts = urlsplit(url)
    if parts.scheme == "https":
        return True
    if not _loopback(parts.hostname or ""):
        text = f"{url} is plain HTTP to another machine: the claim must name an https address"
        raise NotTheHub(text)
    return False


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def spent_mark(claim: Claim) -> str:
    """What is kept of a claim: SHA-256 of its token, hex."""
    return hashlib.sha256(claim.token.encode()).hexdigest()
