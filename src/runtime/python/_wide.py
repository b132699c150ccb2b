"""The sign of a polynomial for many rows at once, exactly: in 64 bits where no value on the way can leave them, in two words of 64 bits
where it stays within 128, else with Python's own numbers. Never in floating point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ._diagram import AtLeastZero

__all__ = ["sign", "sign_or_none"]

Ints = npt.NDArray[np.int64]
Words = tuple["npt.NDArray[np.uint64]", "npt.NDArray[np.uint64]"]
LOW = np.uint64(0xFFFF_FFFF)
HALF = np.uint64(32)
NARROW, WIDE = 1 << 63, 1 << 127


def sign(test: AtLeastZero, column: Callable[[int], Ints], rows: int) -> npt.NDArray[np.bool_]:
    """Whether the polynomial is 0 or more, by row; all its inputs are known."""
    if test.bound < NARROW:
        return _narrow(test, column, rows)
    if test.bound < WIDE:
        return _two_words(test, column, rows)
    total: Any = np.full(rows, test.constant, dtype=object)
    for coefficient, factors in test.monomials:
        product: Any = np.full(rows, coefficient, dtype=object)
        for at in factors:
            product = product * column(at).astype(object)
        total = total + product
    return np.asarray(total >= 0, dtype=np.bool_)


def _narrow(test: AtLeastZero, column: Callable[[int], Ints], rows: int) -> npt.NDArray[np.bool_]:
    total = np.full(rows, test.constant, dtype=np.int64)
    for coefficient, factors in test.monomials:
        if not factors:
            total += coefficient
            continue
        product = column(factors[0])
        for at in factors[1:]:
            product = product * column(at)
        if coefficient == 1:
            total += product
        elif coefficient == -1:
            total -= product
        else:
            total += product * np.int64(coefficient)
    return total >= 0


def _two_words(test: AtLeastZero, column: Callable[[int], Ints], rows: int) -> npt.NDArray[np.bool_]:
    """Modulo 2^128, in two's complement: exact, because the result fits."""
    total = _constant(test.constant, rows)
    for coefficient, factors in test.monomials:
        product = _constant(coefficient, rows)
        for at in factors:
            product = _times(product, column(at))
        low = total[1] + product[1]
        total = (total[0] + product[0] + (low < total[1]).astype(np.uint64), low)
    return total[0].view(np.int64) >= 0


def _constant(value: int, rows: int) -> Words:
    high, low = value >> 64 & 0xFFFF_FFFF_FFFF_FFFF, value & 0xFFFF_FFFF_FFFF_FFFF
    return np.full(rows, high, dtype=np.uint64), np.full(rows, low, dtype=np.uint64)


def _times(one: Words, factor: Ints) -> Words:
    """128 bits times 64 with a sign, modulo 2^128."""
    high, low = one
    b = factor.view(np.uint64)
    extension = (factor >> np.int64(63)).view(np.uint64)
    a0, a1, b0, b1 = low & LOW, low >> HALF, b & LOW, b >> HALF
    least, mid, other, most = a0 * b0, a1 * b0, a0 * b1, a1 * b1
    carry = (least >> HALF) + (mid & LOW) + (other & LOW)
    product = most + (mid >> HALF) + (other >> HALF) + (carry >> HALF)
    return product + high * b + low * extension, low * b


def sign_or_none(
    test: AtLeastZero, column: Callable[[int], Ints], unknown: Callable[[int], npt.NDArray[np.bool_]], rows: int
) -> npt.NDArray[np.int64]:
    """As `AtLeastZero.of`: 1, 0, or -1 where the values that unknown inputs may have decide it."""
    kind: Any = np.int64 if test.bound < NARROW else object
    least: Any = np.full(rows, test.constant, dtype=kind)
    most: Any = least.copy()
    for coefficient, factors in test.monomials:
        lo: Any = np.full(rows, coefficient, dtype=kind)
        hi: Any = lo
        for at in factors:
            first, last = test.ranges[at]
            values, open_ = column(at), unknown(at)
            a: Any = np.where(open_, first, values).astype(kind)
            b: Any = np.where(open_, last, values).astype(kind)
            corners = (lo * a, lo * b, hi * a, hi * b)
            lo = np.minimum(np.minimum(corners[0], corners[1]), np.minimum(corners[2], corners[3]))
            hi = np.maximum(np.maximum(corners[0], corners[1]), np.maximum(corners[2], corners[3]))
        least = least + lo
        most = most + hi
    return np.where(np.asarray(least >= 0, dtype=np.bool_), 1, np.where(np.asarray(most < 0, dtype=np.bool_), 0, -1))
