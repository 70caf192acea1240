"""Features on Apache Spark: columns of features for a data frame, and stores that many tasks fill.

Spark schedules, repeats and moves; each Python worker keeps one engine warm and computes. The driver and the executors
need this package and the weights. See Documentation/Spark.md.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, Iterable, Iterator, Optional, Union

import numpy as np

from ._errors import DataError, UsageError
from ._shards import ShardTask, command, extract_nothing, extract_rows, named_shards
from .backbone import Backbone, Names, _listed
from .store import Store

_LIST_COLUMNS = ("label", "split", "group", "weight")
_ENGINES: dict[str, Backbone] = {}
# Pattern and replacement that make an item's path of a name; False for paths of files, True for names of bytes.
_NAME_RULES = {False: ("^file:/+", "/"), True: ("^(?:[A-Za-z][A-Za-z0-9+.-]*:/)?/*", "")}
_FOREIGN_PATH = (
    "expected the absolute path of a file that all executors share: for other addresses pass the bytes, as "
    'spark.read.format("binaryFile") reads them, with images="content"'
)


def embed(
    df: Any,
    images: str = "path",
    layers: Names = None,
    pool: Names = None,
    *,
    backbone: Union[str, "os.PathLike[str]"] = "efficientnet_lite0",
    features: str = "features",
    reason: str = "reason",
    threads: Optional[int] = None,
    **settings: Any,
) -> Any:
    """The data frame with the features of its images. Nothing is computed before Spark needs the result.

    Parameters
    ----------
    df : a data frame of Spark.
    images : the column with the images: paths of files, or the bytes of JPEG or PNG files (`content` of the format
        `binaryFile`).
    layers, pool : as in `Backbone.embed`.
    backbone, settings : as in `Backbone`. A path must be the same on the driver and on the executors.
    features : the name of the column of features, an array of floats. With several columns of features, each has this
        name, an underscore, and its own name with every other character as an underscore: `features_blocks_4_avg`.
    reason : the name of the column with the reason why an image has no features; null if it has features.
    threads : the number of threads of a task; by default `spark.task.cpus`.

    Raises `MissingError` and `UsageError` as `Backbone` does.
    """
    import pyarrow as pa
    from pyspark.sql.types import ArrayType, FloatType, StringType, StructField, StructType

    layers, pool = _names(layers), _names(pool)
    source = os.fspath(backbone)
    columns = _engine(source, settings).extractor(layers, pool).columns
    names = [features] if len(columns) == 1 else [f"{features}_{_plain(column)}" for column in columns]
    for name in (*names, reason):
        if name in df.columns:
            raise UsageError(f"the data frame has a column {name!r} already: name others with features= and reason=")
    _holds_bytes(df, images)
    threads = threads or _task_threads(df)
    added = [StructField(name, ArrayType(FloatType(), False)) for name in names]
    schema = StructType([*df.schema.fields, *added, StructField(reason, StringType())])

    def computed(batches: Iterable[Any]) -> Iterator[Any]:
        engine = _engine(source, settings)
        for batch in batches:
            arrays, reasons = _features(engine, batch.column(images).to_pylist(), layers, pool, threads)
            missing = np.array([text is not None for text in reasons], bool)
            new = [_array(array, missing) for array in arrays]
            yield pa.RecordBatch.from_arrays(
                [*batch.columns, *new, pa.array(reasons, pa.string())], names=[*batch.schema.names, *names, reason]
            )

    return df.mapInArrow(computed, schema)


def extract(
    df: Any,
    store: Union[str, "os.PathLike[str]"],
    images: str = "path",
    layers: Names = None,
    pool: Names = None,
    *,
    backbone: Union[str, "os.PathLike[str]"] = "efficientnet_lite0",
    name: str = "path",
    shards: Optional[int] = None,
    threads: Optional[int] = None,
    **settings: Any,
) -> Store:
    """Extracts the features of a data frame's images into a store, with the bytes that one run of the command writes.

    Each task writes a shard under the name of its attempt, and commits it by a rename. So repeated and speculative
    attempts change nothing. The driver merges the shards. A call that was interrupted can be repeated: it keeps the
    committed shards.

    Parameters
    ----------
    df : a data frame of Spark. If it has the columns `label`, `split`, `group` or `weight`, they are those of the list.
    store : the folder of stores, as `--store` of the commands: a path that the driver and all executors share.
    images : the column with the images: absolute paths of files that all executors share, or the bytes of files.
    layers, pool, backbone, settings : as in `embed`.
    name : for images in bytes, the column with their names. A name is the path of an item without scheme and without
        leading slashes: `file:/data/a.jpg` is `data/a.jpg`, `s3a://bucket/a.jpg` is `bucket/a.jpg`.
    shards : the number of shards, each the work of one task; by default twice Spark's default parallelism. Images in
        bytes of a shard lie on the local disk of the executor meanwhile.
    threads : the number of threads of a task; by default `spark.task.cpus`.

    Raises `UsageError` for a path that is not one of the file system, `MissingError` if a file does not exist, and the
    errors of the command.
    """
    folder = _shared(store)
    is_bytes = _holds_bytes(df, images)
    item = name if is_bytes else images
    if item not in df.columns:
        raise UsageError(f"name: expected one of the columns {', '.join(df.columns)}, found {item!r}")
    columns = [column for column in _LIST_COLUMNS if column in df.columns]
    listed = df.select(item, *columns).collect()
    expected = _item_names((row[0] for row in listed), is_bytes)
    task = ShardTask(
        source=os.fspath(backbone),
        settings={**settings, "layers": _names(layers), "pool": _names(pool)},
        shards=shards or 2 * df.sparkSession.sparkContext.defaultParallelism,
        threads=threads or _task_threads(df),
        columns=columns,
        is_bytes=is_bytes,
        example=expected[0],
        work="",
    ).named(folder, listed)
    if not is_bytes:
        # The source is not read again.
        df = df.sparkSession.createDataFrame(listed, df.select(item, *columns).schema)
    del listed
    Path(task.work, "shards").mkdir(parents=True, exist_ok=True)
    _run(df, task, images, item)
    extracted = named_shards(task, expected)
    command("store", "merge", *extracted, "--into", folder)
    shutil.rmtree(task.work, ignore_errors=True)
    return Store(folder / extracted[0].name.split("-shard-")[0])


def _run(df: Any, task: ShardTask, images: str, item: str) -> None:
    """Runs a task for each shard that is not committed."""
    from pyspark.sql import functions as f

    name = f.regexp_replace(f.col(item), *_NAME_RULES[task.is_bytes])
    # The number of a shard is that of `layertap extract --shard`: the first 8 bytes of the hash, modulo the shards.
    number = f.conv(f.substring(f.sha2(name, 256), 1, 16), 16, 10).cast("decimal(20,0)") % task.shards + 1
    content = f.col(images) if task.is_bytes else f.lit(None).cast("binary")
    rows = df.select(number.cast("int").alias("_shard"), name.alias("_item"), content.alias("_content"), *task.columns)
    rows = rows.where(f.col("_shard").isin(task.missing()))
    rows = rows.repartitionById(task.shards, f.col("_shard") - 1)
    rows.mapInArrow(lambda batches: extract_rows(task, batches), "shard int").count()
    # No row leads to the task of a shard without items.
    if not task.missing():
        return
    numbers = df.sparkSession.range(1, task.shards + 1, numPartitions=task.shards)
    empty = numbers.where(f.col("id").isin(task.missing()))
    empty.mapInArrow(lambda batches: extract_nothing(task, batches), "shard int").count()


def _features(
    engine: Backbone, values: list[Any], layers: Names, pool: Names, threads: int
) -> tuple[list[np.ndarray], list[Optional[str]]]:
    """The arrays of all columns, and the reason of each image without features."""
    reasons: list[Optional[str]] = [None if value is not None else "the value is null" for value in values]
    given: list[Any] = []
    for index, value in enumerate(values):
        if isinstance(value, str):
            value = re.sub(*_NAME_RULES[False], value)
            if "://" in value:
                reasons[index] = f"{value}: {_FOREIGN_PATH}"
                value = None
        # An image without bytes has no features, and keeps the number of rows.
        given.append(b"" if value is None else value)
    result, broken = engine.embed(given, layers, pool, errors="report", progress=False, threads=threads)
    for image in broken:
        reasons[image.index] = reasons[image.index] or image.reason
    return list(result.values()) if isinstance(result, dict) else [result], reasons


def _array(values: np.ndarray, missing: np.ndarray) -> Any:
    """Rows as an array of lists for Spark; a missing row is null."""
    import pyarrow as pa

    lengths = np.where(missing, 0, values.shape[1])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    flat = pa.array(values[~missing].reshape(-1), pa.float32())
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32(), mask=np.append(missing, False)), flat)


def _engine(source: str, settings: dict[str, Any]) -> Backbone:
    """The engine of this process, which further tasks of a Python worker find again."""
    key = json.dumps([source, settings], sort_keys=True)
    if key not in _ENGINES:
        _ENGINES[key] = Backbone(source, **settings)
    return _ENGINES[key]


def _names(names: Names) -> Optional[list[str]]:
    return None if names is None else _listed(names)


def _task_threads(df: Any) -> int:
    return int(df.sparkSession.conf.get("spark.task.cpus", "1"))


def _holds_bytes(df: Any, images: str) -> bool:
    """Whether a column holds bytes, and not paths."""
    kinds = {field.name: field.dataType.typeName() for field in df.schema.fields}
    if kinds.get(images) not in ("string", "binary"):
        found = f"the type {kinds[images]}" if images in kinds else f"the columns {', '.join(kinds)}"
        raise UsageError(f"images: expected a column of paths (string) or of bytes (binary), {images!r}, found {found}")
    return kinds[images] == "binary"


def _item_names(names: Iterable[Optional[str]], is_bytes: bool) -> list[str]:
    """The paths of items, as `_run` computes them too."""
    result: list[str] = []
    for name in names:
        if name is None:
            raise DataError("expected a path for each image, found null")
        item = re.sub(*_NAME_RULES[is_bytes], name)
        if not is_bytes and not item.startswith("/"):
            raise UsageError(f"{name}: {_FOREIGN_PATH}")
        if is_bytes and (not item or ".." in item.split("/")):
            raise DataError(f"{name}: expected the name of an image, without '..'")
        result.append(item)
    if not result:
        raise DataError("expected a data frame with at least one image, found no row")
    if len(set(result)) != len(result):
        (item, count), *_ = Counter(result).most_common(1)
        raise DataError(f"{item}: the data frame has it {count} times, and each item of a list has a path of its own")
    return result


def _shared(store: Union[str, "os.PathLike[str]"]) -> Path:
    text = os.fspath(store)
    if re.match("[A-Za-z][A-Za-z0-9+.-]*:/", text) and not text.startswith("file:/"):
        raise UsageError(
            f"{text}: expected a path of a file system that the driver and all executors share (NFS, Lustre, a mounted "
            "volume), found an address of another store: extract there, and copy the store afterwards"
        )
    return Path(os.path.abspath(re.sub("^file:/+", "/", text)))


def _plain(name: str) -> str:
    return re.sub("[^A-Za-z0-9_]", "_", name)
