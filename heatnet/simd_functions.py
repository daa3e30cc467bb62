"""Logarithm and exponential of vectors, accurate to 1 ulp or nearly so, for positive normal numbers and for |x| < 700.

In single precision the same with fewer terms, accurate to 2e-7.

    log x = k ln 2 + 2 atanh(s), s = (f - 1)/(f + 1), x = f 2^k, f in (1/sqrt 2, sqrt 2)    (as in fdlibm, Sun Microsystems)
    exp x = 2^k exp(r), r = x - k ln 2 in +-0.35, Taylor to r^13
Tests compare them with numpy under the flags the kernels are compiled with: with others (fastmath) such code breaks silently.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir

from heatnet.simd import INT, LONG, intrinsic, llvm

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


@intrinsic
def log(typing: Any, vector: Any) -> Any:
    """Natural logarithm of positive normal numbers."""
    word, middle, mantissa, terms = (INT, 0x3F3504F3, 23, 4) if vector.single else (LONG, 0x3FE6A09E667F3BCD, 52, 7)

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        kind, n = args[0].type, vector.width
        words, ints = ir.VectorType(word, n), ir.VectorType(INT, n)
        bits = builder.bitcast(args[0], words)
        shifted = builder.sub(bits, ir.Constant(words, [middle] * n))  # so that f lies about 1
        power = builder.ashr(shifted, ir.Constant(words, [mantissa] * n))
        f = builder.bitcast(builder.sub(bits, builder.shl(power, ir.Constant(words, [mantissa] * n))), kind)
        k = builder.sitofp(power if vector.single else builder.trunc(power, ints), kind)
        one = _constant(kind, 1.0)
        u = builder.fsub(f, one)
        s = builder.fdiv(u, builder.fadd(f, one))
        z = builder.fmul(s, s)
        tail = builder.fmul(z, _series(builder, z, LOG_SERIES[:terms]))
        # 2 s = u - s u, so log f = u - s (u - tail): the leading term is exact
        low = builder.fmul(k, _constant(kind, LOG2_LOW))
        inner = builder.fsub(builder.fmul(s, builder.fsub(u, tail)), low)
        return builder.fadd(builder.fmul(k, _constant(kind, LOG2_HIGH)), builder.fsub(u, inner))

    return vector(vector), emit


@intrinsic
def exp(typing: Any, vector: Any) -> Any:
    """Exponential of |x| < 700, in single precision of |x| < 80."""
    word, bias, mantissa, terms = (INT, 127, 23, 8) if vector.single else (LONG, 1023, 52, 14)

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        kind, n = args[0].type, vector.width
        words, ints = ir.VectorType(word, n), ir.VectorType(INT, n)
        k = llvm(builder, "rint", builder.fmul(args[0], _constant(kind, 1.4426950408889634)))
        r = builder.fsub(args[0], builder.fmul(k, _constant(kind, LOG2_HIGH)))
        r = builder.fsub(r, builder.fmul(k, _constant(kind, LOG2_LOW)))
        value = _series(builder, r, EXP_SERIES[:terms])
        whole = builder.fptosi(k, ints) if vector.single else builder.sext(builder.fptosi(k, ints), words)
        scale = builder.shl(builder.add(whole, ir.Constant(words, [bias] * n)), ir.Constant(words, [mantissa] * n))
        return builder.fmul(value, builder.bitcast(scale, kind))

    return vector(vector), emit
