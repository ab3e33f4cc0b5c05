"""A judge who was not there: compares what the simulators, the agent and the hub wrote down."""

from simulators.demo.judge.verdict import judge

__all__ = ["judge"]
