"""Tables as pandas frames, or as lists of dictionaries without pandas."""

from __future__ import annotations

from typing import Any


def frame(rows: list[dict[str, Any]], columns: list[str]) -> Any:
    """A frame with these columns; without pandas the list of rows."""
    try:
        import pandas
    except ImportError:
        return rows
    return pandas.DataFrame(rows, columns=columns)
