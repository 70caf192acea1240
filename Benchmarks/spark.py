"""Features of photographs on Apache Spark, with two executors of one core, against the command with two threads, in turn.

Spark's session and its Python workers are started before the timing, and their start is a line of its own."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import machine
import measuring
import photographs

LAYER = "penultimate"


def started():
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local-cluster[2,1,2048]").appName("layertap")
    options = {
        "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.log.level": "ERROR",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "64", "spark.sql.shuffle.partitions": "2",
        "spark.sql.files.openCostInBytes": "65536", "spark.ui.showConsoleProgress": "false",
    }
    for key, value in options.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def timed(job):
    start = time.perf_counter()
    job()
    return measuring.Run(None, time.perf_counter() - start, 0, 0, False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--output")
    options = parser.parse_args()
    command = Path(sys.executable).with_name("layertap")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        photographs.make(folder / "images", options.images, (500, 375))
        start = time.perf_counter()
        spark = started()
        import layertap.spark

        listed = spark.read.format("binaryFile").load(str(folder / "images"))
        layertap.spark.embed(listed.limit(64), "content", LAYER).write.format("noop").mode("overwrite").save()
        start_up = time.perf_counter() - start
        count = iter(range(1000))

        def fresh():
            for old in folder.glob("store*"):
                shutil.rmtree(old)
            return folder / f"store{next(count)}"

        def columns(images):
            frame = layertap.spark.embed(listed, images, LAYER)
            return lambda: timed(lambda: frame.write.format("noop").mode("overwrite").save())

        def store(images):
            return lambda: timed(
                lambda: layertap.spark.extract(listed, fresh(), images, LAYER, shards=options.shards))

        sides = {
            "command": lambda: measuring.run(
                [command, "extract", folder / "images", "--layers", LAYER, "--threads", 2, "--store", fresh()]),
            "embed, images in bytes": columns("content"),
            "embed, paths": columns("path"),
            "extract, images in bytes": store("content"),
            "extract, paths": store("path"),
        }
        found = measuring.alternated(options.rounds, sides)
        spark.stop()
    lines = ["| | seconds | over the command |", "|---|---|---|"]
    times = {side: [run.seconds for run in runs] for side, runs in found.items()}
    for side, seconds in times.items():
        ratios = measuring.ratios(seconds, times["command"])
        lines.append(f"| {side} | {measuring.spread(seconds, 2)} | {measuring.spread(ratios, 3)} |")
    about = (f"{options.images:,} photographs of 500 x 375, EfficientNet-Lite0, two cores, {machine.processor()}; medians "
             f"(least-most) of {options.rounds} rounds in turn. {options.shards} shards. Spark with "
             f"two executors and warm Python workers, which took {start_up:.0f} s to start.")
    measuring.publish([f"# Apache Spark and the command\n\n{about}\n", *lines], options.output)


main()
