"""A radio that reports over MQTT as OpenMQTTGateway and Theengs Gateway do.

Topic ``home/<gateway>/BTtoMQTT/<address without colons>``, QoS 0, one JSON object per report
(docs.openmqttgateway.com, "BLE gateway"; field names as its decoder prints them).
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from simulators.receiver.structures import (
    IBEACON,
    IBEACON_LENGTH,
    MANUFACTURER_DATA,
    SERVICE_DATA,
    structures,
)

REPORT_EVERY_S = 0.5
"""A gateway reports one transmitter about twice a second: a scan of its ESP32 takes that long."""


class Form(StrEnum):
    """Whether the gateway decodes iBeacons itself or passes the bytes on."""

    DECODED = "decoded"
    RAW = "raw"


@dataclass
class Gateway:
    """The memory of one gateway: what it reported when. Pure.

    Attributes:
        name: its name in the topic.
        epoch_s: what its clock said at second 0, since 1970; None: it has no clock.
    """

    name: str
    form: Form = Form.DECODED
    epoch_s: float | None = None
    _reported: dict[str, float] = field(default_factory=dict)

    @property
    def status_topic(self) -> str:
        """Where it says that it is there, and its Last Will that it is not."""
        return f"home/{self.name}/LWT"

    def report(self, address: str, rssi: int, ad: bytes, at: float) -> tuple[str, str] | None:
        """Topic and payload for an advert heard at second `at`; None when it is too soon again."""
        if at - self._reported.get(address, float("-inf")) < REPORT_EVERY_S:
            return None
        self._reported[address] = at
        body = {"id": address, "mac_type": 1, "rssi": rssi, **self._content(ad)}
        if self.epoch_s is not None:
            body["unixtime"] = int(self.epoch_s + at)
        return f"home/{self.name}/BTtoMQTT/{address.replace(':', '')}", json.dumps(body)

    def _content(self, ad: bytes) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for kind, payload in structures(ad):
            if kind == MANUFACTURER_DATA:
                content |= self._manufacturer(payload)
            elif kind == SERVICE_DATA:
                content["servicedatauuid"] = f"0x{payload[1::-1].hex()}"
                content["servicedata"] = payload[2:].hex()
        return content

    def _manufacturer(self, payload: bytes) -> dict[str, Any]:
        whole = payload.startswith(IBEACON) and len(payload) >= IBEACON_LENGTH
        if self.form is Form.RAW or not whole:
            return {"manufacturerdata": payload.hex()}
        return {
            "brand": "GENERIC",
            "model": "iBeacon",
            "model_id": "IBEACON",
            "type": "BCON",
            "mfid": "4c00",
            "uuid": payload[4:20].hex(),
            "major": int.from_bytes(payload[20:22], "big"),
            "minor": int.from_bytes(payload[22:24], "big"),
            "txpower": int.from_bytes(payload[24:25], "big", signed=True),
        }
