"""`layertap.spark` on a cluster of two executors on this machine, compared with one run of the command."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import run_command

import layertap

pytest.importorskip("pyspark")
pytest.importorskip("pyarrow")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

from pyspark.sql import SparkSession  # noqa: E402

import layertap.spark  # noqa: E402


def session():
    """A session on a real standalone master, with two executors that are processes of their own."""
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("layertap")
    options = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "16",
        "spark.speculation": "true",
        "spark.speculation.interval": "100ms",
        "spark.speculation.quantile": "0.3",
        "spark.speculation.multiplier": "1.01",
    }
    for key, value in options.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


@pytest.fixture(scope="module")
def spark():
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    running = session()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def photographs(tmp_path_factory, request):
    """A folder of images in two classes, one of them in two files, and one file that is no image."""
    folder = tmp_path_factory.mktemp("photographs")
    root = Path(__file__).resolve().parents[2] / "data/surfaces"
    for path in sorted(root.glob("t*/*/*.png"))[::2]:
        target = folder / path.parts[-3] / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    first = sorted(folder.glob("train/*/*.png"))[0]
    shutil.copy(first, first.with_name("copy, of.png"))
    first.with_name("broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no image")
    return folder


def files_of(folder):
    """The bytes of a store's files that must be equal, by their names."""
    ignored = ("runs", "selections", "lock", "rows.index")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in ignored and not path.name.startswith(".")
    }


def table(spark, folder, with_bytes):
    from pyspark.sql import functions as f

    read = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(str(folder))
    parts = f.split("path", "/")
    frame = read.withColumn("label", f.element_at(parts, -2)).withColumn("split", f.element_at(parts, -3))
    return frame if with_bytes else frame.drop("content")


def one_run(tmp_path, folder, root):
    """The store of one run of the command on the same list: its paths are absolute, or relative to `root`."""
    paths = sorted(folder.rglob("*.*g"), key=lambda path: os.fsencode(path))
    lines = [(path.relative_to(root) if root else path, path.parent.name, path.parts[-3]) for path in paths]
    text = "".join(f'"{path}",{label},{split}\n' for path, label, split in lines)
    (tmp_path / "list.csv").write_text("path,label,split\n" + text)
    arguments = [root, "--labels"] if root else []
    arguments += [tmp_path / "list.csv", "--layers", "blocks.1", "head", "--store", tmp_path / "one"]
    finished = run_command("extract", *arguments)
    assert finished.returncode == 0, finished.stderr
    return layertap.Store(tmp_path / "one")


@pytest.mark.parametrize("column", ["path", "content"])
def test_features_of_a_data_frame_are_those_of_the_engine(spark, photographs, backbone, column):
    frame = layertap.spark.embed(table(spark, photographs, True), column, ["blocks.1", "head"])
    rows = frame.select("path", "features_blocks_1_avg", "features_head_avg", "reason").collect()
    assert len(rows) == len(list(photographs.rglob("*.*g")))
    paths = [row.path.removeprefix("file:") for row in rows]
    expected, broken = backbone.embed(paths, ["blocks.1", "head"], errors="report")
    assert [paths[image.index] for image in broken] == [path for path in paths if "broken" in path]
    for index, row in enumerate(rows):
        if "broken" in row.path:
            assert row.features_head_avg is None and row.features_blocks_1_avg is None and row.reason
            continue
        assert row.reason is None
        assert np.array_equal(np.array(row.features_head_avg, np.float32), expected["head-avg"][index])
        assert np.array_equal(np.array(row.features_blocks_1_avg, np.float32), expected["blocks.1-avg"][index])


def test_rows_without_an_image_have_a_reason(spark):
    frame = spark.createDataFrame([(1, None), (2, "s3a://bucket/a.jpg"), (3, "/no/such.jpg")], "id int, path string")
    rows = {row.id: row for row in layertap.spark.embed(frame, layers="stem").collect()}
    assert all(row.features is None for row in rows.values())
    assert "null" in rows[1].reason and "binaryFile" in rows[2].reason and rows[3].reason


@pytest.mark.parametrize("with_bytes", [False, True])
@pytest.mark.parametrize("shards", [1, 3, 200])
def test_a_store_has_the_bytes_of_one_run(spark, photographs, tmp_path, with_bytes, shards):
    frame = table(spark, photographs, with_bytes)
    store = layertap.spark.extract(
        frame.repartition(5),
        tmp_path / "many",
        "content" if with_bytes else "path",
        ["blocks.1", "head"],
        shards=shards,
    )
    one = one_run(tmp_path, photographs, Path("/") if with_bytes else None)
    assert files_of(Path(store.path)) == files_of(Path(one.path))
    assert [path.name for path in (tmp_path / "many").iterdir()] == [Path(one.path).name]


def killer(folder, killed):
    """Kills an executor's Java process once a shard is committed and another one is in work."""
    while not killed.is_set():
        shards = list(folder.glob(".spark-*/shards/*"))
        if shards:
            listed = subprocess.run(["pgrep", "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True)
            if listed.stdout.split():
                os.kill(int(listed.stdout.split()[0]), signal.SIGKILL)
                killed.set()
        time.sleep(0.05)


def test_a_killed_executor_changes_nothing(spark, photographs, tmp_path):
    killed = threading.Event()
    thread = threading.Thread(target=killer, args=(tmp_path / "many", killed))
    thread.start()
    try:
        store = layertap.spark.extract(
            table(spark, photographs, True), tmp_path / "many", "content", ["blocks.1", "head"], shards=12
        )
        assert killed.is_set()
    finally:
        killed.set()
        thread.join()
    one = one_run(tmp_path, photographs, Path("/"))
    assert files_of(Path(store.path)) == files_of(Path(one.path))


def test_an_interrupted_call_keeps_committed_shards(spark, photographs, tmp_path, monkeypatch):
    frame = table(spark, photographs, False)
    arguments = (frame, tmp_path / "many", "path", ["blocks.1", "head"])
    with monkeypatch.context() as patch:
        patch.setattr(layertap.spark, "named_shards", lambda *_: pytest.fail("the driver ends here"))
        with pytest.raises(pytest.fail.Exception):
            layertap.spark.extract(*arguments, shards=3)
    committed = {path: path.stat().st_ino for path in (tmp_path / "many").glob(".spark-*/shards/*")}
    assert len(committed) == 3
    shutil.rmtree(next(iter(committed)))
    with monkeypatch.context() as patch:
        patch.setattr(layertap.spark, "named_shards", lambda *_: pytest.fail("the driver ends here"))
        with pytest.raises(pytest.fail.Exception):
            layertap.spark.extract(*arguments, shards=3)
    again = {path: path.stat().st_ino for path in (tmp_path / "many").glob(".spark-*/shards/*")}
    assert again.keys() == committed.keys() and sum(again[path] == committed[path] for path in again) == 2
    store = layertap.spark.extract(*arguments, shards=3)
    assert files_of(Path(store.path)) == files_of(Path(one_run(tmp_path, photographs, None).path))


def test_bad_input_has_a_clear_error(spark, photographs, tmp_path):
    frame = table(spark, photographs, True)
    for store, arguments, text in [
        ("s3://bucket/store", {}, "a file system that the driver and all executors share"),
        ("hdfs://host/store", {}, "a file system that the driver and all executors share"),
        (tmp_path, {"images": "length"}, "expected a column of paths (string) or of bytes (binary)"),
        (tmp_path, {"images": "photo"}, "expected a column of paths (string) or of bytes (binary)"),
        (tmp_path, {"images": "content", "name": "photo"}, "expected one of the columns"),
    ]:
        with pytest.raises(layertap.UsageError) as failure:
            layertap.spark.extract(frame, store, **arguments)
        assert text in str(failure.value)
    with pytest.raises(layertap.DataError, match="2 times"):
        layertap.spark.extract(frame.union(frame), tmp_path, "content")
    foreign = spark.createDataFrame([("s3a://bucket/a.jpg",)], "path string")
    with pytest.raises(layertap.UsageError, match="binaryFile"):
        layertap.spark.extract(foreign, tmp_path)
    upward = spark.createDataFrame([("a/../../b.jpg", bytearray(b"x"))], "path string, content binary")
    with pytest.raises(layertap.DataError, match="without '..'"):
        layertap.spark.extract(upward, tmp_path, "content")
    absent = spark.createDataFrame([("/no/such.jpg",)], "path string")
    with pytest.raises(Exception, match="found no file"):
        layertap.spark.extract(absent, tmp_path, shards=1)
    with pytest.raises(layertap.UsageError, match="features=") as failure:
        layertap.spark.embed(frame.withColumnRenamed("length", "features"))


def test_two_attempts_of_a_shard_leave_one(photographs, tmp_path):
    from layertap._shards import Attempt, ShardTask

    task = ShardTask(
        "efficientnet_lite0", {"layers": ["stem"], "pool": None}, 1, 1, ["label"], False, "", str(tmp_path)
    )
    (tmp_path / "shards").mkdir()
    attempts = [Attempt(task, 1), Attempt(task, 1)]
    for attempt in attempts:
        for path in sorted(photographs.glob("test/*/*.png"))[:3]:
            attempt.add(str(path), None, ["a, b"])
    attempts[1].commit()
    committed = task.committed(1).stat().st_ino
    attempts[0].commit()
    for attempt in attempts:
        attempt.close()
    assert task.committed(1).stat().st_ino == committed
    assert [path.name for path in tmp_path.iterdir()] == ["shards"]
    assert len(layertap.Store(task.committed(1)).items) == 3


ARCHIVED = """
import sys
import layertap.spark
import pyarrow as pa
from pyspark.sql import SparkSession

archive, folder = sys.argv[1:]
options = {"spark.archives": archive + "#environment", "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1"}
builder = SparkSession.builder.master("local-cluster[1,1,1024]")
for key, value in options.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
frame = spark.read.format("binaryFile").load(folder)

def places(batches):
    import layertap
    for batch in batches:
        yield pa.RecordBatch.from_pydict({"path": [layertap.__file__] * len(batch)})

found = {row.path for row in frame.select("path").mapInArrow(places, "path string").collect()}
assert all("/environment/" in path for path in found), found
rows = layertap.spark.embed(frame, "content").select("path", "features", "reason").collect()
assert rows and all(row.reason is None and len(row.features) == 1280 for row in rows), rows
layertap.spark.extract(frame, folder + "/../store", "content", shards=2)
print(len(rows))
spark.stop()
"""


@pytest.mark.skipif("LAYERTAP_WHEEL" not in os.environ, reason="needs the wheel; Scripts/python-check --spark has it")
def test_an_environment_travels_with_the_application(photographs, tmp_path):
    """The executors have no package but the packed environment."""
    environment = tmp_path / "environment"
    wheel = os.environ["LAYERTAP_WHEEL"]
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    packages = [f"layertap[lite0] @ file://{wheel}", "pyarrow", "venv-pack", "setuptools<80"]
    subprocess.run([environment / "bin/pip", "install", "--quiet", *packages], check=True)
    archive = tmp_path / "environment.tar.gz"
    pack = [environment / "bin/venv-pack", "--quiet", "--prefix", environment, "--output", archive]
    subprocess.run(pack, check=True)
    shutil.rmtree(environment)
    images = tmp_path / "images"
    images.mkdir()
    for path in sorted(photographs.glob("test/*/*.png"))[:5]:
        shutil.copy(path, images)
    variables = {**os.environ, "PYSPARK_PYTHON": "./environment/bin/python", "PYSPARK_DRIVER_PYTHON": sys.executable}
    variables["SPARK_LOCAL_IP"] = "127.0.0.1"
    finished = subprocess.run(
        [sys.executable, "-c", ARCHIVED, archive, images], env=variables, capture_output=True, text=True, timeout=300
    )
    errors = [line for line in finished.stderr.splitlines() if "Error" in line or "assert" in line]
    assert finished.returncode == 0 and finished.stdout.split()[-1] == "5", errors


def test_dask_computes_with_the_package_alone(photographs, backbone):
    bag = pytest.importorskip("dask.bag")
    paths = [str(path) for path in sorted(photographs.glob("test/*/*.png"))[:6]]
    documented = (Path(__file__).resolve().parents[2] / "Documentation/Spark.md").read_text()
    program = re.search("```python\n(import dask.bag.*?)\nrows = ", documented, re.DOTALL).group(1)
    names: dict = {}
    exec(program, names)
    rows = bag.from_sequence(paths, partition_size=2).map_partitions(names["features"]).compute(scheduler="processes")
    assert [path for path, _ in rows] == paths
    assert np.array_equal([row for _, row in rows], backbone.embed(paths))
