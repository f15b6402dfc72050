"""Photos: hostile files end in a clear refusal, never in anything else."""

import io
import random
import struct
import zlib

import pytest
from PIL import Image

from service.collect import photo


def _png(width: int, height: int) -> bytes:
    """A PNG whose header promises width × height pixels of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def _jpeg() -> bytes:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.effect_noise((64, 48), 50).save(written, "JPEG", exif=exif)
    return written.getvalue()


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (10_000, 10_000), (2**31 - 1, 1)])
def test_decompression_bombs(width: int, height: int) -> None:
    with pytest.raises(photo.PhotoError):
        photo.reencode(_png(width, height))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    written = io.BytesIO()
    Image.new(mode, (40, 20)).save(written, "PNG")
    kept = photo.reencode(written.getvalue())
    with Image.open(io.BytesIO(kept.jpeg)) as image:
        assert (image.mode, image.size) == ("RGB", (40, 20))


def test_transparent_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(written, "PNG")
    with Image.open(io.BytesIO(photo.reencode(written.getvalue()).jpeg)) as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["WEBP", "MPO", "JPEG"])
def test_what_phones_write(kind: str) -> None:
    written = io.BytesIO()
    more = {"save_all": True, "append_images": [Image.new("RGB", (4, 4))]} if kind == "MPO" else {}
    Image.new("RGB", (40, 20), "red").save(written, kind, **more)
    assert (photo.reencode(written.getvalue()).width, photo.reencode(written.getvalue()).height) == (40, 20)


def test_other_formats_are_refused() -> None:
    for kind in ("GIF", "BMP", "TIFF", "ICO"):
        written = io.BytesIO()
        Image.new("RGB", (8, 8)).save(written, kind)
        with pytest.raises(photo.PhotoError):
            photo.reencode(written.getvalue())


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow warns of EXIF that it passes over
def test_damaged_files_are_a_photo_or_refused() -> None:
    whole = _jpeg()
    chance = random.Random(3)  # noqa: S311
    refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 20)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            photo.reencode(bytes(damaged[: chance.randrange(1, len(damaged) + 1)]))
        except photo.PhotoError:
            refused += 1
    assert refused > 0
