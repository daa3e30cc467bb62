"""Vectors of doubles for kernels: several links, or several scenarios of one link, in one instruction.

LLVM does not vectorise loops with many arrays on its own. Here a vector is a type of its own (an LLVM vector), with the operators
of numbers; width 8 is one register of AVX-512 or two of AVX2. A mask is the result of a comparison.
`load`, `store`, `gather` take a literal width first.
Importing this file loads numba; only files of kernels import it, and those are imported when first used.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import extending
from numba.core import cgutils, types
from numba.core import typing as numba_typing
from numba.core.datamodel import models
from numba.core.errors import TypingError
from numba.core.typing.templates import AbstractTemplate, infer_global

intrinsic: Any = extending.intrinsic  # what it makes is called with other arguments than it is written with
DOUBLE, SINGLE, INT, LONG = ir.DoubleType(), ir.FloatType(), ir.IntType(32), ir.IntType(64)


class Vector(types.Type):  # type: ignore[misc]
    """So many doubles side by side, or numbers of single precision."""

    def __init__(self, width: int, *, single: bool = False) -> None:
        self.width, self.single = width, single
        super().__init__(name=f"{'single' if single else 'double'}_x{width}")


class Mask(types.Type):  # type: ignore[misc]
    """So many truth values side by side."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"mask_x{width}")


@extending.register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, of: Vector) -> None:
        super().__init__(manager, of, ir.VectorType(SINGLE if of.single else DOUBLE, of.width))


@extending.register_model(Mask)
class _MaskModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, of: Mask) -> None:
        super().__init__(manager, of, ir.VectorType(ir.IntType(1), of.width))


def _contiguous(*arrays: Any) -> None:
    """TypingError for arrays whose elements do not stand side by side."""
    for array in arrays:
        if array.ndim != 1 or array.layout != "C":
            raise TypingError(f"{array} is not contiguous")


def _element(context: Any, builder: Any, array: Any, value: Any, index: Any) -> Any:
    """Pointer to an element of a contiguous array."""
    data = context.make_array(array)(context, builder, value).data
    return builder.gep(data, [index], inbounds=True)


@intrinsic(prefer_literal=True)
def load(typing: Any, width: Any, array: Any, index: Any) -> Any:
    """The vector of `width` elements of a contiguous array from `index` on; single precision is widened."""
    vector = Vector(width.literal_value)
    _contiguous(array)

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        at = _element(context, builder, array, args[1], args[2])
        single = array.dtype == types.float32
        value = builder.load(builder.bitcast(at, ir.VectorType(ir.FloatType() if single else DOUBLE, vector.width).as_pointer()))
        value.align = 4 if single else 8
        return builder.fpext(value, ir.VectorType(DOUBLE, vector.width)) if single else value

    return vector(types.literal(width.literal_value), array, types.intp), emit


@intrinsic
def store(typing: Any, array: Any, index: Any, vector: Any) -> Any:
    """Write a vector to a contiguous array from `index` on, rounded where that is of single precision."""
    _contiguous(array)

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        at = _element(context, builder, array, args[0], args[1])
        single = array.dtype == types.float32
        value = builder.fptrunc(args[2], ir.VectorType(ir.FloatType(), vector.width)) if single else args[2]
        builder.store(value, builder.bitcast(at, value.type.as_pointer())).align = 4 if single else 8
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), emit


@intrinsic
def fetch(typing: Any, array: Any, index: Any) -> Any:
    """Ask for the memory about an element before it is needed; any index will do."""
    _contiguous(array)

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        at = builder.gep(context.make_array(array)(context, builder, args[0]).data, [args[1]])
        at = builder.bitcast(at, ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [at.type, INT, INT, INT])
        read_keep_data = [ir.Constant(INT, number) for number in (0, 3, 1)]
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8"), [at, *read_keep_data])
        return context.get_dummy_value()

    return types.void(array, types.intp), emit


@intrinsic(prefer_literal=True)
def gather(typing: Any, width: Any, array: Any, places: Any, index: Any) -> Any:
    """The vector of array[places[index]], array[places[index + 1]], ... ; `places` holds 32-bit integers."""
    vector = Vector(width.literal_value)
    _contiguous(array, places)

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        data = context.make_array(array)(context, builder, args[1]).data
        at = _element(context, builder, places, args[2], args[3])
        value = ir.Constant(ir.VectorType(DOUBLE, vector.width), ir.Undefined)
        for lane in range(vector.width):
            place = builder.sext(builder.load(builder.gep(at, [ir.Constant(LONG, lane)], inbounds=True)), LONG)
            item = builder.load(builder.gep(data, [place], inbounds=True))
            value = builder.insert_element(value, item, ir.Constant(INT, lane))
        return value

    return vector(types.literal(width.literal_value), array, places, types.intp), emit


@intrinsic(prefer_literal=True)
def splat(typing: Any, width: Any, number: Any) -> Any:
    """The number in every place."""
    vector = Vector(width.literal_value)

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        return _splat(builder, args[1], vector.width)

    return vector(types.literal(width.literal_value), types.float64), emit


@intrinsic
def like(typing: Any, vector: Any, number: Any) -> Any:
    """The number in every place of a vector as wide as `vector`."""

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        return _splat_like(builder, args[1], vector)

    return vector(vector, types.float64), emit


@intrinsic
def narrow(typing: Any, vector: Any) -> Any:
    """Rounded to single precision."""
    to = Vector(vector.width, single=True)
    return to(vector), lambda context, builder, typed, args: builder.fptrunc(args[0], ir.VectorType(SINGLE, to.width))


@intrinsic
def widen(typing: Any, vector: Any) -> Any:
    """The same numbers as doubles."""
    to = Vector(vector.width)
    return to(vector), lambda context, builder, typed, args: builder.fpext(args[0], ir.VectorType(DOUBLE, to.width))


def _splat_like(builder: Any, number: Any, vector: Vector) -> Any:
    """A double in every place, in the precision of the vector."""
    return _splat(builder, builder.fptrunc(number, SINGLE) if vector.single else number, vector.width)


def _splat(builder: Any, number: Any, width: int) -> Any:
    empty = ir.Constant(ir.VectorType(number.type, width), ir.Undefined)
    one = builder.insert_element(empty, number, ir.Constant(INT, 0))
    return builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(INT, width), [0] * width))


def _operator(symbol: Any, emit: Callable[[Any, Any, Any], Any], result: Callable[[Vector], Any]) -> None:
    """Let `symbol` work on two vectors, or on a vector and a number."""

    class Typing(AbstractTemplate):  # type: ignore[misc]
        key = symbol

        def generic(self, args: Any, kws: Any) -> Any:
            of = next((one for one in args if isinstance(one, Vector)), None)
            if of is None or len(args) != 2:
                return None
            sides = [one if isinstance(one, Vector) else types.float64 for one in args]
            return numba_typing.signature(result(of), *sides)  # type: ignore[attr-defined]

    def both(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        of = next(one for one in typed.args if isinstance(one, Vector))
        sides = [arg if isinstance(one, Vector) else _splat_like(builder, arg, of) for one, arg in zip(typed.args, args, strict=True)]
        return emit(builder, *sides)

    infer_global(symbol)(Typing)
    for left, right in ((Vector, Vector), (Vector, types.Float), (types.Float, Vector)):
        extending.lower_builtin(symbol, left, right)(both)


for _symbol, _emit in {
    operator.add: lambda builder, a, b: builder.fadd(a, b), operator.sub: lambda builder, a, b: builder.fsub(a, b),
    operator.mul: lambda builder, a, b: builder.fmul(a, b), operator.truediv: lambda builder, a, b: builder.fdiv(a, b),
}.items():
    _operator(_symbol, _emit, lambda of: of)
def _compare(sign: str) -> Callable[[Any, Any, Any], Any]:
    return lambda builder, a, b: builder.fcmp_ordered(sign, a, b)


for _symbol, _sign in {operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=", operator.eq: "=="}.items():
    _operator(_symbol, _compare(_sign), lambda of: Mask(of.width))


def llvm(builder: Any, name: str, *args: Any) -> Any:
    """Call an intrinsic of LLVM on doubles or vectors of them."""
    kind = args[0].type
    bits = "f32" if getattr(kind, "element", kind) == SINGLE else "f64"
    suffix = f"v{kind.count}{bits}" if isinstance(kind, ir.VectorType) else bits
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * len(args)), f"llvm.{name}.{suffix}")
    return builder.call(function, args)


def _named(name: str, count: int) -> Any:
    """An intrinsic of LLVM on `count` vectors."""
    def call(builder: Any, *vectors: Any) -> Any:
        return llvm(builder, name, *vectors)

    if count == 1:

        @intrinsic
        def one(typing: Any, a: Any) -> Any:
            return a(a), lambda context, builder, typed, args: call(builder, *args)

        return one
    if count == 2:

        @intrinsic
        def two(typing: Any, a: Any, b: Any) -> Any:
            return a(a, b), lambda context, builder, typed, args: call(builder, *args)

        return two

    @intrinsic
    def three(typing: Any, a: Any, b: Any, c: Any) -> Any:
        return a(a, b, c), lambda context, builder, typed, args: call(builder, *args)

    return three


root = _named("sqrt", 1)
size = _named("fabs", 1)
smaller = _named("minnum", 2)
larger = _named("maxnum", 2)
signed = _named("copysign", 2)  # the size of the first with the sign of the second
fma = _named("fma", 3)  # a b + c, rounded once


@intrinsic
def choose(typing: Any, mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b."""
    return a(mask, a, b), lambda context, builder, typed, args: builder.select(*args)


@intrinsic
def somewhere(typing: Any, mask: Any) -> Any:
    """Whether the mask holds in any place."""

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], ir.IntType(mask.width))
        return builder.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(mask.width), 0))

    return types.boolean(mask), emit


@intrinsic
def total(typing: Any, vector: Any) -> Any:
    """Sum over the places, in a fixed order."""

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        items = [builder.extract_element(args[0], ir.Constant(INT, lane)) for lane in range(vector.width)]
        while len(items) > 1:
            items = [builder.fadd(items[k], items[k + 1]) for k in range(0, len(items), 2)]
        return items[0]

    return types.float64(vector), emit


@intrinsic
def largest(typing: Any, vector: Any) -> Any:
    """Largest of the places; NaN is passed over."""

    def emit(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        items = [builder.extract_element(args[0], ir.Constant(INT, lane)) for lane in range(vector.width)]
        while len(items) > 1:
            items = [llvm(builder, "maxnum", items[k], items[k + 1]) for k in range(0, len(items), 2)]
        return items[0]

    return types.float64(vector), emit
