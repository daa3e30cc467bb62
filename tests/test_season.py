"""A season hour by hour, against steady states, closed forms and balances."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from seasons import ROOM, START, season, without

import heatnet
from heatnet import Building, Change, Plant, Scenario
from heatnet.batch.events import Event
from heatnet.batch.mass import mass_classes
from heatnet.batch.result import Result
from heatnet.units import KELVIN

HEAVY = float(mass_classes()[0, 2])  # h


def run(case: heatnet.Case, path: Path) -> Result:
    return heatnet.run(case, path / "run.h5", engine="threads", workers=1)


@pytest.mark.parametrize("mass", ["1R1C", "2R2C"])
def test_constant_weather_stays_steady(tmp_path: Path, mass: str) -> None:
    case = season(np.full(48, -15.0), mass=mass)
    rooms = heatnet.rooms(heatnet.solve(case.net.with_site(outdoor=KELVIN - 15.0), case.settings))
    frame = run(case, tmp_path).frame(ROOM)
    assert frame.shape == (48, 3) and frame.columns.name == "temperature [K]"
    assert frame.to_numpy() == pytest.approx(np.tile(rooms.temperature, (48, 1)), abs=1e-5)


def test_without_mass_every_hour_is_its_steady_state(tmp_path: Path) -> None:
    outdoor = np.linspace(-25.0, 5.0, 24)
    case = season(outdoor)
    case = replace(case, net=case.net.with_(Building, heat_capacity=1e3))
    frame = run(case, tmp_path).frame(ROOM)
    for hour in (0, 11, 23):
        steady = heatnet.rooms(heatnet.solve(case.net.with_site(outdoor=outdoor[hour] + KELVIN), case.settings))
        assert frame.iloc[hour].to_numpy() == pytest.approx(steady.temperature, abs=2e-3)  # 1 kJ/K still holds a little


def test_heat_of_a_season_is_lost_or_stored(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    case = season(-15.0 + 8.0 * rng.standard_normal(14 * 24))  # two blocks
    result = run(case, tmp_path)
    room, heat = result.frame(ROOM).to_numpy(), result.frame("building.energy").to_numpy()[0]
    loss = case.net[Building].design_heat / 44.2
    lost = loss * (room - case.plan.season.weather.outdoor[:, None]).sum(0) * 3600.0
    most = HEAVY * 3600.0 * loss * np.ptp(room, axis=0)  # what the buildings can have stored at most
    assert np.all(np.abs(heat - lost) < most) and np.all(most < 0.1 * heat)


def test_outage_cools_by_the_closed_form(tmp_path: Path) -> None:
    event = Event("boiler", 30, 54, (Change("plant", "service", 0.0, ("plant",)),))
    result = run(season(np.full(96, -24.2), event), tmp_path)
    room, falls = result.frame(ROOM).to_numpy() - KELVIN, result.frame("building.fall_0").to_numpy()[0]
    first = room[29]
    hours = HEAVY * np.log((first + 24.2) / (16.0 + 24.2))  # an exponential towards the weather
    falls_at_once = first < 16.0
    assert not falls_at_once.all()
    assert falls[~falls_at_once] == pytest.approx(hours[~falls_at_once], abs=0.02)
    assert np.all(falls[falls_at_once] == 0.0)
    assert np.all(np.diff(room[30:54], axis=0) < 0) and np.all(room[-1] > room[53])  # it recovers
    assert result.frame("plant.heat").to_numpy()[30:54] == pytest.approx(0.0, abs=1e-6)


def test_a_cold_snap_shifts_the_weather(tmp_path: Path) -> None:
    shifted = run(season(np.full(48, -10.0), Event("snap", 0, 48, (), -8.0)), tmp_path).frame(ROOM)
    colder = heatnet.run(season(np.full(48, -18.0)), tmp_path / "b.h5", engine="threads").frame(ROOM)
    assert shifted.iloc[47].to_numpy() == pytest.approx(colder.iloc[47].to_numpy(), abs=0.9)
    assert np.all(shifted.iloc[47] < shifted.iloc[0])


def test_refunds_by_the_daily_rule(tmp_path: Path) -> None:
    """A day counts by its lowest hour outside 10 to 14 h: half the fee below 20, all of it below 16 degC."""
    case = season(np.full(72, -24.2), lift=2e4)
    case = replace(case, net=case.net.with_(Plant, supply_temperature=KELVIN + 71))
    result = run(case, tmp_path)
    room = result.frame(ROOM).to_numpy().reshape(3, 24, -1) - KELVIN
    counted = np.delete(room, np.s_[10:14], axis=1).min(1)
    share = np.select([counted < 16.0, counted < 20.0], [1.0, 0.5], 0.0)
    assert set(share.ravel()) >= {0.5}
    assert result.frame("building.refund").to_numpy()[0] == pytest.approx(share.sum(0) * 38.32 / 183 * 2000)
    assert result.frame("building.refund_days").to_numpy()[0] == pytest.approx((share > 0).sum(0))


def test_quiet_hours_do_not_count(tmp_path: Path) -> None:
    free = np.where((np.arange(24) >= 10) & (np.arange(24) < 14), 0.0, 1.0)
    case = season(np.full(24, -5.0), gains=free)
    light = case.net.with_(Building, gains=60e3, heat_capacity=1e4, conductance=1e5 / 30.0)
    case = replace(case, net=light.with_(Plant, supply_temperature=KELVIN + 40))
    room = run(case, tmp_path).frame(ROOM).to_numpy() - KELVIN
    assert room[10:14].min() < 20.0 < np.delete(room, np.s_[10:14], axis=0).min()  # cold only while it does not count
    assert heatnet.open_run(tmp_path / "run.h5").frame("building.refund").to_numpy().sum() == 0.0


def test_aggregates_are_those_of_the_hours(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    result = run(season(-20.0 + 10.0 * rng.standard_normal(400)[: 15 * 24]), tmp_path)  # three blocks
    room = result.frame(ROOM).to_numpy()

    def of(word: str) -> np.ndarray:
        return result.frame(f"{ROOM}_{word}").to_numpy()[0]

    assert np.array_equal(of("min"), room.min(0)) and np.array_equal(of("max"), room.max(0))
    assert of("mean") == pytest.approx(room.mean(0), abs=1e-9)
    for word, share in (("q05", 0.05), ("q50", 0.5)):
        assert of(word) == pytest.approx(np.quantile(room, share, axis=0, method="inverted_cdf"), abs=0.1)
    assert of("degree_hours") == pytest.approx(np.maximum(20.0 + KELVIN - room, 0.0).sum(0))
    assert of("hours_below") == pytest.approx((room < 20.0 + KELVIN - 1e-3).sum(0))


def test_loads_take_what_they_need(tmp_path: Path) -> None:
    case = season(np.full(24, -12.0), control="load", drop=25.0)
    room = run(case, tmp_path).frame(ROOM).to_numpy()
    assert room == pytest.approx(np.full_like(room, KELVIN + 20.0), abs=1e-4)


def test_an_hour_without_an_answer_ends_its_scenario_only(tmp_path: Path) -> None:
    from heatnet.batch.axes import Axis  # noqa: PLC0415

    made = season(np.full(48, -12.0), Event("gone", 30, 33, (Change("node", "pressure", float("nan"), ("r0",)),)))
    axis = Axis("lift", ("low", "high"), ((Change("plant", "lift", 5e4),), (Change("plant", "lift", 1e5),)))
    result = run(replace(made, plan=replace(made.plan, axes=(axis,))), tmp_path)
    found = result.scenarios
    assert found["status"].tolist() == ["NO_PRESSURE_HELD"] * 2 and found["done"].tolist() == [1, 1]
    assert found["detail"].str.startswith("2022-01-11 06:00").all() and START.year == 2022
    assert result.complete and np.isnan(result.frame(f"{ROOM}_min").to_numpy()).all()


def test_ground_and_weather_reach_the_network(tmp_path: Path) -> None:
    case = season(np.full(24, -12.0))
    frozen = replace(case.plan.season, ground=np.full(24, KELVIN - 15.0))
    cold = run(replace(case, plan=replace(case.plan, season=frozen)), tmp_path).frame("plant.heat").to_numpy()[12]
    warm = heatnet.run(case, tmp_path / "b.h5", engine="threads").frame("plant.heat").to_numpy()[12]
    assert -cold > -warm > 0
    net = case.net.apply(Scenario("", (Change("site", "outdoor", KELVIN - 12.0), Change("site", "ground", KELVIN - 15.0))))
    state = heatnet.solve(net, case.settings)
    assert cold == pytest.approx(state.heat(Plant), rel=1e-6)


def test_segments_meet(tmp_path: Path) -> None:
    outdoor = -15.0 + 8.0 * np.random.default_rng(3).standard_normal(10 * 168)
    case = season(outdoor, Event("boiler", 820, 850, (Change("plant", "service", 0.0, ("plant",)),)))
    whole = run(case, tmp_path)
    split = heatnet.run(without(case, segments=3), tmp_path / "b.h5", engine="processes", workers=2)
    assert split.complete and not (tmp_path / "b.h5").samefile(tmp_path / "run.h5")
    for name in (ROOM, "building.fall_0", "building.refund", f"{ROOM}_mean"):
        assert split.frame(name).to_numpy() == pytest.approx(whole.frame(name).to_numpy(), abs=1e-3, nan_ok=True), name
