import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/how-to/device-profile.md").read_text(encoding="utf-8")


def test_the_example_in_the_how_to_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(example, "device-profile.md", "exec"), {})  # noqa: S102 - our own page


def test_every_path_in_the_how_to_exists() -> None:
    named = re.findall(r"`((?:device_profiles|simulators)/[a-z0-9_/.]+)`", PAGE)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
