"""The message formats of other radios that report what they heard. Pure; one file per format."""

from device_profiles.receivers import espresense, openmqttgateway
from device_profiles.receivers.report import Kind, Liveness, Named, NoReport, Report


def report_of(topic: str, payload: bytes) -> Report:
    """The sighting that a message of any known maker reports.

    Raises:
        NoReport: it reports none, or not one that can be read.
    """
    if topic.startswith(f"{espresense.ROOT}/"):
        return espresense.parse(topic, payload)
    return openmqttgateway.parse(topic, payload)


def liveness_of(topic: str, payload: bytes) -> Liveness | None:
    """Whether a receiver came or went; None for a message that says nothing about that."""
    return espresense.liveness(topic, payload) or openmqttgateway.liveness(topic, payload)


__all__ = ["Kind", "Liveness", "Named", "NoReport", "Report", "liveness_of", "report_of"]
