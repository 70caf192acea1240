"""Errors and warnings. An error has the words of the command `layertap` and the kind of Python's own error."""

from __future__ import annotations


class LayerTapError(Exception):
    """An error of the library. `status` is its number in `layertap.h`; from 64 it is an exit code of the command."""

    status = 70


class ArgumentError(LayerTapError, ValueError):
    """Sizes or values that contradict each other."""

    status = 1


class ReleasedError(LayerTapError, ValueError):
    """An object of the library was used after its release."""

    status = 2


class ForkError(LayerTapError, RuntimeError):
    """This process was forked while another thread of its parent was inside the library."""

    status = 3


class UsageError(LayerTapError, ValueError):
    """An invalid setting, or an unknown layer or column."""

    status = 64


class DataError(LayerTapError, ValueError):
    """An input with the wrong content, such as a damaged image or a value that is not finite."""

    status = 65


class MissingError(LayerTapError, FileNotFoundError):
    """A file, weights or images do not exist."""

    status = 66


class SoftwareError(LayerTapError, RuntimeError):
    """An error in the library."""

    status = 70


class OutputError(LayerTapError, OSError):
    """A result cannot be created at the given path."""

    status = 73


class InputOutputError(LayerTapError, OSError):
    """A read or a write failed."""

    status = 74


class TemporaryError(LayerTapError, OSError):
    """Another process uses the store, or the disk is full."""

    status = 75


class AccessError(LayerTapError, PermissionError):
    """The operating system denied the permission."""

    status = 77


_KINDS: dict[int, type[LayerTapError]] = {
    kind.status: kind
    for kind in (
        ArgumentError,
        ReleasedError,
        ForkError,
        UsageError,
        DataError,
        MissingError,
        SoftwareError,
        OutputError,
        InputOutputError,
        TemporaryError,
        AccessError,
    )
}


def error(status: int, text: str) -> LayerTapError:
    """The error for a status of the library."""
    result = _KINDS.get(status, LayerTapError)(text)
    result.status = status
    return result
