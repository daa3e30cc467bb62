"""Logarithm and exponential of vectors, accurate to 1 ulp or nearly so, for positive normal numbers and for |x| < 700.

In single precision the same with fewer terms, accurate to 2e-7.

    log x = k ln 2 + 2 atanh(s), s = (f - 1)/(f + 1), x = f 2^k, f in (1/sqrt 2, sqrt 2)    (as in fdlibm, Sun Microsystems)
    exp x = 2^k exp(r), r = x - k ln 2 in +-0.35, Taylor to r^13
Tests compare them with numpy under the flags the kernels are compiled with: with others (fastmath) such code breaks silently.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llvmlite import ir

from heatnet.simd import INT, LONG, SINGLE, intrinsic, llvm

LOG2_HIGH, LOG2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
LOG_SERIES = (  # minimax of 2 atanh(s)/s - 2 in s^2, error below 2^-58 (fdlibm, e_log.c)
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01, 1.818357216161805012e-01,
    1.531383769920937332e-01, 1.479819860511658591e-01,
)
EXP_SERIES = tuple(1.0 / math.factorial(k) for k in range(14))


def _series(builder: Any, x: Any, terms: tuple[float, ...]) -> Any:
    """Polynomial, lowest term first, by pairs (Estrin): a chain of dependent steps as short as can be."""
    kind = x.type
    values = [_constant(kind, term) for term in terms]
    while len(values) > 1:
        pairs = [llvm(builder, "fma", values[k + 1], x, values[k]) for k in range(0, len(values) - 1, 2)]
        values = pairs + values[2 * len(pairs) :]
        x = builder.fmul(x, x)
    return values[0]


def _constant(kind: Any, number: float) -> Any:
    return ir.Constant(kind, [number] * kind.count)


def _log(builder: Any, x: Any) -> Any:
    """Natural logarithm of positive normal numbers."""
    kind, n, single = x.type, x.type.count, x.type.element == SINGLE
    word, middle, mantissa, terms = (INT, 0x3F3504F3, 23, 4) if single else (LONG, 0x3FE6A09E667F3BCD, 52, 7)
    words, ints = ir.VectorType(word, n), ir.VectorType(INT, n)
    bits = builder.bitcast(x, words)
    shifted = builder.sub(bits, ir.Constant(words, [middle] * n))  # so that f lies about 1
    power = builder.ashr(shifted, ir.Constant(words, [mantissa] * n))
    f = builder.bitcast(builder.sub(bits, builder.shl(power, ir.Constant(words, [mantissa] * n))), kind)
    k = builder.sitofp(power if single else builder.trunc(power, ints), kind)
    one = _constant(kind, 1.0)
    u = builder.fsub(f, one)
    s = builder.fdiv(u, builder.fadd(f, one))
    z = builder.fmul(s, s)
    tail = builder.fmul(z, _series(builder, z, LOG_SERIES[:terms]))
    # 2 s = u - s u, so log f = u - s (u - tail): the leading term is exact
    inner = llvm(builder, "fma", s, builder.fsub(u, tail), builder.fmul(k, _constant(kind, -LOG2_LOW)))
    return llvm(builder, "fma", k, _constant(kind, LOG2_HIGH), builder.fsub(u, inner))


def _exp(builder: Any, x: Any) -> Any:
    """Exponential of |x| < 700, in single precision of |x| < 80."""
    kind, n, single = x.type, x.type.count, x.type.element == SINGLE
    word, bias, mantissa, terms = (INT, 127, 23, 8) if single else (LONG, 1023, 52, 14)
    words, ints = ir.VectorType(word, n), ir.VectorType(INT, n)
    k = llvm(builder, "rint", builder.fmul(x, _constant(kind, 1.4426950408889634)))
    r = llvm(builder, "fma", k, _constant(kind, -LOG2_HIGH), x)
    r = llvm(builder, "fma", k, _constant(kind, -LOG2_LOW), r)
    value = _series(builder, r, EXP_SERIES[:terms])
    whole = builder.fptosi(k, ints) if single else builder.sext(builder.fptosi(k, ints), words)
    scale = builder.shl(builder.add(whole, ir.Constant(words, [bias] * n)), ir.Constant(words, [mantissa] * n))
    return builder.fmul(value, builder.bitcast(scale, kind))


def _power(builder: Any, x: Any) -> Any:
    """x^-0.9 of 1e-3 < x < 1e30: by logarithm in single precision u, then s = x^9 u^10 is nearly 1 and u s^(-1/10) exact."""
    kind = x.type
    single = kind.element == SINGLE
    rough = x if single else builder.fptrunc(x, ir.VectorType(SINGLE, kind.count))
    rough = _exp(builder, builder.fmul(_log(builder, rough), _constant(rough.type, -0.9)))
    if single:
        return rough
    u = builder.fpext(rough, kind)
    x2, u2 = builder.fmul(x, x), builder.fmul(u, u)
    x4, u4 = builder.fmul(x2, x2), builder.fmul(u2, u2)
    u5 = builder.fmul(u4, u)
    x9 = builder.fmul(builder.fmul(x4, x4), x)
    off = llvm(builder, "fma", x9, builder.fmul(u5, u5), _constant(kind, -1.0))
    bend = llvm(builder, "fma", off, _constant(kind, 0.055), _constant(kind, -0.1))
    return llvm(builder, "fma", builder.fmul(u, off), bend, u)


def _function(emit: Callable[[Any, Any], Any], doc: str) -> Any:
    """A function of one vector for kernels."""

    @intrinsic
    def function(typing: Any, vector: Any) -> Any:
        return vector(vector), lambda context, builder, typed, args: emit(builder, args[0])

    function.__doc__ = doc
    return function


log = _function(_log, "Natural logarithm of positive normal numbers.")
exp = _function(_exp, "Exponential of |x| < 700, in single precision of |x| < 80.")
power_09 = _function(_power, "x^-0.9 of 1e-3 < x < 1e30.")
