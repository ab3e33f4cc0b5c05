"""TLS 1.3 with the broker: the context from its files, and what a failure means in words."""

import re
import ssl
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from cloud_bridge.mqtt.broker import Broker, Tls

_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_ISSUER: Final = frozenset({2, 18, 19, 20, 21})
_OTHER_HOST: Final = frozenset({62, 64})
"""Verification results of OpenSSL, `X509_V_ERR_*` (its x509_vfy.h)."""

_ALERTS: Final = {
    "CERTIFICATE_REQUIRED": "it wants a certificate of ours, and none is configured",
    "CERTIFICATE_EXPIRED": "to it our certificate has expired, or is not valid yet by its clock",
    "UNKNOWN_CA": "it does not know the authority that signed our certificate",
    "CERTIFICATE_REVOKED": "our certificate was revoked",
    "CERTIFICATE_UNKNOWN": "it cannot accept our certificate",
    "BAD_CERTIFICATE": "it cannot accept our certificate",
    "ACCESS_DENIED": "it does not admit our certificate",
    "PROTOCOL_VERSION": "it does not speak TLS 1.3",
    "WRONG_VERSION_NUMBER": "it does not speak TLS on this port",
    "KEY_VALUES_MISMATCH": "our key does not belong to our certificate",
}
"""Reasons of OpenSSL, by how they end: of the broker's alerts (RFC 8446, section 6.2), with which
it answers our certificate only when the connection seems to stand, and of the files here."""


class Context(ssl.SSLContext):
    """A context that knows its socket: paho leaves that open when the handshake fails."""

    _wrapped: ssl.SSLSocket | None = None

    @override
    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        self._wrapped = super().wrap_socket(*args, **kwargs)
        return self._wrapped

    def close(self) -> None:
        """Close the socket, if there is one."""
        if self._wrapped is not None:
            self._wrapped.close()


def context_of(tls: Tls) -> Context:
    """A context from the files as they are now: a renewed certificate counts from the next dial.

    Raises:
        OSError: a file cannot be read, which the text names, or holds something else.
    """
    for file in (tls.ca, tls.certificate, tls.key):
        if file is not None:
            _try(file)
    context = Context(ssl.PROTOCOL_TLS_CLIENT)  # which verifies certificate and host name
    if tls.ca is not None:
        context.load_verify_locations(tls.ca)
    else:
        context.load_default_certs()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if tls.certificate is not None:
        # A key under a password is refused: asked for one, OpenSSL would wait at the terminal.
        context.load_cert_chain(tls.certificate, tls.key, password="")
    return context


def _try(file: Path) -> None:
    with file.open("rb"):
        pass


def told(error: OSError | ValueError, broker: Broker) -> str:
    """Why dialling failed, for people."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _verification(error, broker)
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{error.filename} is not there; a gateway gets it by `edge-agent provision`"
    return hinted(str(error))


def _verification(error: ssl.SSLCertVerificationError, broker: Broker) -> str:
    result = error.verify_code
    if result == _NOT_YET_VALID:
        return "its certificate is not valid yet: is the clock of this machine set?"
    if result == _EXPIRED:
        return "its certificate has expired, or the clock of this machine is ahead"
    if result in _UNKNOWN_ISSUER:
        ca = broker.tls.ca if broker.tls else None
        return f"its certificate is signed by none of {ca or 'the authorities of this system'}"
    if result in _OTHER_HOST:
        return f"its certificate is for another host than {broker.host}"
    return f"its certificate cannot be trusted: {error.verify_message}"


def hinted(text: str) -> str:
    """`text` of an error, with the meaning of a reason of OpenSSL's that it names."""
    found = re.search(r"\[(?:SSL|X509): (\w+)\]", text)
    if found is None:
        return text
    meaning = next((words for end, words in _ALERTS.items() if found[1].endswith(end)), None)
    return f"{meaning} ({found[1]})" if meaning else text
