"""How many bits a channel of a PNG file has: Pillow cuts off all but 8 without a word where it is in colour."""

__all__ = ["require_8_bits"]

PNG, DEPTH_AT = b"\x89PNG\r\n\x1a\n", 24  # a PNG's first bytes, and where it says the bits of a channel


def require_8_bits(beginning: bytes) -> None:
    """Raise ``ValueError`` where the ``beginning`` of a file, 25 bytes or more, is that of a PNG of 16 bits a
    channel."""
    if beginning.startswith(PNG) and beginning[DEPTH_AT : DEPTH_AT + 1] == b"\x10":
        raise ValueError("16 bits a channel, and 8 are read; save it with 8")
