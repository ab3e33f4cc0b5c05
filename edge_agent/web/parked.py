"""Parked facts over HTTP, for whoever runs the store's computer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Response

from edge_agent.kernel.clock import Clock
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage, StorageError
from edge_agent.storage.dispatcher import MOST_PARKED, Dispatcher
from edge_agent.storage.parked import drop, parked
from edge_agent.storage.reads import Run
from edge_agent.web.access import Access
from edge_agent.web.answering import Answering

Position = Annotated[int, Path(ge=1, le=2**53)]
FlowName = Annotated[str, Path(min_length=1, max_length=100)]


def parked_routes(
    storage: Storage, dispatcher: Dispatcher, clock: Clock, access: Access, run: Answering
) -> APIRouter:
    """What flows have refused, and what becomes of it."""
    router = APIRouter(prefix="/v1/parked", tags=["parked"], dependencies=[Depends(access.console)])
    running = Annotated[Run, Depends(run)]

    @router.get("")
    async def listed() -> Response:
        """What is parked, newest first."""
        found = await storage.view(lambda reads: parked(reads, MOST_PARKED))
        return Response(msgspec.json.encode({"parked": found}), media_type="application/json")

    @router.post("/{position}/{flow}/again", status_code=204)
    async def again(position: Position, flow: FlowName, run: running) -> None:
        """Drive it through its flow once more, whatever its age."""
        with _refusals():
            await dispatcher.again(position, flow, run=run)

    @router.post("/{position}/{flow}/drop", status_code=204)
    async def let_go(position: Position, flow: FlowName, run: running) -> None:
        """Let its effect be lost; that is recorded."""
        with _refusals():
            await run(lambda tx: drop(tx, position, flow, clock.now()))

    return router


@contextmanager
def _refusals() -> Iterator[None]:
    """What the flow itself raises is why it refuses again."""
    try:
        yield
    except LookupError as err:
        raise Refused("not_parked", str(err), status=404) from err
    except (StorageError, Refused):
        raise
    except Exception as err:  # a flow may raise whatever its room raises
        text = f"{type(err).__name__}: {err}"
        raise Refused("refused_again", text) from err
