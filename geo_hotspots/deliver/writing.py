"""A file that cannot be written is told in one sentence, the same for every kind of file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo_hotspots.errors import OutputError
from geo_hotspots.words import Words

_A_FILE = Words("", "")


@contextmanager
def writing(path: Path, called: Words = _A_FILE) -> Iterator[None]:
    """Turn a failure to write `path` into what a user can act on.

    Parameters
    ----------
    called
        What the file is, before its name.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    try:
        yield
    except OSError as error:
        zh, en = (f"{word} {path.name}".lstrip() for word in called)
        raise OutputError(
            f"{zh} 写不进去：{error.strerror}；请检查磁盘和权限",
            f"{en} cannot be written: {error.strerror}; check the disk and permissions",
        ) from error
