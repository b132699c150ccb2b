"""What values may look like, and what is said of those that do not fit; of the table `everything`, which has all kinds of inputs."""

import datetime
import math
import pathlib
import pickle
import zipfile
from decimal import Decimal
from typing import Any

import everything as table
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

CASE: dict[str, object] = {
    "date": "2025-06-01",
    "item": "3A090.a",
    "destination": "CN",
    "origin": "NL",
    "headquarters": "CN",
    "performance": "4800.01",
    "area": 814,
    "price": 5,
    "quantity": 8,
    "balance": -1,
    "datacenter": True,
    "import": False,
    "asked": ["LPP"],
}


def wrong(**given: object) -> str:
    """The message of a single case with other values."""
    with pytest.raises(table.WrongValues) as caught:
        table.decide({**CASE, **given})
    return str(caught.value)


def same(**given: object) -> None:
    """Other spellings of the same value."""
    assert table.outcomes({**CASE, **given}) == table.outcomes(CASE)


def test_an_answer() -> None:
    """Values are Python's; a copy each time."""
    answer = table.decide(CASE)
    assert answer["class"] == "3A090.a"
    assert answer["requirement"] == "license"
    assert answer["usable"] == ["NAC", "LPP", "lambda"]
    assert answer["duty"] == 0
    assert answer["allowed"] is True
    assert answer["because"]["requirement"] == ["placed"]
    answer["because"]["requirement"].append("changed")
    answer["usable"].clear()
    assert table.decide(CASE)["because"]["requirement"] == ["placed"]
    assert table.decide(CASE)["usable"] == ["NAC", "LPP", "lambda"]
    owing = table.decide({**CASE, "balance": -100_000})
    assert owing["duty"] == Decimal("12.5")
    assert isinstance(owing["duty"], Decimal)
    conflict = table.decide({**CASE, "balance": -100_000, "import": True})
    assert conflict["duty"] == {"conflict": [Decimal(-2), Decimal("12.5")]}


def test_spellings_of_one_value() -> None:
    """As `lexport decide` reads them."""
    for date in ["20250601", 20250601, "2025-06-01T00:00:00Z", " 2025-06-01 ", datetime.date(2025, 6, 1), datetime.datetime(2025, 6, 1)]:
        same(date=date)
    for moment in [np.datetime64("2025-06-01"), np.datetime64("2025-06-01T00:00:00.000000000"), pd.Timestamp("2025-06-01")]:
        same(date=moment)
    for number in [Decimal("4800.01"), Decimal("4800.0100"), 4800.01, "4800.01 TPP", "4_800.01", "480001e-2", np.float64(4800.01)]:
        same(performance=number)
    for number in [814, 814.0, Decimal(814), "814", "814.00 mm2", np.int16(814), np.float32(814)]:
        same(area=number)
    for flag in [True, "true", "yes", "True", "TRUE", np.True_]:
        same(datacenter=flag)
    for asked in [["LPP"], ("LPP",), {"LPP"}, "LPP", "{LPP}", "[LPP]", '["LPP"]', " LPP ;", np.array(["LPP"], dtype=object)]:
        same(asked=asked)


def test_what_is_unknown() -> None:
    """Absent, None, empty, NaN, NaT."""
    rest = {name: value for name, value in CASE.items() if name != "origin"}
    expected = table.outcomes(rest)
    assert expected["desk"].ask == (3,)
    for nothing in [None, "", "  ", math.nan, np.float64("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("nan")]:
        assert table.outcomes({**rest, "origin": nothing}) == expected
    answer = table.decide(rest)
    assert answer["open"]["desk"]["ask"] == ["origin"]
    assert answer["open"]["desk"]["complete"] is False
    assert "desk" not in answer
    # An empty set is known.
    assert table.outcomes({**CASE, "asked": []}) == table.outcomes({**CASE, "asked": "{}"})


def test_values_that_do_not_fit() -> None:
    """What, why, what to do."""
    assert wrong(destination="CHN") == ("`destination`: `CHN` is not one of its values; it is one of BR, CN, MO, NL, DE, select")
    assert wrong(destination="china").endswith("; did you mean `CN`?")
    assert wrong(item="3A090") == "`item`: `3A090` is a heading, not a value; it is one of 3A090.a, 3A090.b"
    assert wrong(asked=["LPP", "XYZ"]).startswith("`asked`: `XYZ` is not one of its values; it is a list of NAC,")
    assert wrong(asked=["LPP", 3]).startswith("`asked`: the number 3 is not a member")
    assert wrong(performance="4800.005").startswith("`performance`: 4800.005 is between two steps; it is a multiple of 0.01")
    assert wrong(performance=0.1 + 0.2).startswith("`performance`: 0.30000000000000004 is between two steps")
    assert wrong(performance=0.1 + 0.2).endswith("give an int, a Decimal or text")
    assert wrong(performance=10**30).startswith("`performance`: 1000000000000000000000000000000 is too large")
    assert "out of range" in wrong(performance=10**5000)
    assert wrong(performance=math.inf).startswith("`performance`: `inf` is not a number")
    assert wrong(performance=True).startswith("`performance`: true does not fit")
    assert wrong(quantity="60.000") == (
        "`quantity`: `60.000` may mean 60 or 60000; it is a whole number from 0 to 1000000000; write 60 or 60000"
    )
    assert wrong(quantity="1,200").endswith("; write 1200 (or 1_200)")
    assert wrong(area="5 cm2").startswith("`area`: `5 cm2` is in cm2, where mm2 is expected")
    assert wrong(datacenter=1).startswith("`datacenter`: the number 1 does not fit; it is true or false")
    assert wrong(date="2021-01-01").startswith("`date`: 2021-01-01 is outside its period")
    assert wrong(date="2025-02-30").startswith("`date`: `2025-02-30` is not a day")
    assert wrong(date=datetime.datetime(2025, 6, 1, 10)).startswith("`date`: 2025-06-01T10:00:00 has a time of day")
    assert wrong(date=b"2025-06-01").startswith("`date`: a value of type bytes does not fit")
    two = wrong(date="x", destination="y").splitlines()
    assert [line[:8] for line in two] == ["`date`: ", "`destina"]


def test_names_that_are_misspelt() -> None:
    """The answer would be about another case."""
    case = {("destinaton" if name == "destination" else name): value for name, value in CASE.items()}
    with pytest.raises(table.UnsuitableData, match="`destinaton` is no input of the table, and `destination` is missing"):
        table.decide(case)
    with pytest.raises(table.UnsuitableData, match="Did you mean `destination`"):
        table.decide_batch({name: [value] for name, value in case.items()})
    with pytest.raises(table.UnsuitableData, match="its inputs are date, item"):
        table.decide({"colour": "red"})
    with pytest.raises(table.UnsuitableData, match="its inputs are date, item"):
        table.decide_batch(pd.DataFrame({"colour": ["red"]}))
    with pytest.raises(table.UnsuitableData, match="`duty` has the name of one that the answer adds"):
        table.decide_batch({**{name: [value] for name, value in CASE.items()}, "duty": [1]})
    with pytest.raises(TypeError, match="for frames there is decide_batch"):
        table.decide(pd.DataFrame([CASE]))


def rows(count: int) -> dict[str, list[Any]]:
    """The case, several times."""
    return {name: [value] * count for name, value in CASE.items()}


KINDS = {
    "lists": lambda given: given,
    "pandas": pd.DataFrame,
    "polars": lambda given: pl.DataFrame(given, strict=False),
    "arrow": pa.table,
}


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_values_in_a_batch(kind: str) -> None:
    """All of them, with row, column and value; or in a column of their own."""
    given = rows(4)
    given["destination"] = ["CN", "XX", None, "XX"]
    given["performance"] = [Decimal("4800.01"), Decimal("4800.01"), Decimal("4800.01"), Decimal("4800.001")]
    given["asked"] = [["LPP"], ["LPP"], ["ZZZ"], ["LPP"]]
    given["date"] = [datetime.date(2025, 6, 1), datetime.date(2025, 6, 1), datetime.date(2025, 6, 1), datetime.date(1999, 1, 1)]
    frame = KINDS[kind](given)
    with pytest.raises(table.WrongValues) as caught:
        table.decide_batch(frame)
    errors = caught.value.errors
    assert [(one.row, one.column) for one in errors] == [
        (1, "destination"), (2, "asked"), (3, "date"), (3, "destination"), (3, "performance"),
    ]  # fmt: skip
    assert errors[0].value == "XX"
    assert str(caught.value).splitlines()[0].startswith("row 1: `destination`: `XX` is not one of its values; it is one of BR")
    answer = table.decide_batch(frame, errors="column")
    told = answer["error"].to_pylist() if kind == "arrow" else list(answer["error"])
    told = [None if one is None or one != one else one for one in told]
    assert told[0] is None
    assert [one.count("\n") for one in told[1:]] == [0, 0, 2]
    values = answer["class"].to_pylist() if kind == "arrow" else list(answer["class"])
    assert [value == "3A090.a" for value in values] == [True, False, False, False]
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_typed_columns_that_do_not_fit() -> None:
    """Floats between steps, moments, NaN where there are nulls, numbers beyond the domain in each width."""
    for column, value in [
        ("performance", pa.array([0.1 + 0.2])),
        ("performance", pa.array([math.nan])),
        ("performance", pa.array([-1], pa.int8())),
        ("performance", pa.array([2**64 - 1], pa.uint64())),
        ("performance", pa.array([Decimal("1e30")], pa.decimal128(38, 0))),
        ("quantity", pa.array([Decimal("1.5")])),
        ("date", pa.array([datetime.datetime(2025, 6, 1, 10)], pa.timestamp("ns"))),
        ("date", pa.array([datetime.date(1999, 1, 1)])),
        ("datacenter", pa.array([1])),
        ("destination", pa.array([True])),
        ("performance", pa.array([True])),
        ("date", pa.array(["x"]).dictionary_encode()),
    ]:
        frame = pa.table({**{name: pa.array([given]) for name, given in CASE.items() if name != column}, column: value})
        with pytest.raises(table.WrongValues) as caught:
            table.decide_batch(frame)
        assert [(one.row, one.column) for one in caught.value.errors] == [(0, column)], column


def test_columns_of_every_width() -> None:
    """The same number in each type that can hold it."""
    expected = table.outcomes({**CASE, "quantity": 100, "performance": 100})
    for dtype in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]:
        frame = {**rows(3), "quantity": np.full(3, 100, dtype=dtype), "performance": np.full(3, 100, dtype=dtype)}
        for name, points in table.outcomes_batch(frame).items():
            assert points.ids.tolist() == [expected[name]] * 3


def test_frames_without_rows() -> None:
    """No rows in, no rows out, with the columns of the answer."""
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        answer = table.decide_batch(make(rows(1))[:0])
        assert len(answer) == 0
        assert "because" in (answer.column_names if isinstance(answer, pa.Table) else answer.columns)


def test_types_of_the_answer() -> None:
    """Texts are dictionary-encoded, an ordered enumeration stays ordered, numbers are exact."""
    given = {**rows(2), "balance": [-100_000, 5]}
    frame = table.decide_batch(pd.DataFrame(given))
    assert frame["class"].cat.ordered
    assert list(frame["class"].cat.categories) == ["none", "3A090.b", "3A090.a"]
    assert (frame["requirement"] >= "notice").all()
    assert frame["allowed"].dtype == "boolean"
    assert frame["duty"].tolist() == [Decimal("12.5"), Decimal(0)]
    assert isinstance(frame["because"].dtype, pd.CategoricalDtype)
    arrow = table.decide_batch(pa.table(given))
    assert pa.types.is_dictionary(arrow.schema.field("because").type)
    assert pa.types.is_decimal(arrow.schema.field("duty").type)
    lazy = table.decide_batch(pl.DataFrame(given, strict=False))
    assert lazy.schema["class"] == pl.Enum(["none", "3A090.b", "3A090.a"])
    assert lazy.schema["duty"] == pl.Decimal(38, 1)


def test_frames_that_are_none() -> None:
    """A clear word instead of a guess."""
    for nothing in [3, "rows", [CASE], pl.DataFrame(rows(1), strict=False).lazy()]:
        with pytest.raises(TypeError):
            table.decide_batch(nothing)
    with pytest.raises(table.UnsuitableData, match="not of one length"):
        table.decide_batch({**rows(2), "date": ["2025-06-01"]})
    with pytest.raises(ValueError, match="errors='ignore'"):
        table.decide_batch(rows(1), errors="ignore")


def test_what_numbers_mean() -> None:
    """An outcome names value and rules; others are refused."""
    number = table.outcomes(CASE)["requirement"]
    assert table.outcome("requirement", number)[:2] == ("license", ("placed",))
    with pytest.raises(KeyError, match="its decisions are class"):
        table.outcome("colour", 0)
    with pytest.raises(IndexError):
        table.outcome("class", 10_000)


def test_what_the_package_says_of_itself() -> None:
    """The law that it is good for."""
    assert table.TABLE.regime == "everything"
    assert table.TABLE.dates == ("2022-10-07", "2027-12-31")
    assert {one.name: one.cite for one in table.TABLE.rules}["imported"] == "§ 9; 'quoted'"
    assert set(table.__all__) <= set(dir(table))
    home = pathlib.Path(table.__file__).parent
    assert (home / "py.typed").exists()
    assert not zipfile.is_zipfile(home)
