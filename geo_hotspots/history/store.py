"""Opening a history: one writer at a time, a version that fits, a sentence for every mishap."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from geo_hotspots.errors import HistoryError
from geo_hotspots.history.tables import MIGRATIONS, VERSION

# Nothing is fetched, and a name in a query is a table of ours, never a variable.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
_HELD = ("lock", "used by another process")  # what DuckDB and Windows say of an open file


@dataclass(frozen=True)
class History:
    """An open history, within one transaction."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    pack: str
    salt: bytes

    def query(self, sql: str, *values: object) -> pa.Table:
        """Ask; `values` stand for the question marks of `sql`."""
        return self.connection.sql(sql, params=list(values)).to_arrow_table()

    def write(self, sql: str, *values: object) -> None:
        """Change; `values` stand for the question marks of `sql`."""
        self.connection.execute(sql, list(values))

    @contextmanager
    def showing(self, **frames: pd.DataFrame) -> Iterator[None]:
        """Let queries see frames as tables of these names."""
        for name, frame in frames.items():
            self.connection.register(name, pa.Table.from_pandas(frame, preserve_index=False))
        yield
        for name in frames:
            self.connection.unregister(name)

    def commit(self) -> None:
        """Make the transaction's changes lasting, all of them at once."""
        self.connection.commit()


@contextmanager
def open_history(path: Path, *, pack: str | None, salt: bytes) -> Iterator[History]:
    """Open a history for writing, or begin one; what is not committed never was.

    Parameters
    ----------
    path
        The file; its folder is made where there is none.
    pack
        The name of the pack that the history belongs to; nothing where any will do, and then the
        history is not a new one.
    salt
        The key for callers' hashes of a new history; an old one keeps its own.

    Raises
    ------
    HistoryError
        Another program holds the file, it is damaged, of a newer version or another pack, or
        the disk does not take it.
    """
    with _nothing_left_of_a_new(path), _said_in_words(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(path, error) from error
        connection = duckdb.connect(str(path), config=SETTINGS)
        try:
            connection.execute("CHECKPOINT")  # what a killed run had committed is in the file now
            connection.begin()
            _migrate(connection, path, pack, salt)
            yield _opened(connection, path, pack)
        finally:
            _close(connection, path)


@contextmanager
def _nothing_left_of_a_new(path: Path) -> Iterator[None]:
    """Take a history that was just begun away again, with its folders, when the run fails."""
    made = [] if path.exists() else [path, *(f for f in path.parents if not f.exists())]
    try:
        yield
    except BaseException:
        for thing in made:
            with suppress(OSError):  # a folder that something else has filled stays
                thing.rmdir() if thing.is_dir() else thing.unlink(missing_ok=True)
        raise


@contextmanager
def peek_history(path: Path) -> Iterator[History]:
    """Open a history for reading; several may read at once.

    Raises
    ------
    HistoryError
        There is none, a run is writing it, or it cannot be read.
    """
    if not path.is_file():
        raise HistoryError(
            f"没有历史库 {path}；先运行一次 run，或用 --history 指明",
            f"there is no history {path}; run once first, or name it with --history",
        )
    with _said_in_words(path):
        connection = duckdb.connect(str(path), read_only=True, config=SETTINGS)
        try:
            version = _version(connection, path)
            if version < VERSION:
                raise HistoryError(
                    f"历史库 {path.name} 的版本 {version} 较旧；运行一次 run 即会升级",
                    f"the history {path.name} is of the older version {version}; "
                    "the next run brings it up to date",
                )
            yield _opened(connection, path, None)
        finally:
            connection.close()


def create_tables(connection: duckdb.DuckDBPyConnection, version: int = 0) -> list[str]:
    """Make the tables that a file of `version` lacks; name all there are."""
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    return sorted(_tables(connection))


def _migrate(
    connection: duckdb.DuckDBPyConnection, path: Path, pack: str | None, salt: bytes
) -> None:
    """Bring the tables to our version; a new file gets its salt and the name of its pack."""
    version = _version(connection, path)
    create_tables(connection, version)
    if version == 0:
        assert pack is not None, "a new history belongs to a pack"
        values = [("salt", salt), ("pack", pack.encode())]
        connection.executemany("INSERT INTO meta VALUES (?, ?)", values)
    connection.execute("DELETE FROM meta WHERE name = 'version'")
    connection.execute("INSERT INTO meta VALUES ('version', ?)", [str(VERSION).encode()])


def _version(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Give the version of a file, 0 for an empty one; refuse what is not ours to read."""
    tables = _tables(connection)
    if not tables:
        return 0
    found = _meta(connection).get("version") if "meta" in tables else None
    if found is None:
        raise HistoryError(
            f"{path.name} 是别的程序的 DuckDB 文件；请用 --history 另指一个",
            f"{path.name} is a DuckDB file of something else; name another with --history",
        )
    if int(found) > VERSION:
        raise HistoryError(
            f"历史库 {path.name} 的版本 {int(found)} 高于本程序的 {VERSION}；请升级本程序",
            f"the history {path.name} is of version {int(found)}, newer than ours, {VERSION}; "
            "upgrade geo-hotspots",
        )
    return int(found)


def _opened(connection: duckdb.DuckDBPyConnection, path: Path, pack: str | None) -> History:
    meta = _meta(connection)
    ours = meta["pack"].decode()
    if pack not in (None, ours):
        raise HistoryError(
            f"历史库 {path.name} 属于边界包 {ours}，不是 {pack}；请用 --history 另指一个",
            f"the history {path.name} belongs to the pack {ours}, not {pack}; "
            "name another with --history",
        )
    return History(path, connection, ours, meta["salt"])


def _meta(connection: duckdb.DuckDBPyConnection) -> dict[str, bytes]:
    return dict(connection.execute("SELECT name, value FROM meta").fetchall())


def _close(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Undo what was not committed; of a history that was only begun leave no file."""
    with suppress(duckdb.TransactionException):  # there is none after a commit
        connection.rollback()
    is_empty = not _tables(connection)
    connection.close()
    if is_empty:
        path.unlink()


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return {name for (name,) in found}


_OF_THE_FILE = (duckdb.FatalException, duckdb.TransactionException)


@contextmanager
def _said_in_words(path: Path) -> Iterator[None]:
    """Say what befell the file; a fault of ours in a query keeps its traceback."""
    try:
        yield
    except duckdb.IOException as error:
        if any(word in str(error) for word in _HELD):
            raise HistoryError(
                f"历史库 {path} 正被另一个程序使用；请等它结束，或用 --no-history 只看一次",
                f"the history {path} is in use by another program; wait for it to end, or look "
                "once with --no-history",
            ) from error
        raise _unusable(path, error) from error
    except duckdb.Error as error:
        # Damage shows as the bare class or as fatal, a full disk also as a commit that failed; all
        # others are faults of our queries.
        if type(error) is duckdb.Error or isinstance(error, _OF_THE_FILE):
            raise _unusable(path, error) from error
        raise


def _unusable(path: Path, error: Exception) -> HistoryError:
    why = str(error).splitlines()[0]
    return HistoryError(
        f"历史库 {path} 无法读写：{why}；请检查磁盘与权限，若已损坏请恢复备份，或移走它重新开始",
        f"the history {path} cannot be read or written: {why}; check disk and rights, restore "
        "a backup if it is damaged, or move it away to begin anew",
    )
