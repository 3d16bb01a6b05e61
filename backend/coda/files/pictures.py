"""Pictures: unpacked within bounds, and copied without what they tell of their maker.

Everything here takes a while and is to be called in a thread.
"""

import warnings
from io import BytesIO
from typing import Any, Final

from PIL import Image, UnidentifiedImageError

from coda.files.errors import PictureTooLarge, PictureUnreadable
from coda.files.sniffing import PICTURES
from coda.files.types import VIEW_SIDE, Picture

MOST_PIXELS: Final = 50_000_000
MOST_BYTES: Final = 5_000_000
_THUMBNAIL_SIDE: Final = 512
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its orientation (EXIF 2.32, 4.6.5.1)."""
_LYING: Final = (5, 6, 7, 8)
_QUALITIES: Final = (85, 70, 50)
_BROKEN: Final = (
    UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError, IndexError,
    MemoryError,
)  # fmt: skip
"""What decoders raise for what is damaged."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def copies_of(content: bytes, media_type: str) -> Picture:
    """Read a picture; raises PictureTooLarge, PictureUnreadable. Of a moving one the first frame is taken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=[PICTURES[media_type]]) as image:
                width, height = _size_of(image)
                upright = _unpacked(image)
    except _BROKEN:
        raise PictureUnreadable from None
    view, view_type = _view(upright, is_photo=media_type == "image/jpeg")
    _shrink(upright, _THUMBNAIL_SIDE)
    return Picture(width, height, view, view_type, _encoded(upright, "WEBP", quality=80))


def _size_of(image: Image.Image) -> tuple[int, int]:
    """As it is looked at: a camera that was held upright says so beside the pixels."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise PictureTooLarge(width=width, height=height, limit=MOST_PIXELS)
    return (height, width) if image.getexif().get(_ORIENTATION) in _LYING else (width, height)


def _unpacked(image: Image.Image) -> Image.Image:
    """As large as a view, turned upright, in plain colours. What is clear stays so.

    It is made small first and in place: a copy of all pixels is a hundred megabytes and more.
    """
    image.draft("RGB", (VIEW_SIDE, VIEW_SIDE))
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    mode = "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
    plain = image if image.mode == mode or (image.mode, mode) == ("L", "RGB") else image.convert(mode)
    _shrink(plain, VIEW_SIDE)
    plain = plain.convert(mode)
    if turn is not None:
        plain = plain.transpose(turn)
    plain.info = {} if profile is None else {"icc_profile": profile}
    return plain


def _shrink(image: Image.Image, side: int) -> None:
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _view(image: Image.Image, *, is_photo: bool) -> tuple[bytes, str]:
    """Without loss where that is small enough. JPEG and PNG are what every model takes."""
    if not is_photo:
        exact = _encoded(image, "PNG")
        if len(exact) <= MOST_BYTES:
            return exact, "image/png"
    opaque = _on_white(image)
    for quality in _QUALITIES:
        photo = _encoded(opaque, "JPEG", quality=quality)
        if len(photo) <= MOST_BYTES:
            break
    return photo, "image/jpeg"


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _encoded(image: Image.Image, form: str, *, quality: int = 0) -> bytes:
    """Nothing goes along but pixels and their colour profile."""
    options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if quality:
        options["quality"] = quality
    target = BytesIO()
    image.save(target, form, **options)
    return target.getvalue()
