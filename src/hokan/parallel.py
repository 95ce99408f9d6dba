"""Many independent pieces of work in a few processes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]


def in_processes(
    work: Callable[..., Any],
    arguments: Iterable[tuple[Any, ...]],
    n_jobs: int,
    *,
    in_order: bool = False,
) -> Iterator[Any]:
    """Return the results of many calls, each as soon as it is there, in no particular order.

    Every call computes with one thread, whatever ``n_jobs`` is: several on a busy machine can be
    twenty times slower than one, and sums in another order would differ in their last digits. An
    interrupt ends all processes at once.

    Parameters
    ----------
    work : callable
        Can be sent to another process.
    arguments : iterable of tuple
        Of each call.
    n_jobs : int
        Number of processes; 1: this one, -1: as many as there are cores.
    in_order : bool
        Whether results come in the order of the calls instead.
    """
    wanted = "generator" if in_order else "generator_unordered"
    calls = (delayed(_with_one_thread)(work, each) for each in arguments)
    with _interrupts_left_to_this_process():
        found: Iterator[Any] = Parallel(n_jobs=n_jobs, return_as=wanted)(calls)
    yield from found


def _with_one_thread(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    with threadpool_limits(limits=1):
        return work(*arguments)


@contextmanager
def _interrupts_left_to_this_process() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C.

    A terminal sends it to all of them, and each would print a traceback of its own. What is held
    back here is held back for good in processes started meanwhile; this one hears it right after,
    and ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield  # on Windows, processes print their tracebacks
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
