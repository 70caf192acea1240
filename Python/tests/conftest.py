"""What the tests share: images of the repository, the network, and the command that the wheel installs."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import layertap

# A background job of a shell ignores this signal, and so would the processes that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"


def run_command(*arguments, **options):
    """Runs the command `layertap` of this environment, and returns the finished process."""
    program = Path(sys.executable).with_name("layertap")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, **options)


def run_python(program, *arguments, timeout=120, **options):
    """Runs a program in a new process of this Python, which must end in time, and returns its output."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.fixture(scope="session")
def backbone():
    return layertap.Backbone("efficientnet_lite0")


@pytest.fixture(scope="session")
def surfaces():
    """Paths of 36 images: three of each of twelve classes."""
    folders = sorted((DATA / "surfaces/test").iterdir())
    return [path for folder in folders for path in sorted(folder.iterdir())[:3]]


@pytest.fixture(scope="session")
def surface_labels(surfaces):
    return [path.parent.name for path in surfaces]
