"""As much of libvips as images need here, over `_libvips`, the C interface that comes in pyvips-binary's wheels.

Only the worker's process imports this module. Nothing may be decoded before `allow`: it blocks every loader but those
that are named. Errors of libvips become `VipsError` with its own text. Source: the API reference of libvips 8.18.
"""

from collections.abc import Iterator
from typing import Any

import _libvips

_ffi: Any = _libvips.ffi
_lib: Any = _libvips.lib

# GLib's fundamental types are numbers in steps of four (gtype.h).
_BOOLEAN, _INT, _DOUBLE, _STRING = (n << 2 for n in (5, 6, 15, 16))
_UCHAR = 0
_KINDS = {_BOOLEAN: "boolean", _INT: "int", _DOUBLE: "double"}


class VipsError(Exception):
    """What libvips says went wrong."""


def _fail() -> VipsError:
    text = _ffi.string(_lib.vips_error_buffer()).decode("utf-8", "replace").strip()
    _lib.vips_error_clear()
    return VipsError(text)


def start(threads: int) -> None:
    """Starts the library, with every loader blocked.

    Its cache of operations stays as it is: without one, libvips 8.18.7 reads freed memory in `icc_transform` when an
    embedded profile does not fit the image.
    """
    if _lib.vips_init(b"penstock"):
        raise _fail()
    _lib.vips_block_untrusted_set(1)
    _lib.vips_operation_block_set(b"VipsForeignLoad", 1)
    _lib.vips_concurrency_set(threads)


def allow(loader: str) -> None:
    """Lets the loaders of one class (`VipsForeignLoadJpeg`, …) run."""
    if not _lib.g_type_from_name(loader.encode()):
        raise VipsError(f"there is no {loader} in this build")
    _lib.vips_operation_block_set(loader.encode(), 0)


class _Value:
    """A GValue of a type, or none yet."""

    def __init__(self, kind: int = 0) -> None:
        self.c = _ffi.gc(_ffi.new("GValue *"), _lib.g_value_unset)
        if kind:
            _lib.g_value_init(self.c, kind)

    def set(self, value: Any) -> None:
        kind = self.c.g_type
        if isinstance(value, Image):
            _lib.g_value_set_object(self.c, value.c)
        elif kind == _STRING:
            _lib.g_value_set_string(self.c, value.encode())
        elif kind in _KINDS:
            getattr(_lib, f"g_value_set_{_KINDS[kind]}")(self.c, value)
        elif isinstance(value, str):
            found = _lib.vips_enum_from_nick(b"penstock", kind, value.encode())
            if found < 0:
                raise _fail()
            _lib.g_value_set_enum(self.c, found)
        else:
            _lib.g_value_set_flags(self.c, value)

    def text(self) -> str:
        """Its text, if it is of a kind that has one."""
        if self.c.g_type == _STRING:
            found = _lib.g_value_get_string(self.c)
        elif self.c.g_type == _lib.g_type_from_name(b"VipsRefString"):
            found = _lib.vips_value_get_ref_string(self.c, _ffi.NULL)
        else:
            return ""
        return str(_ffi.string(found).decode("utf-8", "replace")) if found else ""

    def blob(self) -> bytes:
        size = _ffi.new("size_t *")
        found = _lib.vips_value_get_blob(self.c, size)
        return bytes(_ffi.buffer(found, size[0])) if found else b""


class Image:
    """A VipsImage. Pixels are computed when somebody asks for them: a header costs no decoding."""

    def __init__(self, c: Any) -> None:
        self.c = _ffi.gc(c, _lib.g_object_unref)

    @classmethod
    def of_pixels(cls, pixels: Any, width: int, height: int, *, bands: int) -> "Image":
        """From a ctypes array of bytes, row by row, which must live as long as the image or what is made of it does."""
        data = _ffi.from_buffer(pixels)
        made = _lib.vips_image_new_from_memory(data, len(data), width, height, bands, _UCHAR)
        if not made:
            raise _fail()
        return cls(made)

    def number(self, name: str, otherwise: int = 0) -> int:
        """A whole number of the header (`width`, `orientation`, …)."""
        if _lib.vips_image_get_typeof(self.c, name.encode()) != _INT:
            return otherwise
        return int(_lib.g_value_get_int(self._get(name).c))

    def text(self, name: str) -> str:
        """A text of the header, empty if there is none."""
        return self._get(name).text() if self.has(name) else ""

    def nick(self, name: str) -> str:
        """An enumerated value of the header (`interpretation`, `format`) by its name."""
        value = self._get(name)
        return str(_ffi.string(_lib.vips_enum_nick(value.c.g_type, _lib.g_value_get_enum(value.c))).decode())

    def has(self, name: str) -> bool:
        """Whether the header has such a field."""
        return bool(_lib.vips_image_get_typeof(self.c, name.encode()))

    @property
    def alpha(self) -> bool:
        """Whether the last band says how opaque each pixel is."""
        return bool(_lib.vips_image_hasalpha(self.c))

    def decoded(self) -> "Image":
        """All of it in memory."""
        made = _lib.vips_image_copy_memory(self.c)
        if not made:
            raise _fail()
        return Image(made)

    def _get(self, name: str) -> _Value:
        value = _Value()
        if _lib.vips_image_get(self.c, name.encode(), value.c):
            raise _fail()
        return value


def call(operation: str, **options: Any) -> Any:
    """Runs an operation; its output `out` or `buffer`. Options are named as libvips names them, with underscores.

    Raises `VipsError`, also for a loader that is blocked.
    """
    made = _lib.vips_operation_new(operation.encode())
    if not made:
        raise _fail()
    made = _ffi.gc(made, _lib.g_object_unref)
    for name, option in options.items():
        value = _Value(_type_of(made, name))
        value.set(option)
        _lib.g_object_set_property(_object(made), name.encode(), value.c)
    built = _lib.vips_cache_operation_build(made)
    if not built:
        _lib.vips_object_unref_outputs(_vips_object(made))
        raise _fail()
    built = _ffi.gc(built, _lib.g_object_unref)
    try:
        return _output(built)
    finally:
        _lib.vips_object_unref_outputs(_vips_object(built))


def _output(operation: Any) -> Any:
    for name in _output_names(operation):
        value = _Value(_type_of(operation, name))
        _lib.g_object_get_property(_object(operation), name.encode(), value.c)
        if name == "buffer":
            return value.blob()
        c = _ffi.cast("VipsImage *", _lib.g_value_get_object(value.c))
        _lib.g_object_ref(c)
        return Image(c)
    raise VipsError("the operation makes neither an image nor bytes")


def _output_names(operation: Any) -> Iterator[str]:
    names, flags, count = _ffi.new("const char ***"), _ffi.new("int **"), _ffi.new("int *")
    if _lib.vips_object_get_args(_vips_object(operation), names, flags, count):
        raise _fail()
    for n in range(count[0]):
        name = _ffi.string(names[0][n]).decode()
        if flags[0][n] & _lib.VIPS_ARGUMENT_OUTPUT and name in ("out", "buffer"):
            yield name


def _type_of(operation: Any, name: str) -> int:
    spec = _ffi.new("GParamSpec **")
    ignored = _ffi.new("VipsArgumentClass **"), _ffi.new("VipsArgumentInstance **")
    if _lib.vips_object_get_argument(_vips_object(operation), name.replace("_", "-").encode(), spec, *ignored):
        raise _fail()
    return int(spec[0].value_type)


def _object(c: Any) -> Any:
    return _ffi.cast("GObject *", c)


def _vips_object(c: Any) -> Any:
    return _ffi.cast("VipsObject *", c)
