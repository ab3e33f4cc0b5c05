import asyncio
import signal
import sys
from pathlib import Path

PROGRAM = "import typer; from simulators.locker.program import locker; typer.run(locker)"


async def test_the_program_prints_its_port_obeys_and_leaves_nothing_behind(tmp_path: Path) -> None:
    link, log = tmp_path / "tty", tmp_path / "doors.jsonl"
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, "--link", str(link), "--log", str(log)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    async with asyncio.timeout(10):
        assert (await program.stdout.readline()).decode().strip() == str(link)
        program.stdin.write(b"open 3\n")
        assert await program.stdout.readline() == b"door 3: unlatched\n"
        program.send_signal(signal.SIGTERM)
        assert await program.wait() == 0
    assert not link.is_symlink()
    assert '"unlatched", "door": 3' in log.read_text()
