"""Files for other programs: the bytes are those of the command."""

import pytest
from conftest import DATA, run_command

import layertap


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "shirts.layertap"
    options = ["--c", "0.01", "--layers", "blocks.2", "--size", "64", "--output", path, "--store", path.parent / "store"]
    finished = run_command("train", DATA / "surfaces", *options)
    assert finished.returncode == 0, finished.stderr
    return layertap.load(path), path


@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_a_classifier_has_the_bytes_of_the_command(classifier, kind, tmp_path):
    loaded, path = classifier
    report = loaded.export_onnx(tmp_path / "python.onnx", input=kind)
    finished = run_command("export", path, "--onnx", tmp_path / "command.onnx", "--input", kind)
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "python.onnx").read_bytes() == (tmp_path / "command.onnx").read_bytes()
    assert report["inputType"] == kind and report["takesBatches"]
    assert report["outputs"] == ["scores", "probabilities", "features:blocks.2-avg"]
    assert report["featureDifference"] <= 2e-5 and report["scoreDifference"] <= 2e-5


def test_features_have_the_bytes_of_the_command(tmp_path):
    backbone = layertap.Backbone(size=64)
    report = backbone.export_onnx(tmp_path / "python.onnx", layers=["stem", "blocks.2"], pool=["avg", "max"])
    options = ["--layers", "stem", "blocks.2", "--pool", "avg", "max", "--size", "64", "--onnx", tmp_path / "command.onnx"]
    assert run_command("export", *options).returncode == 0
    assert (tmp_path / "python.onnx").read_bytes() == (tmp_path / "command.onnx").read_bytes()
    assert len(report["outputs"]) == 4 and report["scoreDifference"] is None and report["featuresHaveSameBits"]


def test_wrong_arguments_are_refused(classifier, tmp_path):
    loaded, _ = classifier
    with pytest.raises(layertap.ArgumentError, match="expected float32 or uint8"):
        loaded.export_onnx(tmp_path / "a.onnx", input="float16")
    with pytest.raises(layertap.LayerTapError, match="none"):
        loaded.export_onnx(tmp_path / "none" / "a.onnx")
    assert list(tmp_path.iterdir()) == []
