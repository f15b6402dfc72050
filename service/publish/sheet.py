"""Tables of text for a spreadsheet: CSV as Japanese Excel opens it, and Excel's own format.

Every cell is text, also times and codes: nothing loses its leading zeros, and no cell is ever a formula.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

import xlsxwriter

BOM: Final = "\ufeff"  # without it Excel takes UTF-8 for Shift_JIS
# What a spreadsheet may take for the beginning of a formula, and what may stand before one unseen.
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL: Final = 32_767  # Excel's; a longer one would be refused whole
LONGEST_TITLE: Final = 31
NOT_IN_A_TITLE: Final = str.maketrans(dict.fromkeys(r"[]:*?/\ ".strip(), "・"))


def harmless(cell: str) -> str:
    """`cell` as text that no spreadsheet runs: an apostrophe goes before what could begin a formula."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(DANGEROUS) or cell.startswith(DANGEROUS) else cell


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with BOM, CRLF, every cell quoted and harmless."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return (BOM + out.getvalue()).encode("utf-8")


def xlsx_bytes(
    title: str, banner: str, header: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]
) -> bytes:
    """One sheet named `title` with `banner` above the header; text cells, wrapped, ready for A4 landscape.

    `widths` are the columns' widths in characters.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(title.translate(NOT_IN_A_TITLE)[:LONGEST_TITLE])
        plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@", "border": 1})
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#DDE3EA"})
        sheet.write_string(0, 0, banner, book.add_format({"bold": True, "font_size": 14}))
        for column, (name, width) in enumerate(zip(header, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(1, column, name, bold)
        for number, row in enumerate(rows, 2):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell[:LONGEST_CELL], plain)
        sheet.freeze_panes(2, 0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.set_footer("&C&P / &N")
    return out.getvalue()
