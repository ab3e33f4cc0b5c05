"""A survey of the simulated store, by its page and with the demo's surveyor, put to use."""

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.visit import Visit
from tests.support.open_store import OpenStore

SPOTS = 12

STOP_WITHIN_S = 10.0

WALK_BY = [
    {"t": t / 2, "receiver": receiver, "beacon": "b", "rssi": -60 - place}
    for t in range(12)
    for place, receiver in enumerate(("ceiling-shoes", "ceiling-denim", "ceiling-middle"))
]
"""Six seconds of a beacon near the shoes."""


@pytest.mark.long
async def test_a_survey_of_twelve_spots_is_recorded_on_the_page_and_used_by_locate(
    visit: Visit, tmp_path: Path
) -> None:
    out = tmp_path / "survey.jsonl.gz"
    with _survey(visit.store, out) as address:
        phone = await visit.window("shopper", address)
        for _ in range(SPOTS):
            await _record(phone, visit.store)
        await phone.get_by_test_id("finish").click()
        await expect(phone.get_by_test_id("written")).to_contain_text(out.name)
        await phone.close()  # it would ask on after the program has ended
    lines = [json.loads(line) for line in gzip.decompress(out.read_bytes()).splitlines()]
    assert len({(line["x"], line["y"]) for line in lines}) == SPOTS
    assert {line["receiver"] for line in lines} >= {"ceiling-shoes", "entrance-omg"}
    decisions = _located(visit.store.directory / "store.toml", out)
    assert {one["beacon"] for one in decisions} == {"b"}


async def _record(phone: Page, store: OpenStore) -> None:
    """Stand where the page says, record, and ask for the next spot."""
    await expect(phone.get_by_test_id("start")).to_be_visible()
    aim = phone.get_by_test_id("aim")
    x, y = [float(await aim.get_attribute(f"data-{axis}") or "nan") for axis in "xy"]
    await store.pull("surveyor", {"x": x, "y": y})
    await phone.get_by_test_id("start").click()
    await expect(phone.get_by_test_id("verdict")).to_be_visible()
    await phone.get_by_test_id("next").click()


@contextmanager
def _survey(store: OpenStore, out: Path) -> Iterator[str]:
    """Run `edge-agent survey` beside the demo's agent; the address for the phone."""
    radio = dict(
        re.findall(
            r"^export (\w+)=(.+)$", (store.directory / "radio.env").read_text(), re.MULTILINE
        )
    )
    settings = str(store.directory / "store.toml")
    argv = [sys.executable, "-m", "edge_agent", "survey", "--settings", settings]
    argv += ["--beacon", radio["SURVEY_BEACON"], "--listen", "127.0.0.1:0", "--out", str(out)]
    process = subprocess.Popen(
        [*argv, "--seconds", "1"], env={**os.environ, **radio}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield next(line.strip() for line in process.stdout if "#join=" in line)
        process.terminate()
        rest, _ = process.communicate(timeout=STOP_WITHIN_S)
        assert f"survey = '{out.name}'" in rest
    finally:
        process.kill()
        process.wait()


def _located(site: Path, survey: Path) -> list[dict[str, object]]:
    """What `edge-agent locate` makes of a beacon that walks by."""
    argv = [sys.executable, "-m", "edge_agent", "locate", "--site", str(site)]
    answer = subprocess.run(
        [*argv, "--survey", str(survey)],
        input="\n".join(json.dumps(line) for line in WALK_BY),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in answer.stdout.splitlines()]
