"""A number as people write it: with its unit, with signs between thousands, with a decimal comma. In: a text and a domain. Out: steps, or
what is wrong and what to write. A text that two countries read as two numbers is refused, never guessed. The same readings as the case
files of `lexport`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Optional

from ._errors import Misfit
from ._schema import Domain

__all__ = ["read", "steps", "steps_of_decimal"]

_DECIMAL = re.compile(r"(-?)([0-9_]*)(?:\.([0-9_]*))?(?:[eE]([+-]?[0-9]{1,9}))?", re.ASCII)
_BETWEEN = (".", ",", " ", "'", "\u2019", "\u00a0", "\u2009", "\u202f")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_LONGEST = 100


def steps(domain: Domain, text: str) -> Optional[int]:
    """The number of steps of a decimal text, if it is a number on the grid. The range is not checked."""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return None
    whole, fraction = found[2].replace("_", ""), (found[3] or "").replace("_", "")
    digits = (whole + fraction).lstrip("0")
    if not whole + fraction or len(digits) > _LONGEST:
        return None
    mantissa = int(digits or "0")
    return _on_grid(domain, -mantissa if found[1] else mantissa, int(found[4] or 0) - len(fraction))


def steps_of_decimal(domain: Domain, value: Decimal) -> Optional[int]:
    """The number of steps of a `Decimal`."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or len(digits) > _LONGEST:
        return None
    mantissa = int("".join(map(str, digits)))
    return _on_grid(domain, -mantissa if sign else mantissa, exponent)


def _on_grid(domain: Domain, mantissa: int, exponent: int) -> Optional[int]:
    shift = exponent + domain.scale
    if mantissa and shift > _LONGEST:
        return None
    if shift >= 0:
        mantissa *= 10 ** (shift if mantissa else 0)
    else:
        mantissa, rest = divmod(mantissa, 10 ** min(-shift, 2 * _LONGEST))
        if rest:
            return None
    found, rest = divmod(mantissa, domain.mantissa)
    return None if rest else found


def read(domain: Domain, text: str, written: bool) -> int:
    """The number of steps. `written` by a person, for whom `60.000` may be sixty thousand; a number of Python has one meaning."""
    whole = text.strip()
    bare = whole[: -len(domain.unit)].rstrip() if domain.unit and whole.endswith(domain.unit) else whole
    if written:
        _pointed(domain, text, bare)
    found = steps(domain, bare)
    if found is not None:
        if found < domain.lo:
            raise Misfit(f"{text} is too small", domain.allowed())
        if found > domain.hi:
            raise Misfit(f"{text} is too large", domain.allowed())
        return found
    if re.fullmatch(r"-?[0-9][0-9._eE+-]*", bare, re.ASCII):
        if _is_beyond(domain, bare):
            raise Misfit(f"{text} is out of range", domain.allowed())
        joined = _grouped(bare, ".") if written else None
        fits = joined is not None and steps(domain, joined) is not None
        raise Misfit(f"{text} is between two steps", domain.allowed(), [f"if it is {joined}, write {joined}"] if fits else [])
    raise _strange(domain, whole, bare)


def _pointed(domain: Domain, text: str, bare: str) -> None:
    """Points that perhaps stand between thousands: where the number has decimals, one point is a decimal point."""
    sign, body = _signed(bare)
    groups = _grouped(body, ".")
    if groups is None:
        return
    joined = sign + groups
    whole, rest = body.split(".", 1)
    if "." in rest:
        raise Misfit(f"`{text}` has points between its thousands", domain.allowed(), [_both(joined)])
    if domain.scale > 0 or whole.startswith("0"):
        return
    if set(rest) == {"0"}:
        short = sign + whole
        raise Misfit(f"`{text}` may mean {short} or {joined}", domain.allowed(), [f"write {short} or {joined}"])
    what = f"`{text}` has decimals, or a point between its thousands"
    raise Misfit(what, domain.allowed(), [f"if it is {joined}, write {joined}"])


def _strange(domain: Domain, whole: str, bare: str) -> Misfit:
    """A text that is no number here."""
    letter = next((at for at, sign in enumerate(whole) if sign.isalpha() or sign in "%€$£"), None)
    if letter is not None:
        head, unit = whole[:letter].rstrip(), whole[letter:]
        body = _signed(head)[1]
        if body[:1].isdigit() and all(sign.isdigit() or sign == "_" or sign in _BETWEEN for sign in body) and unit != domain.unit:
            if not domain.unit:
                return Misfit(f"`{whole}` has a unit, where a plain number is expected", domain.allowed())
            if domain.unit.lower() == unit.lower():
                what = f"`{whole}`: the unit is written `{domain.unit}`"
                return Misfit(what, domain.allowed(), [f"write {head} {domain.unit}, or {head} alone"])
            what = f"`{whole}` is in {unit}, where {domain.unit} is expected"
            return Misfit(what, domain.allowed(), [f"write it as a number of {domain.unit}"])
    meant = [one for one in _readings(bare) if steps(domain, one) is not None]
    if domain.scale == 0:
        # `5.000` would be read as one thing here and as another there.
        meant = [one.split(".")[0] for one in meant]
    helps = [] if not meant else [_both(meant[0])] if len(meant) == 1 else ["write " + " or ".join(meant)]
    return Misfit(f"`{whole}` is not a number", domain.allowed(), helps)


def _readings(text: str) -> list[str]:
    """What a text with signs between digits may mean."""
    sign, body = _signed(text)
    out = []
    whole, comma, fraction = body.partition(",")
    if comma and _DIGITS.fullmatch(whole) and _DIGITS.fullmatch(fraction):
        out.append(f"{sign}{whole}.{fraction}")
    for between in _BETWEEN:
        joined = _grouped(body, between)
        if joined is not None:
            out.append(sign + joined)
        for mark in ".,":
            whole, found, fraction = body.partition(mark)
            joined = _grouped(whole, between) if mark != between and found and _DIGITS.fullmatch(fraction) else None
            if joined is not None:
                out.append(f"{sign}{joined}.{fraction}")
    return out


def _grouped(text: str, between: str) -> Optional[str]:
    """The digits of thousands with a sign between them."""
    first, *rest = text.split(between)
    fine = rest and _DIGITS.fullmatch(first) and len(first) <= 3 and all(_DIGITS.fullmatch(one) and len(one) == 3 for one in rest)
    return "".join([first, *rest]) if fine else None


def _both(number: str) -> str:
    """`write 15832 (or 15_832)`."""
    whole, point, fraction = number.partition(".")
    sign, digits = _signed(whole)
    return f"write {number}" if len(digits) <= 3 else f"write {number} (or {sign}{int(digits):_}{point}{fraction})"


def _signed(text: str) -> tuple[str, str]:
    return ("-", text[1:]) if text.startswith("-") else ("", text)


def _is_beyond(domain: Domain, text: str) -> bool:
    """Whether a number that is not on the grid is not even near it: the whole part alone leaves the range."""
    head, mark, exponent = text.lower().partition("e")
    if mark:
        return bool(re.fullmatch(r"\+?[0-9]{1,9}", exponent)) and int(exponent) > 20
    digits = head.partition(".")[0].replace("_", "")
    if not re.fullmatch(r"-?[0-9]+", digits):
        return False
    if len(digits) > _LONGEST:
        return True
    scaled = int(digits) * 10**domain.scale
    return not domain.lo * domain.mantissa <= scaled <= domain.hi * domain.mantissa
