"""How the hub's own commands speak to the running hub: its HTTP, with the key of programs.

Not its database: SQLite is written by one process, and whoever has the settings has the key.
"""

import ssl

import httpx
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cloud_bridge.hub.access import read_key
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.settings import Settings

ANSWERS_S = 30.0
"""On this machine within milliseconds; a hub whose database is out of reach refuses before."""

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what `listen` may say, not bound here


class _Problem(msgspec.Struct, frozen=True):
    detail: str


def ask(settings: Settings, method: str, path: str, body: object = None) -> bytes:
    """What the running hub answers.

    Raises:
        HubError: it does not run, or refuses; its own words.
    """
    host = _ANY.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    url = f"{'https' if settings.https else 'http'}://{host}:{settings.port}"
    key = read_key(settings.api_key_file)
    try:
        response = httpx.request(
            method,
            url + path,
            content=None if body is None else msgspec.json.encode(body),
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            timeout=ANSWERS_S,
            verify=_its_own_certificate(settings),
            trust_env=False,
        )
    except (httpx.HTTPError, OSError, ValueError) as err:
        msg = f"no hub at {url}: {err}; it must run: `cloud-hub run`"
        raise HubError(msg) from err
    if not response.is_success:
        raise HubError(_words(response))
    return response.content


def _its_own_certificate(settings: Settings) -> ssl.SSLContext | bool:
    """Whoever has the very certificate that hub.toml names is the hub, by whatever name.

    Its issuers, which the file may name after it, are not trusted: others have certificates of
    theirs, and would be given the key.
    """
    if settings.https is None:
        return False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    own = x509.load_pem_x509_certificate(settings.https.certificate.read_bytes())  # the first
    context.load_verify_locations(cadata=own.public_bytes(Encoding.DER))
    return context


def _words(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=_Problem).detail
    except (msgspec.DecodeError, UnicodeError):
        return f"{response.url} answered {response.status_code}"
