"""The controller's own duplicate filter, which BlueZ asks for whenever it scans actively.

The virtual controller that the rest was seen with ignores it; real ones obey, so that on hardware
a plain active scan can mean one report per transmitter and scan. An advertisement monitor that is
registered beside the scan makes the kernel ask for no filter (facts, "Ground truth" 3).
"""

SCAN_S = 10.3
"""Seconds until the kernel starts its scan anew, and the controller forgets whom it reported."""

ADDRESSES = 4096
"""Transmitters remembered for the length of a scan; more than a mall shows."""


class DuplicateFilter:
    """Which transmitters were reported in the scan that runs."""

    def __init__(self) -> None:
        self._scan = -1
        self._reported: set[str] = set()

    def repeats(self, address: str, now: float) -> bool:
        """Whether `address` was reported before in this scan; it is from now on."""
        scan = int(now // SCAN_S)
        if scan != self._scan:
            self._scan = scan
            self._reported.clear()
        if address in self._reported:
            return True
        if len(self._reported) < ADDRESSES:
            self._reported.add(address)
        return False
