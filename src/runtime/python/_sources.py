"""Columns of other libraries as sources: what each kind of array holds, without a Python object for each row where that can be.

Nulls are unknown. NaN and NaT are nulls in numpy and pandas, which have no others; in polars and Arrow, which have, NaN is a wrong value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional, cast

import numpy as np
import numpy.typing as npt

from ._columns import Bools, Days, Distinct, Flags, Floats, Integers, Lists, Source, distinct
from ._reading import is_missing

__all__ = ["arrow_source", "numpy_source", "pandas_source", "polars_source"]

DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def _days(values: npt.NDArray[np.int64], unit: int, nulls: Optional[Bools]) -> Days:
    """Moments, counted in a part of a day."""
    if unit == 1:
        return Days(values, nulls)
    days = values // unit
    late = values != days * unit
    return Days(days, nulls, late if late.any() else None)


def numpy_source(values: Any) -> Source:
    """An array of numpy, or any other sequence. NaN and NaT are nulls."""
    if not isinstance(values, np.ndarray):
        if isinstance(values, (str, bytes)) or not isinstance(values, Sequence):
            raise TypeError(f"a column is an array or a list, not a {type(values).__name__}")
        return distinct(values)
    if values.ndim != 1:
        raise TypeError(f"a column is an array of one dimension, not of {values.ndim}")
    mask: Optional[Bools] = None
    if isinstance(values, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(values)
        values = values.filled()
    kind = values.dtype.kind
    if kind == "b":
        return Flags(values, mask)
    if kind in "iu":
        return Integers(values, mask)
    if kind == "f":
        if values.dtype.itemsize not in (4, 8):
            raise TypeError(f"a column of {values.dtype}: give float64, float32, whole numbers or text")
        absent = np.isnan(values)
        return Floats(values, absent if mask is None else absent | mask)
    if kind == "M":
        unit, step = np.datetime_data(values.dtype)
        absent = np.isnat(values)
        nulls = absent if mask is None else absent | mask
        if unit == "D" and step == 1:
            return Days(values.view(np.int64), nulls)
        if unit in ("Y", "M", "W", "D"):
            # A month or a year is no day: its text says so.
            return distinct([None if none else text for none, text in zip(nulls.tolist(), np.datetime_as_string(values).tolist())])
        fine = values if unit in DAY and step == 1 else values.astype("datetime64[us]")
        return _days(fine.view(np.int64), DAY[np.datetime_data(fine.dtype)[0]], nulls)
    listed = values.tolist()
    if mask is not None:
        listed = [None if absent else value for value, absent in zip(listed, mask.tolist())]
    return distinct(listed)


def pandas_source(series: Any) -> Source:
    """A series of pandas."""
    dtype = series.dtype
    kind = type(dtype).__name__
    if kind == "CategoricalDtype":
        codes: npt.NDArray[Any] = series.cat.codes.to_numpy()
        return Distinct(series.cat.categories.tolist(), codes)
    array = series.array
    if kind == "ArrowDtype" or (kind == "StringDtype" and "pyarrow" in str(getattr(dtype, "storage", ""))):
        return arrow_source(array.__arrow_array__())
    if kind in ("BooleanDtype", "Int8Dtype", "Int16Dtype", "Int32Dtype", "Int64Dtype", "UInt8Dtype", "UInt16Dtype", "UInt32Dtype",
                "UInt64Dtype", "Float32Dtype", "Float64Dtype"):  # fmt: skip
        nulls = series.isna().to_numpy()
        source = numpy_source(series.to_numpy(dtype=dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0)))
        if isinstance(source, (Flags, Integers, Floats)):
            more = source.nulls
            return source._replace(nulls=nulls if more is None else nulls | more)
        return source
    if kind == "DatetimeTZDtype":
        return numpy_source(series.dt.tz_localize(None).to_numpy())
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        return numpy_source(series.to_numpy())
    return distinct([None if is_missing(value) else value for value in series.tolist()])


def polars_source(series: Any) -> Source:
    """A series of polars, read without pyarrow."""
    import polars

    dtype = series.dtype
    nulls: Optional[Bools] = series.is_null().to_numpy() if series.null_count() else None
    if dtype == polars.Boolean:
        return Flags(series.fill_null(False).to_numpy(), nulls)
    if dtype.is_integer() and dtype not in (getattr(polars, "Int128", None), getattr(polars, "UInt128", None)):
        return Integers(series.fill_null(0).to_numpy(), nulls)
    if dtype in (polars.Float32, polars.Float64):
        return Floats(series.fill_null(0.0).to_numpy(), nulls)
    if dtype == polars.Date:
        return Days(series.to_physical().fill_null(0).to_numpy().astype(np.int64), nulls)
    if dtype == polars.Decimal:
        physical = series.to_physical()
        # Older versions have no whole numbers of 128 bits, and leave decimals as they are.
        if physical.dtype == polars.Decimal:
            return distinct(series.to_list())
        narrow = physical.cast(polars.Int64, strict=False)
        if narrow.null_count() == series.null_count():
            return Integers(narrow.fill_null(0).to_numpy(), nulls, dtype.scale)
        return distinct(series.to_list())
    if dtype == polars.Datetime:
        local = series.dt.replace_time_zone(None) if dtype.time_zone else series
        return _days(local.to_physical().fill_null(0).to_numpy(), DAY[dtype.time_unit], nulls)
    if dtype in (polars.String, polars.Categorical, polars.Enum):
        entries = series.unique().drop_nulls()
        texts = entries.cast(polars.String).to_list()
        if dtype == polars.String:
            physical = series.cast(polars.Enum(texts)).to_physical()
            return Distinct(texts, physical.cast(polars.Int64).fill_null(-1).to_numpy())
        places = entries.to_physical().to_numpy().astype(np.int64)
        physical_ = series.to_physical().cast(polars.Int64).fill_null(-1).to_numpy()
        most = int(places.max()) + 1 if len(places) else 0
        numbers = np.full(most + 1, -1, dtype=np.int64)
        numbers[places] = np.arange(len(places))
        return Distinct(texts, numbers[physical_])
    if dtype == polars.List and dtype.inner in (polars.String, polars.Categorical, polars.Enum):
        lengths = series.list.len().fill_null(0).to_numpy().astype(np.int64)
        # An exploded empty list is one null, so they are left out.
        full = series.filter(polars.Series(lengths > 0))
        items = polars_source(full.explode()) if len(full) else Distinct([], np.zeros(0, dtype=np.int64))
        return Lists(cast(Distinct, items), np.concatenate([[0], np.cumsum(lengths)]), nulls)
    return distinct(series.to_list())


def arrow_source(array: Any) -> Source:
    """An array of Arrow, in one or several chunks."""
    import pyarrow

    types = pyarrow.types
    dtype = array.type
    if types.is_dictionary(dtype) and isinstance(array, pyarrow.ChunkedArray):
        array = array.unify_dictionaries()
    if isinstance(array, pyarrow.ChunkedArray):
        array = array.combine_chunks()
        if isinstance(array, pyarrow.ChunkedArray):
            array = pyarrow.concat_arrays(array.chunks) if array.num_chunks else pyarrow.array([], type=dtype)
    if types.is_dictionary(dtype):
        codes = array.indices
        held = codes.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        if codes.null_count:
            held = np.where(codes.is_null().to_numpy(zero_copy_only=False), -1, held)
        return Distinct(_entries(array.dictionary), held)
    nulls: Optional[Bools] = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
    if types.is_null(dtype):
        return Distinct([], np.full(len(array), -1, dtype=np.int64))
    if types.is_boolean(dtype):
        return Flags(array.fill_null(False).to_numpy(zero_copy_only=False), nulls)
    if types.is_integer(dtype):
        return Integers(array.fill_null(0).to_numpy(zero_copy_only=False), nulls)
    if types.is_float32(dtype) or types.is_float64(dtype):
        return Floats(array.fill_null(0.0).to_numpy(zero_copy_only=False), nulls)
    if types.is_date32(dtype):
        return Days(array.view(pyarrow.int32()).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64), nulls)
    if types.is_date64(dtype):
        return _days(array.view(pyarrow.int64()).fill_null(0).to_numpy(zero_copy_only=False), DAY["ms"], nulls)
    if types.is_timestamp(dtype):
        from pyarrow import compute

        local = array if dtype.tz is None else compute.local_timestamp(array)
        return _days(local.view(pyarrow.int64()).fill_null(0).to_numpy(zero_copy_only=False), DAY[dtype.unit], nulls)
    if types.is_decimal128(dtype) and dtype.scale >= 0:
        narrow = _narrow_decimals(array, dtype.scale, nulls)
        if narrow is not None:
            return narrow
    if types.is_list(dtype) or types.is_large_list(dtype):
        inner = dtype.value_type
        if types.is_dictionary(inner) or types.is_string(inner) or types.is_large_string(inner):
            offsets = array.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
            items = arrow_source(array.values)
            # A null may still own items.
            owned = nulls is not None and bool((np.diff(offsets)[nulls] > 0).any())
            if isinstance(items, Distinct) and not owned:
                return Lists(items, offsets, nulls)
    if types.is_nested(dtype):
        return distinct(array.to_pylist())
    return arrow_source(array.dictionary_encode())


def _entries(dictionary: Any) -> list[Any]:
    found: list[Any] = dictionary.to_pylist()
    return found


def _narrow_decimals(array: Any, scale: int, nulls: Optional[Bools]) -> Optional[Integers]:
    """Decimals whose 128 bits are 64 with a sign."""
    buffer = array.buffers()[1]
    words = np.frombuffer(buffer, dtype=np.int64)[2 * array.offset : 2 * (array.offset + len(array))].reshape(-1, 2)
    low, high = words[:, 0], words[:, 1]
    if nulls is not None:
        low, high = np.where(nulls, 0, low), np.where(nulls, 0, high)
    if (high != low >> 63).any():
        return None
    return Integers(np.ascontiguousarray(low), nulls, scale)
