#!/usr/bin/env python3
"""Forks a process that uses the library: forks.py LIBRARY. A child works, or gets an error at once; it never hangs."""

import os
import signal
import sys
import threading
import time
from ctypes import c_uint64

from library import FORKED, PROGRESS, STOPPED, Failure, Library, Work, random_rows


def in_child(body, seconds=60):
    """Runs `body` in a forked child. Returns its text; fails if it hangs or crashes."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(seconds)
        try:
            text = body()
        except Failure as failure:
            text = f"status {failure.status}"
        except BaseException as error:
            text = repr(error)
        os.write(writing, text.encode())
        os._exit(0)
    os.close(writing)
    text = b""
    while part := os.read(reading, 65536):
        text += part
    os.close(reading)
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the child ended with {status}, after the text {text}"
    return text.decode()


library = Library(sys.argv[1])
rows, classes = random_rows(3000, 60, 6)


def fit(work=None):
    return "".join(part.hex() for part in library.fit(rows, 60, classes, {"c": 1}, work))


# A child of a process that loaded the library but made no call.
first = in_child(fit)
# A child of a process that used threads, and its own child.
expected = fit()
assert first == expected, "a child before the first call has another result"
assert in_child(fit) == expected, "a child after a call has another result"
assert in_child(lambda: in_child(fit)) == expected, "a child's child has another result"

# The text of an error belongs to its thread.
library.c.layertap_release(c_uint64(99))
thread = threading.Thread(target=fit)
thread.start()
thread.join()
assert b"never existed" in library.c.layertap_error(), library.c.layertap_error()

# A child of a process in which another thread is in a call.
started = threading.Event()
done = threading.Event()


@PROGRESS
def wait(context, stage, count, total):
    started.set()
    return 1 if done.is_set() else 0


def long_fit():
    many, labels = random_rows(20000, 100, 10)
    try:
        library.fit(many, 100, labels, {"c": [10.0**k for k in range(-5, 5)], "exhaustive": True}, Work(1, wait))
    except Failure as failure:
        assert failure.status == STOPPED, failure


thread = threading.Thread(target=long_fit)
thread.start()
assert started.wait(30), "the progress function was not called"
assert in_child(fit, seconds=5) == f"status {FORKED}", "a fork during a call gives no error"
begin = time.monotonic()
done.set()
thread.join()
stopped = time.monotonic() - begin

# A child that the progress function forks.
children = []


@PROGRESS
def fork(context, stage, count, total):
    if not children:
        children.append(os.fork())
        if children[0] == 0:
            signal.alarm(5)
    return 0


try:
    fit(Work(2, fork))
except Failure as failure:
    os._exit(0 if children == [0] and failure.status == FORKED else 1)
if children and children[0] != 0:
    _, status = os.waitpid(children[0], 0)
    assert status == 0, f"the child of a progress function ended with {status}"
assert fit() == expected, "the parent has another result"
print(f"forks: all well; a long fit stopped after {stopped:.2f} s")
