"""Weather: the generator against published figures of Harbin, ground against frost depth, files with their problems."""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from heatnet import ReadError, read_weather
from heatnet.units import KELVIN
from heatnet.weather import climate_file, generate
from heatnet.weather.generator import climatology


def test_generator_meets_the_figures_of_gb_50736() -> None:
    years = [generate(date(2001, 1, 1), date(2001, 12, 31), seed).outdoor.reshape(-1, 24).mean(1) for seed in range(150)]
    daily = np.sort(np.concatenate(years)) - KELVIN
    assert daily[5 * len(years)] == pytest.approx(-24.2, abs=0.8)  # number 5n+1: the heating design temperature
    for limit, days, mean in ((5.0, 176, -9.4), (8.0, 195, -7.8)):
        below = daily[daily <= limit]
        assert below.size / len(years) == pytest.approx(days, abs=5)
        assert below.mean() == pytest.approx(mean, abs=0.5)


def test_generator_is_seeded_and_hourly() -> None:
    one, same, other = (generate(date(2021, 10, 20), date(2022, 4, 20), seed) for seed in (1, 1, 2))
    assert one.hours == 4392 and one.start == datetime(2021, 10, 20)
    assert np.array_equal(one.outdoor, same.outdoor) and not np.array_equal(one.outdoor, other.outdoor)
    by_hour = one.outdoor.reshape(-1, 24).mean(0)
    assert by_hour.argmax() in (14, 15) and by_hour.argmin() in (2, 3)
    assert climatology(np.array([15.0]))[0] == pytest.approx(-18.4, abs=0.6)


def test_ground_freezes_to_the_frost_depth() -> None:
    ground, days = climate_file("harbin"), np.arange(365.0)
    assert ground.at(2.05, days).min() == pytest.approx(KELVIN, abs=0.05)
    assert ground.at(1.2, days).min() - KELVIN == pytest.approx(-2.5, abs=0.1)
    assert ground.at(1.2, days).max() - KELVIN == pytest.approx(14.5, abs=0.1)
    assert np.ptp(ground.at(20.0, days)) < 0.1  # deep ground keeps its mean


def test_days_and_hours() -> None:
    weather = generate(date(2021, 12, 31), date(2022, 1, 1), 1)
    assert weather.day_of_year()[0] == pytest.approx(364 + 0.5 / 24) and weather.day_of_year()[24] == pytest.approx(0.5 / 24)
    assert weather.at(datetime(2022, 1, 1, 5)) == 29 and weather.between(date(2022, 1, 1), date(2022, 1, 1)).hours == 24
    with pytest.raises(IndexError, match="outside"):
        weather.at(datetime(2022, 2, 1))


def test_csv_in_any_unit(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("time,outdoor [K]\n2021-10-20 00:00,268.15\n2021-10-20 01:00,267.15\n", encoding="utf-8-sig")
    weather = read_weather(tmp_path / "w.csv")
    assert weather.outdoor.tolist() == [268.15, 267.15] and weather.time(1) == datetime(2021, 10, 20, 1)


def test_epw_and_tmy(tmp_path: Path) -> None:
    head = ["LOCATION,Harbin,HL,CHN,CSWD,509530,45.75,126.77,8.0,142.0"] + ["X"] * 7
    rows = [f"1987,1,1,{hour},60,?9?9,{-20 - hour}.5,-25,60,100000" for hour in range(1, 25)]
    (tmp_path / "h.epw").write_text("\n".join(head + rows) + "\n")
    epw = read_weather(tmp_path / "h.epw", year=2022)
    assert epw.hours == 24 and epw.start == datetime(2022, 1, 1) and epw.outdoor[0] == pytest.approx(KELVIN - 21.5)
    rows = [f"01/01/1987,{hour:02d}:00,0,{-20 - hour}.5" for hour in range(1, 25)]
    (tmp_path / "t.csv").write_text("1,Harbin\nDate (MM/DD/YYYY),Time (HH:MM),ETR,Dry-bulb (C)\n" + "\n".join(rows))
    assert np.array_equal(read_weather(tmp_path / "t.csv", year=2022).outdoor, epw.outdoor)


def test_a_season_of_a_typical_year_goes_on_into_january(tmp_path: Path) -> None:
    head = ["LOCATION,Harbin,HL,CHN,CSWD,509530,45.75,126.77,8.0,142.0"] + ["X"] * 7
    days = [date(1987, 1, 1) + timedelta(days=at) for at in range(365)]
    rows = [f"1987,{day.month},{day.day},{hour},0,?9?9,{day.month}.{hour:02d},-25" for day in days for hour in range(1, 25)]
    (tmp_path / "h.epw").write_text("\n".join(head + rows) + "\n", encoding="utf-8-sig")
    season = read_weather(tmp_path / "h.epw").between(date(2023, 10, 20), date(2024, 4, 20))
    assert (season.hours, season.start, season.typical) == (184 * 24, datetime(2023, 10, 20), False)
    assert season.outdoor[season.at(datetime(2024, 1, 1))] == pytest.approx(KELVIN + 1.01)
    assert season.outdoor[season.at(datetime(2024, 2, 29, 5))] == pytest.approx(KELVIN + 2.06)  # leap day: as the day before
    (tmp_path / "h.epw").write_text("\n".join(head + rows[: 24 * 300]) + "\n")
    with pytest.raises(IndexError, match="28 October"):
        read_weather(tmp_path / "h.epw").between(date(2023, 10, 20), date(2024, 4, 20))


def test_csv_as_spreadsheets_write_it(tmp_path: Path) -> None:
    hours = [f"2022/1/{1 + at // 24} {at % 24}:00" for at in range(5, 53)]
    text = "时间;室外温度 [℃]\n" + "\n".join(f"{time};-{at},5" for at, time in enumerate(hours))
    path = tmp_path / "天气 一.csv"
    for content in (text.encode("gb18030"), ("sep=;\n" + text).encode("utf-8-sig"), text.replace(";", "\t").encode()):
        path.write_bytes(content)
        weather = read_weather(path)
        assert weather.start == datetime(2022, 1, 1, 5) and weather.outdoor[3] == pytest.approx(KELVIN - 3.5)
        assert weather.whole_days() == (date(2022, 1, 2), date(2022, 1, 2))
    path.write_text("sep=;\ntime;outdoor\n2022-01-01 00:00;-5\n2022-01-01T01:00+08:00;-5\n")
    with pytest.raises(ReadError, match=r"csv:4: .* is no time, as in"):
        read_weather(path)


def test_every_problem_of_a_weather_file_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text("time,outdoor [degC]\n2021-10-20 00:00,-5\n2021-10-20 02:00,-5\n2021-10-20 03:00,cold\n2021-10-20 04:00,-300\n")
    with pytest.raises(ReadError) as caught:
        read_weather(path)
    text = str(caught.value)
    for part in ("w.csv:3", "by one hour", "w.csv:4", "cold", "w.csv:5", "no outdoor temperature"):
        assert part in text, part


@pytest.mark.parametrize(("name", "text", "part"), [
    ("a.csv", "hour,t\n1,2\n", "time and outdoor"), ("a.csv", "time,outdoor [bar]\n", "bar"), ("a.epw", "X\n", "LOCATION"),
    ("a.csv", "time,outdoor\n", "no hours"), ("b.csv", None, "cannot be read"),
])
def test_files_that_are_no_weather(tmp_path: Path, name: str, text: str | None, part: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(ReadError, match=part):
        read_weather(tmp_path / name)
