"""The shards of a store that tasks of an engine extract, each with the command that the package installs."""

from __future__ import annotations

import csv
import ctypes
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, Iterable, Iterator, NamedTuple, Optional

from ._errors import DataError, MissingError, error

_PR_SET_PDEATHSIG = 1


class ShardTask(NamedTuple):
    """All that a task needs besides its rows."""

    source: str
    settings: dict[str, Any]
    shards: int
    threads: int
    columns: list[str]
    is_bytes: bool
    example: str
    work: str

    def named(self, folder: Path, rows: Any) -> ShardTask:
        """The task with its folder of work, which depends on the list and on all settings but the threads."""
        parts = [self.source, self.settings, self.shards, self.columns, self.is_bytes]
        digest = hashlib.sha256(json.dumps(parts).encode())
        for row in sorted(json.dumps(list(row), default=str) for row in rows):
            digest.update(row.encode() + b"\n")
        return self._replace(work=str(folder / f".spark-{digest.hexdigest()[:16]}"))

    def committed(self, shard: int) -> Path:
        return Path(self.work, "shards", str(shard))

    def missing(self) -> list[int]:
        return [shard for shard in range(1, self.shards + 1) if not self.committed(shard).is_dir()]


class Attempt:
    """One attempt to extract a shard."""

    def __init__(self, task: ShardTask, shard: int) -> None:
        self.task, self.shard, self.columns = task, shard, task.columns
        self.records: list[list[str]] = []
        self.store = Path(tempfile.mkdtemp(prefix=f"attempt-{shard}-", dir=task.work))
        self.scratch = Path(tempfile.mkdtemp(prefix="layertap-"))

    def add(self, item: str, content: Optional[bytes], fields: list[Any]) -> None:
        if content is not None:
            path = self.scratch / "images" / item
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif not os.path.exists(item):
            raise MissingError(f"{item}: expected an image on a file system that all executors share, found no file")
        self.records.append([item, *("" if field is None else str(field) for field in fields)])

    def commit(self) -> None:
        self.records.sort(key=lambda record: record[0].encode())
        table = self.scratch / "list.csv"
        with open(table, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["path", *self.columns], *self.records])
        (self.scratch / "images").mkdir(exist_ok=True)
        root = [self.scratch / "images", "--labels"] if self.task.is_bytes else []
        command(
            *("extract", *root, table, "--store", self.store, "--backbone", self.task.source),
            *(
                "--shard",
                f"{self.shard}/{self.task.shards}",
                "--threads",
                self.task.threads,
                *_options(self.task.settings),
            ),
        )
        try:
            self.store.rename(self.task.committed(self.shard))
        except OSError:
            # Another attempt was first. Every attempt of a shard has the same bytes.
            if not self.task.committed(self.shard).is_dir():
                raise

    def close(self) -> None:
        shutil.rmtree(self.store, ignore_errors=True)
        shutil.rmtree(self.scratch, ignore_errors=True)


def extract_rows(task: ShardTask, batches: Iterable[Any]) -> Iterator[Any]:
    """Extracts the shard of a partition."""
    attempt: Optional[Attempt] = None
    try:
        for batch in batches:
            for row in batch.to_pylist():
                attempt = attempt or Attempt(task, row["_shard"])
                attempt.add(row["_item"], row["_content"], [row[column] for column in task.columns])
        if attempt is not None:
            attempt.commit()
    finally:
        if attempt is not None:
            attempt.close()
    return iter(())


def extract_nothing(task: ShardTask, batches: Iterable[Any]) -> Iterator[Any]:
    for batch in batches:
        for shard in batch.column(0).to_pylist():
            attempt = Attempt(task, shard)
            try:
                # The image of another shard. It is listed, and not read.
                attempt.columns = []
                attempt.add(task.example, b"" if task.is_bytes else None, [])
                attempt.commit()
            finally:
                attempt.close()
    return iter(())


def named_shards(task: ShardTask, expected: list[str]) -> list[Path]:
    """The committed shards. Each gets the hash of the whole list, which no task knew; see StoreFormat.md."""
    stores, lines = [], []
    for shard in range(1, task.shards + 1):
        (store,) = (path for path in task.committed(shard).iterdir() if not path.name.startswith("."))
        stores.append(store)
        with open(store / "items.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                lines.append([row["path"], row["label"], row["split"], row["group"], row.get("weight", "")])
    lines.sort(key=lambda line: line[0].encode())
    if [line[0] for line in lines] != sorted(expected, key=str.encode):
        raise DataError(
            f"{task.work}: the shards have {len(lines)} images, the data frame {len(expected)}: a data frame must have "
            "the same rows each time that it is computed"
        )
    digest = hashlib.sha256(b"path,label,split,group,weight\n")
    for line in lines:
        digest.update((",".join(map(_quoted, line)) + "\n").encode())
    for index, store in enumerate(stores):
        record = {"format": 1, "listHash": digest.hexdigest(), "shard": index + 1, "shards": task.shards}
        (store / "shard.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return stores


def _quoted(field: str) -> str:
    """A field as items.csv has it."""
    if not re.search('[",\r\n]|^ | $|^[\uf000-\uffff]', field):
        return field
    return '"' + field.replace('"', '""') + '"'


def _options(settings: dict[str, Any]) -> list[str]:
    """Settings of a pipeline file as options of the command."""
    options: list[str] = []
    for name, value in settings.items():
        option = "--" + re.sub("[A-Z]", lambda letter: "-" + letter.group().lower(), name)
        if name in ("mean", "std"):
            options += [option, ",".join(map(str, value))]
        elif value is True:
            options.append(option)
        elif value is not None and value is not False:
            options += [option, *(map(str, value) if isinstance(value, list) else [str(value)])]
    return options


def command(*arguments: Any) -> None:
    """Runs the command that the package installs. It ends with this process."""
    program = os.path.join(sysconfig.get_path("scripts"), "layertap")
    finished = subprocess.run(
        [program, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        # An executor that is killed leaves no process that goes on writing.
        preexec_fn=lambda: ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM),
    )
    if finished.returncode != 0:
        raise error(finished.returncode, finished.stderr.strip()[-4000:])
