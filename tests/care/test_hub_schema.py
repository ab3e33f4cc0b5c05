import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from cloud_bridge.hub.database.schema import CAN, SchemaFile, files_of, migrate
from cloud_bridge.hub.database.sqlite_tx import SqliteTx, complete
from cloud_bridge.hub.errors import HubError

FIRST_THAT_SAYS = 5
"""Files below were made before releases promised anything."""


@pytest.fixture
def tx() -> Iterator[SqliteTx]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        tx = SqliteTx(connection)
        complete(migrate(tx, "sqlite"))
        yield tx


def apply(tx: SqliteTx, name: str, promise: str) -> None:
    complete(tx.execute("INSERT INTO migration VALUES ($1, 'digest')", name))
    complete(tx.execute("INSERT INTO migration_promise VALUES ($1, $2)", name, promise))


def test_a_hub_works_on_with_a_database_that_the_next_release_has_expanded(tx: SqliteTx) -> None:
    apply(tx, "9990_next.sql", CAN)
    complete(migrate(tx, "sqlite"))


def test_a_hub_refuses_a_database_that_the_next_release_has_contracted(tx: SqliteTx) -> None:
    apply(tx, "9990_next.sql", CAN)
    apply(tx, "9991_less.sql", "cannot, because facts moved")
    with pytest.raises(HubError, match=r"\(9991_less\.sql: cannot, because facts moved\)"):
        complete(migrate(tx, "sqlite"))


def test_a_hub_refuses_a_file_that_promised_nothing(tx: SqliteTx) -> None:
    complete(tx.execute("INSERT INTO migration VALUES ('0009_lost.sql', 'digest')"))
    with pytest.raises(HubError, match=r"0009_lost\.sql: cannot"):
        complete(migrate(tx, "sqlite"))


@pytest.mark.parametrize(
    "file",
    [
        file
        for engine in ("sqlite", "postgresql")
        for file in files_of(engine)
        if int(file.name[:4]) >= FIRST_THAT_SAYS
    ],
    ids=lambda file: file.name,
)
def test_each_file_says_whether_older_releases_can_go_on(file: SchemaFile) -> None:
    assert "does not say" not in file.older_releases


def test_both_engines_have_a_file_of_each_number() -> None:
    numbers = [
        {file.name for file in files_of(engine) if int(file.name[:4]) >= FIRST_THAT_SAYS}
        for engine in ("sqlite", "postgresql")
    ]
    assert numbers[0] == numbers[1]
