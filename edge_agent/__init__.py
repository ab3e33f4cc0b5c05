"""The edge agent: one asyncio process that runs a store.

OpenBLAS is told to keep to one thread before anything imports numpy, which reads it then: presence
multiplies matrices of some hundred cells, for which a second thread only spins beside the first and
triples the CPU (measured, `python -m bench track`).
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
