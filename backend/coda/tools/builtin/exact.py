"""Numbers that stay exact (fractions) as long as they can, and are decimals of 50 digits where they cannot.

Every operation bounds the size of its result before computing it, so none can run for long.
"""

from collections.abc import Callable
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, Underflow, localcontext
from fractions import Fraction
from math import isqrt, log2

from coda.tools.errors import ToolFailed

Number = Fraction | Decimal

PRECISION = 50
SHOWN_DIGITS = 20
MAX_BITS = 12_000
_LONGEST_EXACT = 40
_FLOAT_BITS = 40
_FLOAT_ERROR = 16
_CONTEXT = Context(
    prec=PRECISION, Emax=100_000, Emin=-100_000, traps=[Overflow, Underflow, InvalidOperation, DivisionByZero]
)

TOO_LARGE = "The result is too large to compute: more than 100,000 digits. Use smaller numbers."


def as_decimal(value: Number) -> Decimal:
    """The value to 50 digits."""
    if isinstance(value, Decimal):
        return value
    return approximately(lambda: Decimal(value.numerator) / Decimal(value.denominator))


def approximately(compute: Callable[[], Decimal]) -> Decimal:
    """Compute with 50 digits; overflow and undefined results become a sentence."""
    with localcontext(_CONTEXT):
        try:
            return +compute()
        except DivisionByZero:
            raise ToolFailed("Division by zero.") from None
        except InvalidOperation:
            raise ToolFailed("This is not defined for real numbers.") from None
        except Overflow:
            raise ToolFailed(TOO_LARGE) from None
        except Underflow:
            raise ToolFailed("The result is too close to zero to compute.") from None


def bounded(value: Fraction) -> Number:
    """The value itself; one that has grown too long to go on with is rounded to 50 digits."""
    return value if _bits(value) <= MAX_BITS else as_decimal(value)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def add(left: Number, right: Number) -> Number:
    """Sum."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return bounded(left + right)
    return approximately(lambda: as_decimal(left) + as_decimal(right))


def subtract(left: Number, right: Number) -> Number:
    """Difference."""
    return add(left, negate(right))


def negate(value: Number) -> Number:
    """The value with the other sign, without rounding."""
    return -value if isinstance(value, Fraction) else value.copy_negate()


def multiply(left: Number, right: Number) -> Number:
    """Product."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return bounded(left * right)
    return approximately(lambda: as_decimal(left) * as_decimal(right))


def divide(left: Number, right: Number) -> Number:
    """Quotient."""
    if right == 0:
        raise ToolFailed("Division by zero.")
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return bounded(left / right)
    return approximately(lambda: as_decimal(left) / as_decimal(right))


def floor_divide(left: Number, right: Number) -> Number:
    """The whole number at or below the quotient."""
    quotient = divide(left, right)
    return Fraction(whole(quotient).__floor__())


def modulo(left: Number, right: Number) -> Number:
    """The remainder, with the sign of the divisor."""
    return subtract(left, multiply(right, floor_divide(left, right)))


def power(base: Number, exponent: Number) -> Number:
    """Base to the exponent; exact for whole exponents, and for roots that come out even."""
    if base == 0 and exponent < 0:
        raise ToolFailed("Division by zero: 0 to a negative power.")
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        return _whole_power(base, exponent.numerator)
    if base < 0:
        raise ToolFailed("A negative number to a fractional power is not a real number.")
    root = exact_root(base, exponent) if isinstance(base, Fraction) and isinstance(exponent, Fraction) else None
    if root is not None and isinstance(exponent, Fraction):
        return _whole_power(root, exponent.numerator)
    return approximately(lambda: as_decimal(base) ** as_decimal(exponent))


def _whole_power(base: Number, exponent: int) -> Number:
    if isinstance(base, Fraction):
        if abs(base) in (0, 1):
            return base ** (exponent % 2 or 2) if exponent else Fraction(1)
        if _bits(base) * abs(exponent) <= MAX_BITS:
            return base**exponent
    return approximately(lambda: as_decimal(base) ** exponent)


def exact_root(value: Fraction, exponent: Fraction) -> Fraction | None:
    """The root that a fractional exponent's denominator asks for, if it is a fraction itself."""
    degree = exponent.denominator
    if value < 0 or degree > MAX_BITS:
        return None
    top, bottom = _whole_root(value.numerator, degree), _whole_root(value.denominator, degree)
    return None if top is None or bottom is None else Fraction(top, bottom)


def _whole_root(value: int, degree: int) -> int | None:
    if value < 2:
        return value
    if degree == 2:
        root = isqrt(value)
        return root if root * root == value else None
    bits = log2(value) / degree
    if bits < _FLOAT_BITS:
        near = round(2**bits)
        return next((root for root in (near - 1, near, near + 1) if root**degree == value), None)
    shift = int(bits) - _FLOAT_BITS
    root = (int(2 ** (bits - shift)) + _FLOAT_ERROR) << shift  # above the root; Newton's steps come down to it
    while (lower := ((degree - 1) * root + value // root ** (degree - 1)) // degree) < root:
        root = lower
    return root if root**degree == value else None


def whole(value: Number) -> Fraction:
    """The value as a fraction, for rounding; a decimal is taken as it stands."""
    if isinstance(value, Decimal) and value.adjusted() > MAX_BITS // 4:
        raise ToolFailed(TOO_LARGE)
    return Fraction(value)


def shown(value: Number) -> str:
    """The value as plain decimal text; what does not end or is very long is rounded to 20 digits."""
    if isinstance(value, Fraction):
        text = _terminating(value)
        if text is not None:
            return text
    return _rounded(as_decimal(value))


def is_shown_exactly(value: Number) -> bool:
    """Whether `shown` gives the whole truth."""
    return isinstance(value, Fraction) and _terminating(value) is not None


def _terminating(value: Fraction) -> str | None:
    twos = (value.denominator & -value.denominator).bit_length() - 1
    rest, fives = value.denominator >> twos, 0
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    places = max(twos, fives)
    if rest != 1 or places > _LONGEST_EXACT:
        return None
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if value < 0 else text


def _rounded(value: Decimal) -> str:
    with localcontext(_CONTEXT) as context:
        context.prec = SHOWN_DIGITS
        rounded = (+value).normalize()
    scientific = not -7 < rounded.adjusted() < SHOWN_DIGITS + 10
    return f"{rounded:E}" if scientific else f"{rounded:f}"
