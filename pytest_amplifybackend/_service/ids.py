"""Ids that follow from the seed: the n-th of a kind is the same in every run."""

from __future__ import annotations

import hashlib

_ALNUM = b"abcdefghijklmnopqrstuvwxyz0123456789"
_TO_ALNUM = bytes(_ALNUM[byte % len(_ALNUM)] for byte in range(256))


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
        """The next string of at most 32 lower-case letters and digits, as in AppSync ids."""
        return self._digest(kind)[:length].translate(_TO_ALNUM).decode()

    def digits(self, kind: str, length: int) -> str:
        """The next string of decimal digits, such as a stack's name ends in."""
        return str(int.from_bytes(self._digest(kind), "big") % 10**length).zfill(length)

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
