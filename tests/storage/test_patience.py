import pytest

from edge_agent.storage import StorageFailed, StorageUnavailable, outlast


class Disk:
    """Keeps nothing for the first tries."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)

    async def step(self) -> str:
        if self.troubles:
            raise self.troubles.pop(0)
        return "kept"


def full() -> StorageUnavailable:
    return StorageUnavailable("the disk is full")


async def test_a_step_is_repeated_until_storage_keeps_it() -> None:
    grouped = ExceptionGroup("tasks", [full(), ExceptionGroup("more", [full()])])
    assert await outlast(Disk(full(), grouped, full()).step, retry_s=0) == "kept"


@pytest.mark.parametrize(
    "trouble", [StorageFailed("restart"), ExceptionGroup("tasks", [full(), ValueError("no")])]
)
async def test_whatever_else_goes_wrong_is_not_repeated(trouble: Exception) -> None:
    with pytest.raises(type(trouble)):
        await outlast(Disk(full(), trouble).step, retry_s=0)
