"""Word lists that an officer can review: tab-separated, one header line, `#` comments.

Columns named `form` hold regular expressions over normalised text (`nlp.normalize`).
"""

from functools import cache
from importlib import resources


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `name`.tsv as column → text; an absent trailing column is ''.

    Raises FileNotFoundError for an unknown list and ValueError for a row with too many columns.
    """
    text = resources.files(__package__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line and not line.startswith("#")
    ]
    header = lines[0][1].split("\t")
    result = []
    for number, line in lines[1:]:
        cells = line.split("\t")
        if len(cells) > len(header):
            raise ValueError(f"{name}.tsv line {number}: {len(cells)} columns, expected {len(header)}")
        result.append(dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True)))
    return tuple(result)


def forms(name: str, column: str, value: str) -> str:
    """One alternation of every form whose `column` equals `value`, longest first."""
    found = [row["form"] for row in rows(name) if row[column] == value]
    return "|".join(sorted(found, key=len, reverse=True))
