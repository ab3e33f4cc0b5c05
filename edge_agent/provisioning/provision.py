"""Spending a claim: keys, request, answer, each on the disk before the next step.

May be repeated after a crash anywhere: the same keys ask again, and the hub answers a spent claim
again to who spent it.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from cloud_bridge.wire.identity import Certificates, Claim, ProvisionRequest
from edge_agent.kernel.errors import AisleError, Refused
from edge_agent.provisioning import hub
from edge_agent.provisioning.files import Folder, Hub, check
from edge_agent.provisioning.keys import request_for


class WrongClaim(AisleError):
    """The claim is another gateway's."""


class BadAnswer(AisleError):
    """The hub's certificates are not what was asked for; nothing was taken over."""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What came of it.

    Attributes:
        again: this claim had bought the identity already.
    """

    until: datetime
    directory: Path
    again: bool


async def provision(claim: Claim, *, state: Path, store: str, gateway: str) -> Provisioned:
    """Get the identity that the claim is worth, unless it is here already.

    Raises:
        AisleError: the claim is another's, refused, or the hub cannot be reached or believed.
    """
    if (claim.store, claim.gateway) != (store, gateway):
        text = (
            f"the claim is for gateway {claim.gateway} of store {claim.store}; "
            f"the settings say {gateway} of {store}"
        )
        raise WrongClaim(text)
    hub.safe(claim.url)
    folder, mark = Folder(state), hub.spent_mark(claim)
    with folder.locked():
        folder.settle()
        if again := folder.spent(mark):
            return Provisioned(folder.read().until, folder.live, again)
        await _spend(claim, folder, mark)
        return Provisioned(folder.read().until, folder.live, again)


async def _spend(claim: Claim, folder: Folder, mark: str) -> None:
    key, bootstrap_key = folder.prepare(mark)
    ca = await hub.fetch_ca(claim)
    asked = ProvisionRequest(
        token=claim.token,
        gateway_csr=request_for(key, claim.gateway),
        bootstrap_csr=request_for(bootstrap_key, claim.gateway),
    )
    try:
        answer = await hub.provision(claim.url, ca, asked)
    except Refused as err:
        if err.code == "keys_used":
            folder.forget_next()  # revoked before they were used: next time new ones
        raise
    try:
        if x509.load_pem_x509_certificate(answer.ca.encode()) != ca:
            text = "another CA than the claim's"
            raise BadAnswer(text)
        certificate = certificate_of(answer, claim.gateway)
        check(certificate, key, ca)
        check(x509.load_pem_x509_certificate(answer.bootstrap.encode()), bootstrap_key, ca)
    except ValueError as err:
        text = f"{claim.url} answered with certificates that do not fit: {err}"
        raise BadAnswer(text) from err
    folder.take(Hub(url=claim.url, store=claim.store, gateway=claim.gateway), answer)


def certificate_of(answer: Certificates, gateway: str) -> x509.Certificate:
    """The gateway's certificate in an answer.

    Raises:
        ValueError: it names another.
    """
    certificate = x509.load_pem_x509_certificate(answer.certificate.encode())
    if named(certificate) != gateway:
        msg = f"it names {named(certificate)!r}"
        raise ValueError(msg)
    return certificate


def named(certificate: x509.Certificate) -> str:
    """The common name of a certificate; empty without one."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""
