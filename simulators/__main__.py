"""`store-sim`: hardware, shoppers and brokers that are not there. Imports only what it runs."""

import sys
from collections.abc import Mapping
from importlib import import_module

import typer

COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "demo": ("simulators.demo.command", "demo", "A whole store, live, with one command."),
    "fault": (
        "simulators.demo.fault_command",
        "fault",
        "Faults of the demo that runs, on and off.",
    ),
    "stand": ("simulators.demo.stand_command", "stand", "Send the demo's surveyor to a place."),
    "replay": ("simulators.replay", "replay", "Play recorded adverts through the radio."),
    "bluez": ("simulators.bluez.command", "bluez", "An org.bluez on a private D-Bus."),
    "locker": ("simulators.locker.program", "locker", "A bank of lock boards on a PTY."),
    "mirror": ("simulators.mirror", "mirror", "A mirror's RFID reader."),
    "receiver": ("simulators.receiver.command", "receiver", "Radios that report from elsewhere."),
    "phone": ("simulators.phone.command", "phone", "A shopper's phone that hears the beacons."),
    "walk": ("simulators.walk", "walk", "Seeded people on a floor plan, as JSON lines."),
    "fleet": ("simulators.fleet.command", "fleet", "Many stores at one hub, off their own logs."),
    "broker": ("simulators.broker", "broker", "An MQTT broker that keeps all in memory."),
}
"""Name: module, attribute (a function or a typer app), one line of help."""


def build(wanted: str | None) -> typer.Typer:
    """The program; only the command that is `wanted` is imported, the others lend their help."""
    app = typer.Typer(
        name="store-sim",
        help="The other end of every wire: shoppers, radios, locks, mirrors, brokers.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name, (module, attribute, help_line) in COMMANDS.items():
        if name != wanted:
            app.command(name, help=help_line)(_not_imported)
            continue
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _not_imported() -> None:
    """Stand in the list of commands."""


def main() -> None:
    """Entry point of the console script."""
    build(next((word for word in sys.argv[1:] if not word.startswith("-")), None))()


if __name__ == "__main__":
    main()
