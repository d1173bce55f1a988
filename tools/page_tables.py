"""A table as Markdown, for the pages that the measuring tools write."""

import pandas as pd


def markdown(frame: pd.DataFrame) -> str:
    """The frame with its index as the first column."""
    head = [[frame.index.name or "", *frame.columns], ["---"] * (len(frame.columns) + 1)]
    rows = head + [[name, *row] for name, row in zip(frame.index, frame.to_numpy(), strict=True)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)
