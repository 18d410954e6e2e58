"""Charts: every number has its bar, in proportion, inside the picture."""

from __future__ import annotations

import pytest

from actions.web.charts import NUMBERS, SPARK_HEIGHT, SPARK_WIDTH, WIDTH, Value, draw_bars, draw_sparkline


@pytest.mark.parametrize("numbers", [[3, 0, 12], [0, 0], [1], [0.5, 100000], []])
def test_bars_are_as_long_as_their_numbers(numbers: list[float]) -> None:
    chart = draw_bars("x", "Title", "About", [Value(f"label {one}", one) for one in numbers])
    assert [bar.number for bar in chart.bars] == [f"{one:g}" for one in numbers]
    assert chart.is_empty == (not any(numbers))
    longest = max((bar.width for bar in chart.bars), default=0)
    for bar, number in zip(chart.bars, numbers, strict=True):
        assert bar.width == pytest.approx(longest * number / max(max(numbers), 1e-9), abs=0.1)
        assert bar.x + bar.width <= WIDTH - NUMBERS
        assert bar.y >= 0
        assert bar.y + bar.height <= chart.height
    tops = [bar.y for bar in chart.bars]
    assert tops == sorted(set(tops))


@pytest.mark.parametrize("numbers", [[0, 3, 1], [0] * 12, [7], [], list(range(52))])
def test_columns_of_a_sparkline_stand_in_it(numbers: list[int]) -> None:
    spark = draw_sparkline("about", numbers)
    assert [column.number for column in spark.columns] == [str(one) for one in numbers]
    for column, number in zip(spark.columns, numbers, strict=True):
        assert column.x >= 0
        assert column.x + column.width <= SPARK_WIDTH
        assert column.y + column.height == pytest.approx(SPARK_HEIGHT, abs=0.11)
        assert (column.height == 1) == (SPARK_HEIGHT * number / max(*numbers, 1, 1) <= 1)
