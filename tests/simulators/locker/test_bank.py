import asyncio
import os
from pathlib import Path

import pytest

from simulators.locker.bank import SimulatedBank
from simulators.locker.diary import Entry, read
from simulators.locker.doors import DoorIsShut, Position
from simulators.locker.program import obey

UNLOCK_1 = bytes.fromhex("02 00 31 03 36")


class Host:
    """The bare other end of the serial line."""

    def __init__(self, device: str) -> None:
        self._port = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._octets: asyncio.Queue[int] = asyncio.Queue()
        asyncio.get_running_loop().add_reader(self._port, self._readable)

    def write(self, octets: bytes) -> None:
        os.write(self._port, octets)

    async def read(self, count: int) -> bytes:
        async with asyncio.timeout(5):
            return bytes([await self._octets.get() for _ in range(count)])

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._port)
        os.close(self._port)

    def _readable(self) -> None:
        for octet in os.read(self._port, 64):
            self._octets.put_nowait(octet)


async def until_event(bank: SimulatedBank, event: str) -> Entry:
    seen: asyncio.Queue[Entry] = asyncio.Queue()
    bank.watch(lambda entry: seen.put_nowait(entry) if entry.event == event else None)
    async with asyncio.timeout(5):
        return await seen.get()


async def test_the_log_tells_what_moved_when_and_in_which_order(tmp_path: Path) -> None:
    log = tmp_path / "doors.jsonl"
    async with SimulatedBank(log=log) as bank:
        host = Host(bank.device)
        host.write(UNLOCK_1)
        await until_event(bank, "unlatched")
        bank.put(1)
        bank.close(1)
        host.close()
    entries = read(log)
    assert [(e.event, e.door) for e in entries] == [
        ("unlock_received", 1),
        ("unlatched", 1),
        ("opened", 1),
        ("goods_in", 1),
        ("closed", 1),
    ]
    assert sorted(e.t for e in entries) == [e.t for e in entries]


async def test_nobody_reaches_through_a_shut_door() -> None:
    async with SimulatedBank() as bank:
        assert not bank.pull(1)
        with pytest.raises(DoorIsShut):
            bank.put(1)
        assert not bank.occupied(1)


async def test_a_jammed_door_hears_the_command_and_stays_shut(tmp_path: Path) -> None:
    log = tmp_path / "doors.jsonl"
    async with SimulatedBank(log=log) as bank:
        bank.faults.jam(1)
        host = Host(bank.device)
        host.write(UNLOCK_1)
        await until_event(bank, "unlock_received")
        host.write(bytes.fromhex("02 01 31 03 37"))
        await until_event(bank, "unlatched")
        host.close()
        assert bank.position(1) is Position.SHUT
    assert [(e.event, e.door) for e in read(log)] == [
        ("unlock_received", 1),
        ("unlock_received", 2),
        ("unlatched", 2),
    ]


async def test_a_door_that_opens_by_itself_got_no_command(tmp_path: Path) -> None:
    log = tmp_path / "doors.jsonl"
    async with SimulatedBank(log=log) as bank:
        bank.faults.open_by_itself(5)
    assert [(e.event, e.door) for e in read(log)] == [("unlatched", 5)]


async def test_a_frame_to_the_whole_bus_opens_everything_so_that_nobody_can_miss_it() -> None:
    async with SimulatedBank(boards=2) as bank:
        pulsed: set[int] = set()
        bank.watch(lambda entry: pulsed.add(entry.door))
        host = Host(bank.device)
        host.write(bytes.fromhex("02 F0 33 03 28"))
        await until_event(bank, "unlatched")
        host.close()
    assert pulsed == set(range(1, 33))


async def test_a_faulty_sensor_says_what_is_not_so() -> None:
    async with SimulatedBank() as bank:
        host = Host(bank.device)
        bank.faults.invert(1)
        bank.faults.stick_hook(2, closed=False)
        bank.faults.stick_infrared(3, occupied=True)
        host.write(bytes.fromhex("02 00 30 03 35"))
        assert (await host.read(9)).hex(" ") == "02 00 35 fc ff 04 00 03 39"
        for door in (1, 2, 3):
            bank.faults.repair(door)
        host.write(bytes.fromhex("02 00 30 03 35"))
        assert (await host.read(9)).hex(" ") == "02 00 35 ff ff 00 00 03 38"
        host.close()


async def test_who_talks_while_the_board_talks_spoils_both() -> None:
    async with SimulatedBank() as bank:
        host = Host(bank.device)
        host.write(bytes.fromhex("02 00 30 03 35"))
        reply = await host.read(2)
        host.write(UNLOCK_1)
        reply += await host.read(7)
        assert reply.hex(" ") != "02 00 35 ff ff 00 00 03 38"
        host.write(bytes.fromhex("02 01 31 03 37"))
        assert (await until_event(bank, "unlatched")).door == 2
        assert bank.position(1) is Position.SHUT
        host.close()


async def test_the_link_outlives_the_simulator_it_pointed_to(tmp_path: Path) -> None:
    link = tmp_path / "ttyLOCKER"
    async with SimulatedBank(link=link) as first:
        assert first.device == str(link)
        async with SimulatedBank(link=link) as second:
            host = Host(str(link))
            host.write(UNLOCK_1)
            await until_event(second, "unlatched")
            host.close()
        assert first.position(1) is Position.SHUT
    assert not link.is_symlink()


async def test_what_a_person_types_is_done_or_explained() -> None:
    async with SimulatedBank() as bank:
        assert obey(bank, "put 1\n") == "door 1 is shut"
        assert obey(bank, "open 1\n") == "ok"
        assert obey(bank, "put 1\n") == "ok"
        assert bank.occupied(1)
        assert obey(bank, "close 17\n") == "there is no door 17"
        assert "jam N" in obey(bank, "dance\n")
        obey(bank, "echo 1")
        assert bank.faults.echo


def test_a_line_that_was_cut_off_is_left_out_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "doors.jsonl"
    log.write_text('{"t": 1.0, "event": "closed", "door": 1}\n{"t": 2.0, "ev')
    assert read(log) == [Entry(1.0, "closed", 1)]
