"""Chance that can be repeated: every random stream of the simulators hangs on a seed and a name."""

from random import Random


def seeded(*key: object) -> Random:
    """A random stream of its own for `key`, such as a seed and an address; not for secrets."""
    return Random("/".join(map(str, key)))  # noqa: S311 - reproducible on purpose
