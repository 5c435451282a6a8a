"""Numbers and names as text: units always shown, nothing unescaped, nan as "n/a"."""

import html
import math
from collections.abc import Iterable

MISSING = "n/a"
MINUS = "−"


def esc(value: object) -> str:
    """Text that is safe in HTML content and in quoted attributes."""
    return html.escape(str(value), quote=True)


def name(value: object) -> str:
    """A user's name (modality, class) with its own text direction."""
    return f"<bdi>{esc(value)}</bdi>"


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def percent(value: float, digits: int = 1) -> str:
    """0.9213 -> 92.1%; clipped to 0 and 100% (the tables of the report and the JSON keep raw numbers)."""
    return f"{100 * min(1.0, max(0.0, value)):.{digits}f}%" if math.isfinite(value) else MISSING


def percent_range(low: float, high: float) -> str:
    """(0.908, 0.932) -> "90.8 to 93.2%"; a missing end is named."""
    if not (math.isfinite(low) or math.isfinite(high)):
        return MISSING
    left, right = percent(low), percent(high)
    return right if left == right else f"{left.removesuffix('%')} to {right}"


def points(value: float) -> str:
    """A difference of two accuracies in percentage points, with its sign."""
    return _signed(f"{100 * value:+.1f} points") if math.isfinite(value) else MISSING


def points_range(low: float, high: float) -> str:
    """Range of a difference in percentage points."""
    ends = [_signed(f"{100 * v:+.1f}") if math.isfinite(v) else MISSING for v in (low, high)]
    return f"{ends[0]} points" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} points"


def bits(value: float) -> str:
    """0.3124 -> 0.312 bits."""
    return _signed(f"{value:.3f} bits") if math.isfinite(value) else MISSING


def bits_range(low: float, high: float) -> str:
    """(0.1, 0.2) -> "0.100 to 0.200 bits"; one number where both ends are the same."""
    ends = [_signed(f"{v:.3f}") if math.isfinite(v) else MISSING for v in (low, high)]
    if ends == [MISSING, MISSING]:
        return MISSING
    return f"{ends[0]} bits" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} bits"


def share_range(low: float, high: float, whole: float) -> str:
    """Bits as a share of the label's entropy: "31%" or "31 to 40%"."""
    if not whole > 0 or not (math.isfinite(low) and math.isfinite(high)):
        return MISSING
    ends = [_signed(f"{100 * v / whole:.0f}") for v in (low, high)]
    return f"{ends[0]}%" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}%"


def p_value(value: float) -> str:
    """p-values below 0.001 are not spelled out."""
    if not math.isfinite(value):
        return MISSING
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def raw(value: object) -> str:
    """A number for the tables: six significant digits, never clipped."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return MISSING if value is None else str(value)
    if isinstance(value, int):
        return f"{value}"
    return _signed(f"{value:.6g}") if math.isfinite(value) else MISSING


def count(value: object) -> str:
    """A number of rows: 12,345."""
    return f"{value:,.0f}" if isinstance(value, int | float) and math.isfinite(value) else MISSING


def join(items: Iterable[str]) -> str:
    """a, b and c."""
    parts = list(items)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
