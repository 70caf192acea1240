"""Backbones, columns, stores, progress, and the search for weights."""

import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import textwrap

import numpy as np
import pytest
from conftest import DATA, run_command, run_python

import layertap


def test_names_and_layers(backbone):
    assert "efficientnet_lite0" in layertap.backbone_names()
    assert backbone.name == "efficientnet_lite0"
    names = list(backbone.layers["name"])
    assert "blocks.10" in names
    assert backbone.preprocessing["size"] == 224
    assert len(backbone.weights_hash) == 64
    assert repr(layertap.Backbone("efficientnet_lite0", size=128)) == "Backbone('efficientnet_lite0', size=128)"


def test_several_columns_are_a_dictionary(backbone, surfaces):
    features = backbone.embed(surfaces[:4], layers=["blocks.4", "penultimate"], pool=["avg", "max"])
    assert list(features) == ["blocks.4-avg", "blocks.4-max", "avgpool"]
    assert features["blocks.4-max"].shape == (4, 40)
    np.testing.assert_array_equal(features["avgpool"], backbone.embed(surfaces[:4]))
    np.testing.assert_array_equal(features["blocks.4-max"], backbone.embed(surfaces[:4], "blocks.4", "max"))


@pytest.mark.parametrize(
    "options, words",
    [({"layers": "blocks.99"}, "blocks.99"), ({"pool": "median"}, "median"), ({"layers": []}, "layers")],
)
def test_unknown_columns_are_refused(backbone, surfaces, options, words):
    with pytest.raises(layertap.UsageError, match=words):
        backbone.embed(surfaces[:1], **options)


def test_unknown_sources_and_settings_are_refused(tmp_path):
    with pytest.raises(layertap.MissingError, match="efficientnet_lite0"):
        layertap.Backbone("efficientnet_light0")
    with pytest.raises(layertap.UsageError, match="crop_fraction"):
        layertap.Backbone("efficientnet_lite0", crop_fraction=0.9)
    with pytest.raises(layertap.UsageError, match="size"):
        layertap.Backbone("efficientnet_lite0", size="large")
    other = tmp_path / "text.pth"
    other.write_text("no weights")
    with pytest.raises(layertap.DataError, match="text.pth"):
        layertap.Backbone(other)


def test_a_pickled_backbone_computes_the_same(backbone, surfaces):
    copy = pickle.loads(pickle.dumps(backbone))
    np.testing.assert_array_equal(copy.embed(surfaces[:2]), backbone.embed(surfaces[:2]))


def test_a_store_has_the_bytes_of_the_command(backbone, tmp_path):
    folder = DATA / "surfaces/test"
    finished = run_command("extract", folder, "--layers", "blocks.10", "penultimate", "--store", tmp_path / "command")
    assert finished.returncode == 0, finished.stderr
    images = sorted(folder.rglob("*.png"))
    features = backbone.embed(images, ["blocks.10", "penultimate"], store=tmp_path / "python")
    (theirs,), (ours,) = ((list((tmp_path / name).iterdir())) for name in ("command", "python"))
    assert ours.name == theirs.name
    names = ["store.json", "rows.bin", *(f"features/{path.name}" for path in (theirs / "features").iterdir())]
    for name in names:
        assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name
    direct = backbone.embed(images, ["blocks.10", "penultimate"])
    for column, values in direct.items():
        np.testing.assert_array_equal(features[column], values)
    again = backbone.embed([images[5], images[0], images[5]], "blocks.10", store=tmp_path / "python")
    np.testing.assert_array_equal(again, direct["blocks.10-avg"][[5, 0, 5]])


def test_a_store_takes_paths_and_reports(backbone, surfaces, tmp_path):
    with pytest.raises(TypeError, match="image 1: a store takes paths"):
        backbone.embed([surfaces[0], surfaces[1].read_bytes()], store=tmp_path / "store")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"text")
    features, report = backbone.embed([broken, surfaces[0]], store=tmp_path / "store", errors="report")
    assert np.isnan(features[0]).all() and np.isfinite(features[1]).all()
    assert [row.index for row in report] == [0] and "text" in report[0].reason
    with pytest.raises(layertap.DataError, match=r"broken\.png"):
        backbone.embed([surfaces[0], broken], store=tmp_path / "store")


def test_a_store_can_be_read(backbone, surfaces, surface_labels, tmp_path):
    backbone.embed(surfaces, ["blocks.4", "blocks.10"], store=tmp_path)
    store = layertap.Store(tmp_path)
    assert list(store) == ["blocks.4-avg", "blocks.10-avg"] == list(store.columns["name"])
    assert store.rows == len(surfaces) and len(store) == 2
    column = store["blocks.10-avg"]
    assert column.dtype == np.float32 and not column.flags.writeable
    np.testing.assert_array_equal(column, backbone.embed(surfaces, "blocks.10"))
    items = store.items
    assert list(items["path"]) == [str(path) for path in surfaces]
    assert list(items["row"]) == list(range(len(surfaces)))
    assert store.identity["weightsHash"] == backbone.weights_hash
    again = pickle.loads(pickle.dumps(store))
    np.testing.assert_array_equal(again["blocks.4-avg"], store["blocks.4-avg"])
    del store, again
    assert np.isfinite(column).all(), "the array keeps the mapping"
    with pytest.raises(KeyError, match="blocks.4-avg"):
        layertap.Store(tmp_path)["blocks.5-avg"]


def test_other_folders_are_no_stores(tmp_path):
    with pytest.raises(layertap.LayerTapError):
        layertap.Store(tmp_path)
    with pytest.raises(layertap.MissingError):
        layertap.Store(tmp_path / "none")


def test_progress_is_reported(backbone, surfaces):
    calls = []
    backbone.embed(surfaces, progress=lambda *call: calls.append(call))
    assert calls[-1] == ("extracting", len(surfaces), len(surfaces))
    assert [done for _, done, _ in calls] == sorted(done for _, done, _ in calls)


def test_an_exception_of_the_progress_function_ends_the_call(backbone, surfaces):
    def stop(stage, done, total):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        backbone.embed(surfaces * 50, progress=stop)
    assert backbone.embed(surfaces[:1]).shape == (1, 1280)


def test_tqdm_shows_a_bar(backbone, surfaces, capsys):
    pytest.importorskip("tqdm")
    backbone.embed(surfaces, progress=True)
    assert "extracting" in capsys.readouterr().err


INTERRUPTED = """
    import sys, layertap
    backbone = layertap.Backbone("efficientnet_lite0")
    def report(stage, done, total):
        global last
        last = done
        if done > 0:
            print("started", flush=True)
    try:
        backbone.embed(sys.argv[1:] * 1000, progress=report)
    except KeyboardInterrupt:
        print("interrupted", last < len(sys.argv[1:]) * 500)
    print(backbone.embed(sys.argv[1:2]).shape)
"""


def test_control_c_ends_the_call(surfaces):
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), *map(str, surfaces)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    lines = [line for line in rest.splitlines() if line != "started"]
    assert lines == ["interrupted True", "(1, 1280)"]


def test_a_signal_to_another_thread_ends_the_call(surfaces):
    program = """
        import signal, sys, threading, layertap
        started = threading.Event()
        def interrupt():
            started.wait()
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
            threading.Event().wait()
        threading.Thread(target=interrupt, daemon=True).start()
        last = 0
        def report(stage, done, total):
            global last
            last = done
            if done > 0:
                started.set()
        try:
            layertap.Backbone("efficientnet_lite0").embed(sys.argv[1:] * 200, progress=report)
        except KeyboardInterrupt:
            print(last < len(sys.argv[1:]) * 100)
    """
    assert run_python(textwrap.dedent(program), *surfaces) == "True\n"


def test_other_threads_run_meanwhile(backbone, surfaces):
    thread = threading.Thread(target=lambda: backbone.embed(surfaces * 4, threads=1))
    thread.start()
    steps = 0
    while thread.is_alive():
        steps += 1
    assert steps > 10_000


def test_importing_loads_nothing():
    program = """
        import sys, layertap
        assert "numpy" not in sys.modules and "sklearn" not in sys.modules
        assert not any("liblayertap" in line for line in open("/proc/self/maps"))
        print(dir(layertap).count("Backbone"))
    """
    assert run_python(textwrap.dedent(program)) == "1\n"


def test_weights_of_a_package_are_found(tmp_path, surfaces):
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    for name in ("LAYERTAP_WEIGHTS", "TORCH_HOME", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    program = "import sys, layertap; print(layertap.Backbone().embed(sys.argv[1]).shape)"
    assert run_python(program, surfaces[0], env=environment, cwd=tmp_path) == "(1, 1280)\n"
    finished = run_command("extract", surfaces[0], "--output", tmp_path / "x.npy", env=environment, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.skipif("LAYERTAP_TESTDATA" not in os.environ, reason="needs the test data")
def test_weights_in_the_cache_of_pytorch_are_found(tmp_path, surfaces):
    folder = tmp_path / "hub/checkpoints"
    folder.mkdir(parents=True)
    file = os.path.join(os.environ["LAYERTAP_TESTDATA"], "weights/resnet20-12fca82f.th")
    shutil.copy(file, folder)
    expected = layertap.Backbone(file, architecture="resnet20_cifar10").embed(surfaces[0])
    environment = {**os.environ, "TORCH_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    program = "import sys, layertap; print(layertap.Backbone('resnet20_cifar10').embed(sys.argv[1]).tobytes().hex())"
    assert run_python(program, surfaces[0], env=environment, cwd=tmp_path).strip() == expected.tobytes().hex()


HUB = """
    import os, shutil

    def snapshot_download(repo_id, *, revision=None, allow_patterns=None):
        source = os.environ["STAND_IN"]
        print(repo_id, revision, *allow_patterns)
        folder = os.path.join(os.environ["TARGET"], "snapshot")
        os.makedirs(folder, exist_ok=True)
        if "pytorch_model.bin" in allow_patterns:
            shutil.copy(source, os.path.join(folder, "pytorch_model.bin"))
        return folder
"""


def test_a_repository_is_fetched_by_huggingface_hub(tmp_path, backbone, surfaces):
    weights = run_command("weights", "list", "--format", "json").stdout
    (tmp_path / "huggingface_hub.py").write_text(textwrap.dedent(HUB))
    program = """
        import json, sys, layertap
        weights = json.loads(sys.argv[1])
        import os
        os.environ["STAND_IN"] = next(w["found"] for w in weights if w["architecture"] == "efficientnet_lite0")
        backbone = layertap.Backbone("hf-hub:owner/lite0@v1")
        print(backbone.embed(sys.argv[2]).tobytes().hex())
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "TARGET": str(tmp_path),
        "HF_HOME": str(tmp_path / "cache"),
    }
    lines = run_python(textwrap.dedent(program), weights, surfaces[0], env=environment).splitlines()
    assert lines[0].startswith("owner/lite0 v1 config.json") and "model.safetensors" in lines[0]
    assert lines[-1] == backbone.embed(surfaces[0]).tobytes().hex()


def test_a_cached_repository_needs_no_package(tmp_path, backbone, surfaces):
    weights = run_command("weights", "list", "--format", "json").stdout
    snapshot = tmp_path / "hub/models--owner--lite0/snapshots/0123abcd"
    snapshot.mkdir(parents=True)
    references = tmp_path / "hub/models--owner--lite0/refs"
    references.mkdir()
    (references / "main").write_text("0123abcd")
    program = """
        import json, os, sys, layertap
        weights = json.loads(sys.argv[1])
        found = next(w["found"] for w in weights if w["architecture"] == "efficientnet_lite0")
        os.symlink(found, sys.argv[3] + "/pytorch_model.bin")
        backbone = layertap.Backbone("hf-hub:owner/lite0")
        print(backbone.embed(sys.argv[2]).tobytes().hex())
    """
    environment = {**os.environ, "HF_HOME": str(tmp_path)}
    printed = run_python(textwrap.dedent(program), weights, surfaces[0], snapshot, env=environment)
    assert printed.strip() == backbone.embed(surfaces[0]).tobytes().hex()


@pytest.mark.parametrize("source", ["hf-hub:", "hf-hub:lite0", "hf-hub:a/b/c"])
def test_other_repositories_are_refused(source):
    with pytest.raises(layertap.MissingError, match="hf-hub:OWNER/NAME"):
        layertap.Backbone(source)
