"""How a gateway gets and renews its certificate: HTTPS from the gateway to the hub, JSON bodies.

==========================================  =====================  ====================
``GET  {url}/v1/gateways/ca``               -                      the CA, PEM
``POST {url}/v1/gateways/provision``        `ProvisionRequest`     `Certificates`
``POST {url}/v1/gateways/challenges``       `ChallengeRequest`     `Challenge`
``POST {url}/v1/gateways/renewals``         `RenewalRequest`       `Renewed`
==========================================  =====================  ====================

A `Claim` is one line of text, shown once at the hub and carried to the gateway by a person.
"""

import base64
import hashlib
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from typing_extensions import override

BEGINNING: Final = "aisle-claim:1:"

MOST_CLAIM: Final = 2048
"""Characters: a URL of 1,000 and the rest."""

MOST_PEM: Final = 4096
"""Characters of a request or certificate: with P-256 they have 500 to 1,000."""

PATHS: Final = "/v1/gateways"

GatewayId = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
"""Names a gateway, alone in all of a hub's stores: it is its certificate's common name."""

Pem = Annotated[str, Meta(max_length=MOST_PEM)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s?#@]*)?$", max_length=1000)]
_Short = Annotated[str, Meta(min_length=1, max_length=256)]


class BadClaim(ValueError):
    """The text is no claim, or not all of one."""


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a gateway needs to ask for its first certificate.

    Attributes:
        url: of the hub.
        pin: SHA-256 of the CA's certificate (DER), hex: what the gateway is to trust.
        token: worth one identity; a secret.
    """

    url: Url
    pin: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    store: GatewayId
    gateway: GatewayId
    token: _Short

    @override
    def __repr__(self) -> str:
        return f"Claim(store={self.store!r}, gateway={self.gateway!r}, token=…)"

    def text(self) -> str:
        """As it is shown, once."""
        encoded = base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()
        return BEGINNING + encoded.rstrip("=")


def read_claim(text: str) -> Claim:
    """The claim in `text`, in which white space (of a line broken by a mail) does not count.

    Raises:
        BadClaim: never repeats the text, in which a secret may stand.
    """
    joined = "".join(text.split())
    if not joined.startswith(BEGINNING) or len(joined) > MOST_CLAIM:
        msg = f"this is no claim: it begins with {BEGINNING}"
        raise BadClaim(msg)
    encoded = joined.removeprefix(BEGINNING)
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=Claim)
    except (ValueError, msgspec.DecodeError):  # of base64, of the text in it, of JSON
        msg = "the claim is damaged or not whole: copy it anew"
        raise BadClaim(msg) from None


class ProvisionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Two requests (PKCS #10, PEM), for the gateway's certificate and for the one that renews it.

    Asked again with the same token and the same keys, it is answered again.
    """

    token: _Short
    gateway_csr: Pem
    bootstrap_csr: Pem

    @override
    def __repr__(self) -> str:
        return "ProvisionRequest(…)"


class Certificates(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway's identity, PEM."""

    store: GatewayId
    gateway: GatewayId
    certificate: Pem
    bootstrap: Pem
    ca: Pem


class ChallengeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway is about to renew."""

    gateway: GatewayId


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be signed, within five minutes by the hub's clock: the gateway's may be unset."""

    challenge: _Short


class RenewalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request for the next certificate, vouched for by the bootstrap key.

    Attributes:
        signature: ECDSA with SHA-256 over `words_to_sign`, DER; base64 in JSON.
    """

    gateway: GatewayId
    csr: Pem
    bootstrap: Pem
    challenge: _Short
    signature: Annotated[bytes, Meta(max_length=128)]


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """The next certificate of the gateway, PEM."""

    certificate: Pem


def words_to_sign(challenge: str, csr: str) -> bytes:
    """What the bootstrap key signs: this purpose, this challenge, this request and no other."""
    digest = hashlib.sha256(csr.encode()).hexdigest()
    return f"aisle gateway renewal 1\n{challenge}\n{digest}".encode()
