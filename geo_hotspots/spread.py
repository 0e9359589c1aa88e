"""Work dealt out: one function over many parts, here, in processes of our own, or on a cluster.

A stage says what is to be done to a part and takes the answers in the order of the parts, so that
who did the work shows nowhere in a result. Behind it is the contract of
`concurrent.futures.Executor` and no more: whatever keeps it can do the work.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, islice
from typing import Any, Generic, Self, TypeVar

from geo_hotspots.errors import WorkersError

Part = TypeVar("Part")
Answer = TypeVar("Answer")
Told = Callable[[int, int], None]
Later = Callable[[], Answer]  # gives what is being made meanwhile, or makes it now

_AHEAD = 2  # parts under way for each worker: none waits for the next, and few are in memory
_LOSSES = 3  # so many times in a row workers may die over one part
# What workers do; importing it brings all that it needs.
_WORK = ("geo_hotspots.places.by_text", "geo_hotspots.analysis.points")
_TENTHS = 10  # of the parts, after which it is said how many are done


def tell_nobody(_done: int, _of: int) -> None:
    """Say nothing of how far the work has come."""


def read_ahead(parts: Iterable[Part]) -> Iterator[Part]:
    """Have the next part made in a thread while one is looked at.

    Of use where making parts leaves the interpreter to others, as reading with Arrow does.
    """
    source = iter(parts)
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, source, None)
        while (part := coming.result()) is not None:
            coming = reader.submit(next, source, None)
            yield part


@dataclass
class _Job(Generic[Part, Answer]):
    """What is to be done to a part, and the promise of its answer where a worker has it."""

    do: Callable[[Part], Answer]
    part: Part
    future: "Future[Answer] | None" = None
    executor: Executor | None = None

    @property
    def is_answered(self) -> bool:
        """Say whether the answer is there."""
        future = self.future
        if future is None or not future.done() or future.cancelled():
            return False
        return future.exception() is None

    @property
    def is_under_way(self) -> bool:
        """Say whether a worker has it and has not answered."""
        return self.future is not None and not self.future.done()

    def cancel(self) -> None:
        """Leave it undone, if nobody is at it yet."""
        if self.future:
            self.future.cancel()


class Crew:
    """Who does the work, hired when there is some and anew where one was lost.

    Parameters
    ----------
    hire
        Opens an executor; by default there is none, and this process does everything itself.
    size
        How many parts it does at once.
    lost
        What an executor raises that has lost a worker through no fault of the work.
    """

    def __init__(
        self, hire: Callable[[], Executor] | None = None, *, size: int = 1,
        lost: tuple[type[BaseException], ...] = (BrokenExecutor,),
    ) -> None:  # fmt: skip
        self.size = size
        self._hire = hire
        self._lost = lost
        self._executor: Executor | None = None
        self._begun: list[deque[_Job[Any, Any]]] = []
        self._giving = threading.RLock()  # this thread gives work out, and who hears of an end

    @property
    def is_alone(self) -> bool:
        """Say whether this process does everything itself."""
        return self._hire is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        begun, self._begun = self._begun, []  # nobody is going to ask
        for job in chain.from_iterable(begun):
            job.cancel()
        self._dismiss()

    def call_up(self) -> None:
        """Let workers start and import what they need while there is nothing yet to be shared."""
        if not self.is_alone:
            with suppress(*self._lost):  # whoever has work for them will hear of it
                for _ in range(self.size):  # each starts one, as long as none has nothing to do
                    self._executor_now().submit(get_ready)

    def spread(
        self, do: Callable[[Part], Answer], parts: Iterable[Part], told: Told = tell_nobody
    ) -> Iterator[Answer]:
        """Do the same to every part; give the answers in the order of the parts.

        A single part is done here. Of many, a few are under way at once: neither parts nor answers
        pile up, and parts that are still to be made are made when a worker is free for them.

        Parameters
        ----------
        do
            Pure, and at the top of a module, so that another process finds it by name.
        told
            Hears how many parts of how many are done, some ten times; of parts that nobody has
            counted it hears nothing.

        Raises
        ------
        WorkersError
            Workers died again and again over one part.
        """
        of = len(parts) if isinstance(parts, Sized) else 0
        step = max(of // _TENTHS, 1)
        first = list(islice(more := iter(parts), 2))
        every = chain(first, more)
        alone = self.is_alone or len(first) < 2  # noqa: PLR2004 - one part, or none
        answers = map(do, every) if alone else self._answers(do, deque(), every)
        for done, answer in enumerate(answers, start=1):
            yield answer
            if of > 1 and (done % step == 0 or done == of):
                told(done, of)

    def begin(self, do: Callable[[Part], Answer], parts: Iterable[Part]) -> Iterator[Answer]:
        """Begin with the parts, beside what this process does until it asks.

        Since this process is at work too, one worker less than there are is busy with what was
        begun, until an answer is asked for: one more than there are cores would hold up the steps
        of which each needs the one before. Alone, this process makes each part and does it when
        the answer is asked for.

        Parameters
        ----------
        do
            As for `spread`.
        parts
            All are held until they are answered, so they should be small, or few.
        """
        if self.is_alone:
            return map(do, parts)
        jobs = deque(_Job(do, part) for part in parts)
        self._begun.append(jobs)
        self._go_on()
        return self._answers(do, jobs, iter(()))

    def _go_on(self, *_: object) -> None:
        """Give more of what was begun to workers, up to one less than there are."""
        with self._giving, suppress(*self._lost):  # whoever asks will hear of it
            jobs = [job for begun in self._begun for job in [*begun]]
            n_busy = sum(job.is_under_way for job in jobs)
            left = (job for job in jobs if job.future is None)
            for job in islice(left, max(self.size - 1 - n_busy, int(not n_busy))):
                self._give(job).add_done_callback(self._go_on)

    def _answers(
        self, do: Callable[[Part], Answer], under_way: "deque[_Job[Part, Answer]]",
        parts: Iterator[Part],
    ) -> Iterator[Answer]:  # fmt: skip
        """Keep the workers busy; a part whose worker was lost is done again by another."""
        try:
            while True:
                free = max(_AHEAD * self.size - len(under_way), 0)
                under_way += (_Job(do, part) for part in islice(parts, free))
                if not under_way:
                    return
                yield self._first_answer(under_way)
                under_way.popleft()
        finally:
            for job in under_way:
                job.cancel()

    def _first_answer(self, under_way: "Sequence[_Job[Part, Answer]]") -> Answer:
        """Wait for the first of the jobs, all of which are given to workers, again where lost."""
        losses = 0
        while True:
            try:
                first, *_ = [self._give(job) for job in under_way]
                return first.result()
            except self._lost as error:
                losses += 1
                if losses > _LOSSES:
                    raise _given_up() from error
                self._take_back(under_way)

    def _give(self, job: "_Job[Part, Answer]") -> "Future[Answer]":
        """Give a job to a worker, unless one has it; give the promise of its answer."""
        with self._giving:
            if job.future is None:
                job.executor = self._executor_now()
                job.future = job.executor.submit(job.do, job.part)
            return job.future

    def _take_back(self, jobs: "Iterable[_Job[Part, Answer]]") -> None:
        """Take back what will not be answered; let those go who lost it, unless they are gone."""
        for job in jobs:
            if not job.is_answered:
                job.future = None
                if job.executor is self._executor:
                    self._dismiss()

    def _executor_now(self) -> Executor:
        """Give the executor, hired on first need."""
        if self._executor is None:
            assert self._hire is not None, "who is alone hires nobody"
            self._executor = self._hire()
        return self._executor

    def _dismiss(self) -> None:
        """Let the workers go; whoever is given work meanwhile is hired anew."""
        with self._giving:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True)


ALONE = Crew()


def get_ready() -> None:
    """Import what a run asks of a worker."""
    for name in _WORK:
        import_module(name)


def _given_up() -> WorkersError:
    return WorkersError(
        f"工作进程接连 {_LOSSES + 1} 次意外退出，多因内存不足；请减少 --workers 或增加内存",
        f"workers died {_LOSSES + 1} times in a row, most often for want of memory; "
        "ask for fewer with --workers, or add memory",
    )
