"""Inside the machine: a message bus, a real bluetoothd, and the checks before them.

``python -m tests.conformance.machine.guest ROOT [pytest's arguments]``, ROOT being the unpacked
packages. The last line that it prints says how the checks ended.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.conformance.machine.initramfs import LIBRARIES

BUS = Path("/run/dbus/system_bus_socket")

CONFIGURATION = f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={BUS}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/> <allow own="*"/> <allow send_type="method_call"/>
    <allow send_destination="*" eavesdrop="true"/> <allow receive_sender="*"/>
  </policy>
</busconfig>
"""


def main() -> int:
    """Start what is needed and run the checks; returns pytest's verdict."""
    root = Path(sys.argv[1])
    libraries = ":".join(str(root / each) for each in LIBRARIES)
    tools = os.environ | {"LD_LIBRARY_PATH": libraries}
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={BUS}"
    BUS.parent.mkdir(parents=True)
    configuration = BUS.parent / "system.conf"
    configuration.write_text(CONFIGURATION)
    daemon = _program(root, "usr/bin/dbus-daemon")
    subprocess.run([daemon, f"--config-file={configuration}", "--fork"], env=tools, check=True)
    bluetoothd = _program(root, "usr/libexec/bluetooth/bluetoothd")
    asked = subprocess.run(
        [bluetoothd, "--version"], env=tools, check=True, capture_output=True, text=True
    )
    log = Path("/tmp/bluetoothd.log")  # noqa: S108 - the machine's own memory
    with log.open("wb") as said:
        running = subprocess.Popen(
            [bluetoothd, "--nodetach", "--experimental"],
            env=tools | {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={BUS}"},
            stdout=said,
            stderr=said,
        )
    os.environ["AISLE_CONFORMANCE"] = asked.stdout.strip()
    print(f"bluetoothd {asked.stdout.strip()}", flush=True)  # noqa: T201
    pytest = [sys.executable, "-m", "pytest", "-v", "--durations=5", "tests/conformance"]
    pytest += ["--confcutdir=tests/conformance", "--timeout=120"]
    pytest += ["-p", "tests.conformance.machine.aloud", "--no-summary", "--tb=short"]
    without = [
        f"-pno:{plugin}" for plugin in ("anyio", "cacheprovider", "hypothesispytest", "xdist")
    ]
    project = Path(__file__).parents[3]
    verdict = subprocess.run(
        [*pytest, *without, *sys.argv[2:]], cwd=project, check=False
    ).returncode
    running.terminate()
    if verdict:
        print(log.read_text()[-4000:])  # noqa: T201
    return verdict


def _program(root: Path, path: str) -> str:
    """The unpacked program, or this system's own."""
    return str(root / path if (root / path).exists() else Path("/") / path)


if __name__ == "__main__":
    print(f"conformance: exit {main()}", flush=True)  # noqa: T201
