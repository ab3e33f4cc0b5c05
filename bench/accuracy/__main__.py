"""`python -m bench.accuracy`, or `make bench ARGS=accuracy`."""

import typer

from bench.accuracy.run import accuracy

typer.run(accuracy)
