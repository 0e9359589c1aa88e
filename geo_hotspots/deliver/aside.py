"""Parts of the delivery that other processes see to while this one goes on."""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, Self, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")


class Helpers(NamedTuple):
    """Other processes: threads would gain nothing, since pandas and the renderer hold Python."""

    clerk: Executor | None = None  # writes the layers and the map
    painter: Executor | None = None  # draws pictures, for which it need import next to nothing


NOBODY = Helpers()


class Aside:
    """Work given away; what nobody takes, or who takes it leaves undone, is done here.

    Parameters
    ----------
    helper
        Who does it; None, and each part is done when it is asked for.
    """

    def __init__(self, helper: Executor | None = None) -> None:
        self._helper = helper
        self._begun: list[Future[Any]] = []

    def begin(
        self, work: Callable[P, Answer], /, *args: P.args, **kwargs: P.kwargs
    ) -> Callable[[], Answer]:
        """Begin a part, and give the function that waits for what it comes to.

        Function and arguments have to be picklable, and none may grow with the cases.
        """
        if self._helper is None:
            return lambda: work(*args, **kwargs)
        try:
            future = self._helper.submit(work, *args, **kwargs)
        except BrokenExecutor:
            return lambda: work(*args, **kwargs)
        self._begun.append(future)

        def finish() -> Answer:
            try:
                return future.result()
            except BrokenExecutor:  # who did it was killed
                return work(*args, **kwargs)

        return finish

    def __enter__(self) -> Self:
        """Do nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Leave what is not begun undone; after it, nobody writes any more."""
        for future in self._begun:
            future.cancel()
        wait(self._begun)
