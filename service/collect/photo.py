"""Photos: decoded with bounds, turned upright, made small, and written anew without any metadata.

What a phone writes into a photo (position, time, device, owner) never reaches the store.
"""

import struct
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, WebPImagePlugin

from service.report import Photo

MAX_SIDE: Final = 1600  # pixels: a number plate or a crack stays legible, 300 kB or so
MAX_PIXELS: Final = 64_000_000  # decoded at once: 192 MB; phones take 12 to 50 million
JPEG_QUALITY: Final = 82
# Pillow registers WebP only when its module is imported. MPO (several JPEGs in one .jpg) opens as JPEG.
FORMATS: Final = ("JPEG", "PNG", WebPImagePlugin.WebPImageFile.format)

# What Pillow raises for broken or hostile files.
_BROKEN: Final = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    NotImplementedError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class PhotoError(ValueError):
    """The photo cannot be taken; the message is Japanese and says what to do."""


def reencode(data: bytes) -> Photo:
    """A picture file as an upright JPEG of at most 1,600 pixels a side, without metadata.

    Raises PhotoError for what is no picture, broken, or too many pixels.
    """
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as source:
            _require_bounded(source)
            source.draft("RGB", (MAX_SIDE, MAX_SIDE))
            upright = ImageOps.exif_transpose(source)
            picture = _flat(upright)
            picture.thumbnail((MAX_SIDE, MAX_SIDE))
            written = BytesIO()
            # A fresh image carries no EXIF, comment or colour profile over into the file.
            fresh = Image.new("RGB", picture.size)
            fresh.paste(picture)
            fresh.save(written, "JPEG", quality=JPEG_QUALITY, optimize=True)
    except PhotoError:
        raise
    except _BROKEN as failure:
        raise PhotoError("写真として読み取れません。JPEG、PNG、WebPのどれかで送ってください。") from failure
    return Photo(written.getvalue(), fresh.width, fresh.height)


def _require_bounded(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise PhotoError("写真の画素数が多すぎます。小さくして送ってください。")


def _flat(image: Image.Image) -> Image.Image:
    """`image` in RGB, what is transparent on white."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return image.convert("RGB")
