"""Ids that follow from the seed: the n-th of a kind is the same in every run."""

from __future__ import annotations

import hashlib

_LOWER = "abcdefghijklmnopqrstuvwxyz"


def _table(letters: str) -> bytes:
    return bytes(ord(letters[byte % len(letters)]) for byte in range(256))


_TO_ALNUM = _table(f"{_LOWER}0123456789")
_TO_BASE32 = _table(f"{_LOWER}234567")
_TO_MIXED = _table(f"{_LOWER.upper()}{_LOWER}0123456789")

_SHORT_CLIENTS = 38
"""Of 256 client ids so many have 25 characters, and the others 26 (observed: 16 of 109)."""

_DAY = 24 * 60 * 60
_GREGORIAN = 122_192_928_000_000_000
"""Ticks of 100 ns from the calendar reform of 1582, where version 1 UUIDs begin, to 1970."""


class Ids:
    """Numbered ids of several kinds; the counters are all the state there is."""

    __slots__ = ("_begun", "counters", "seed")

    def __init__(self, seed: int | str) -> None:
        self.seed = seed
        self.counters: dict[str, int] = {}
        self._begun: dict[str, hashlib.blake2b] = {}

    def uuid(self, kind: str) -> str:
        """The next lower-case version 4 UUID of a kind."""
        return uuid_of(self._digest(kind))

    def alnum(self, kind: str, length: int) -> str:
        """The next string of at most 32 lower-case letters and digits."""
        return self._digest(kind)[:length].translate(_TO_ALNUM).decode()

    def base32(self, kind: str) -> str:
        """The next 26 characters of base32, as AppSync makes ids, hosts and keys (observed)."""
        return self._digest(kind)[:26].translate(_TO_BASE32).decode()

    def pool(self) -> str:
        """The next nine letters and digits that the id of a user pool ends in (observed)."""
        return self._digest("pool")[:9].translate(_TO_MIXED).decode()

    def client(self) -> str:
        """The next id of an app client: 26 letters and digits, or 25 at times (observed)."""
        digest = self._digest("client")
        length = 25 if digest[-1] < _SHORT_CLIENTS else 26
        return digest[:length].translate(_TO_ALNUM).decode()

    def stack_suffix(self) -> str:
        """What the next stack's name ends in: a time of day or five hexadecimal digits.

        The time is Hmmss without a leading zero, as in stacks made until March 2024; those made
        since have hexadecimal digits (observed). Every fake makes both, whatever its clock says.
        """
        digest = self._digest("stack")
        if digest[0] % 2:
            return digest[1:4].hex()[:5]
        minutes, second = divmod(int.from_bytes(digest[1:5], "big") % _DAY, 60)
        hour, minute = divmod(minutes, 60)
        return f"{hour}{minute:02}{second:02}"

    def uuid_at(self, kind: str, time: int) -> str:
        """The next version 1 UUID of a kind, for a time in milliseconds since 1970."""
        digest = self._digest(kind)
        below_a_millisecond = int.from_bytes(digest[:2], "big") % 10_000
        ticks = (time * 10_000 + below_a_millisecond + _GREGORIAN) % 2**60
        clock, node = int.from_bytes(digest[2:4], "big") % 2**14, digest[4:10].hex()
        low, middle, high = ticks % 2**32, ticks >> 32 & 0xFFFF, ticks >> 48
        return f"{low:08x}-{middle:04x}-1{high:03x}-{clock | 0x8000:04x}-{node}"

    def start_of(self, kind: str) -> str:
        """All but the last twelve digits of a UUID: a number after it makes one at less cost."""
        return uuid_of(self._nth(kind, 0))[:-12]

    def _digest(self, kind: str) -> bytes:
        count = self.counters.get(kind, 0) + 1
        self.counters[kind] = count
        return self._nth(kind, count)

    def _nth(self, kind: str, number: int) -> bytes:
        """Thirty-two bytes that depend on nothing but seed, kind and number."""
        begun = self._begun.get(kind)
        if begun is None:
            begun = hashlib.blake2b(f"{self.seed}/{kind}/".encode(), digest_size=32)
            self._begun[kind] = begun
        digest = begun.copy()
        digest.update(b"%d" % number)
        return digest.digest()


def uuid_of(data: bytes) -> str:
    """The version 4 UUID made of the first sixteen bytes of ``data``."""
    text = data[:16].hex()
    variant = "89ab"[data[8] & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
