"""Copying whole tables from one database to another, of whichever kind, as of one moment."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, select, text

_BATCH = 500


def copy_tables(source: Engine, target: Engine, metadata: MetaData) -> int:
    """Copy the rows of all tables into empty ones, which are made where they are missing. Returns the number of rows.

    The source is read in one transaction, so that the copy is of one moment whatever is written meanwhile; the target
    is written in one, whole or not at all.
    """
    level = {"isolation_level": "REPEATABLE READ"} if source.dialect.name == "postgresql" else {}
    count = 0
    with source.connect() as connection, target.begin() as writing:
        metadata.create_all(writing)
        reading = connection.execution_options(reading=True, **level)
        for table in metadata.sorted_tables:
            found = reading.execute(select(table).execution_options(yield_per=_BATCH))
            for rows in found.partitions(_BATCH):
                writing.execute(insert(table), [dict(row._mapping) for row in rows])
                count += len(rows)
        if target.dialect.name == "postgresql":
            for table in metadata.sorted_tables:
                _go_on_counting(writing, table)
    return count


def _go_on_counting(writing: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after the copied ones."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = writing.scalar(
        text("select pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
    )
    if sequence:
        newest = writing.scalar(select(func.max(column)))
        writing.execute(
            text("select setval(:name, :value, :used)"), {"name": sequence, "value": newest or 1, "used": bool(newest)}
        )
