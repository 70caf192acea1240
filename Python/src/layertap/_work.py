"""Long calls of the library: threads, progress, and control-C.

Python runs signal handlers on its main thread between two of its own instructions. So a long call from the main thread
runs on a thread of its own. The main thread waits, and a signal ends this waiting at once. Another thread gets no
signals, and makes its calls itself unless it wants progress.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import threading
from ctypes import byref
from typing import Any, Callable, Iterator, Optional, Union

from ._errors import error
from ._library import Progress, Report, Work, check, last_error

STAGES = ("starting", "identifying", "filling", "extracting", "fitting", "estimating", "predicting")
ProgressOption = Union[None, bool, Callable[[str, int, int], Any]]


def thread_count(threads: Optional[int]) -> int:
    """The number of threads of a call; 0 for every processor of this process.

    Without a number, `OMP_NUM_THREADS` limits the threads. joblib sets this variable for its worker processes.
    """
    if threads is None or threads == -1:
        limit = os.environ.get("OMP_NUM_THREADS", "")
        return int(limit) if threads is None and limit.isdigit() else 0
    if threads < 1:
        raise ValueError(f"threads: expected at least 1, or None for every processor, found {threads}")
    return int(threads)


def run(call: Callable[[Any], int], *, threads: Optional[int] = None, report: Report = None) -> None:
    """Calls `call` with a pointer to the library's description of work, and raises its error.

    An exception of `report`, or an exception that a signal raises here, stops the call and is raised after the call
    has ended.
    """
    if report is None and threading.current_thread() is not threading.main_thread():
        check(call(byref(Work(thread_count(threads), Progress(), None))))
        return
    failure: Optional[BaseException] = None
    is_stopped = is_started = False
    outcome: list[Any] = []
    begun, ended = threading.Lock(), threading.Lock()
    ended.acquire()

    def progress(_context: Any, stage: int, done: int, total: int) -> int:
        nonlocal failure, is_stopped
        if report is not None and not is_stopped:
            try:
                report(stage, done, total)
            except BaseException as exception:
                failure, is_stopped = exception, True
        return int(is_stopped)

    work = Work(thread_count(threads), Progress(progress), None)

    def body() -> None:
        if not begun.acquire(blocking=False):
            return
        try:
            status = call(byref(work))
            outcome.append(error(status, last_error()) if status else None)
        except BaseException as exception:
            outcome.append(exception)
        finally:
            ended.release()

    # A signal can raise its exception between any two instructions here, also just before or after one takes effect.
    while not outcome:
        try:
            if not is_started:
                _thread.start_new_thread(body, ())
                is_started = True
            # The system may hand a signal to another thread, which does not end a wait of this thread.
            ended.acquire(timeout=0.1)
        except BaseException as exception:
            if not is_started and isinstance(exception, RuntimeError):
                raise
            failure, is_stopped = exception, True
    failure = failure or outcome[0]
    if failure is not None:
        raise failure


@contextlib.contextmanager
def reporting(progress: ProgressOption, unit: str = "image") -> Iterator[Report]:
    """The function that a long call reports to.

    `progress` is True for a bar of tqdm, None for a bar if tqdm is installed and standard error is a terminal, False
    for none, or a function of the stage, the number done and the number of all.
    """
    if callable(progress):
        function = progress
        yield lambda stage, done, total: function(STAGES[stage], done, total)
        return
    bar = None if progress is False else _bar(unit, is_required=progress is True)
    if bar is None:
        yield None
        return
    try:
        yield lambda stage, done, total: _show(bar, stage, done, total)
    finally:
        bar.close()


def _bar(unit: str, is_required: bool) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        if is_required:
            raise ImportError("progress=True shows a bar of tqdm: pip install tqdm") from None
        return None
    bar = tqdm(unit=unit, disable=False if is_required else None, leave=False, delay=0 if is_required else 1)
    return None if bar.disable else bar


def _show(bar: Any, stage: int, done: int, total: int) -> None:
    if bar.desc != STAGES[stage] + ": " or bar.total != (total or None):
        bar.set_description(STAGES[stage], refresh=False)
        bar.reset(total or None)
    bar.update(done - bar.n)
