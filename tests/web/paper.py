"""What stands on printed sheets."""

import io
import re
import unicodedata

from pypdf import PdfReader


def words_of(pdf: bytes) -> list[str]:
    """The words of each sheet; fonts spell some characters as the radical of the same look (⼈ for 人)."""
    texts = (page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return [re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)) for text in texts]
