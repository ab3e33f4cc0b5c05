"""The machine's keeper, with another program in the machine's place."""

import os

import pytest

from tests.conformance.conftest import IN_THE_MACHINE
from tests.conformance.machine.__main__ import attend

pytestmark = pytest.mark.skipif(bool(IN_THE_MACHINE), reason="it is kept from outside")


def test_what_the_machine_says_is_passed_on_and_returned(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    said = attend(["/bin/echo", "conformance: exit 0"], os.environ, longest_s=60.0)
    assert said == b"conformance: exit 0\n"
    assert capfdbinary.readouterr().out == said


def test_a_machine_that_never_ends_is_ended() -> None:
    assert attend(["/bin/sh", "-c", "echo up; exec tail -f /dev/null"], os.environ, 0.5) == b"up\n"
