"""Who stays short in a balance: what is missing and why, checked by forward solves that know nothing of the balance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cities import city, line, nodes
from click.testing import CliRunner
from evil import is_number
from openpyxl import load_workbook

from heatnet import (
    ConstantWater,
    Consumer,
    Network,
    Node,
    NotSolved,
    Pipe,
    Plant,
    Pump,
    Settings,
    arrays,
    balance,
    solve,
    write_folder,
)
from heatnet.balance import Balance, Rules, field_sheet
from heatnet.balance.lift_search import LiftSearch
from heatnet.balance.shortage import REASONS
from heatnet.balance.telling import TEXTS
from heatnet.cli import main
from heatnet.network import Building
from heatnet.report.words import Words
from heatnet.store.harmless import DANGEROUS

MODEL = Path(__file__).parents[1] / "models" / "six_user" / "a"
COLD = Settings(heat=False, water=ConstantWater(980.0, 4.5e-4, 4186.0), pressure_tolerance=1e-6)
FREE = Rules(limits="none")


def street(seed: int, users: int = 8, fixed: float = 0.0) -> Network:
    """Users in line behind pipes of odd widths, some without a valve that can be set."""
    rng = np.random.default_rng(seed)
    net = line(users, kvs=rng.uniform(6.0, 16.0, users), diameter=np.linspace(0.09, 0.05, users) * rng.uniform(0.9, 1.2, users), lift=3e5)
    return net.with_(Consumer, valve=["none" if rng.random() < fixed else "" for _ in range(users)])


def raised(done: Balance, rise: float) -> Network:
    """The network as balanced, its inlets that may be set open, its lift higher by `rise` [Pa]."""
    net = done.state.arrays.net
    return net.with_(Consumer, opening=np.where(done.places.inlets, 1.0, net[Consumer].opening)).with_(Plant, lift=net[Plant].lift + rise)


def flow_at_full_flows_of_all(done: Balance, name: str, rise: float) -> float:
    """Flow over wanted of one open inlet where all others that may be set take their full flow, as water drawn from the nodes."""
    net, span = raised(done, rise), done.state.of(Consumer)
    row = list(net[Consumer].id).index(name)
    drawn = done.places.inlets & (np.arange(len(net[Consumer])) != row)
    inflow = net[Node].inflow.copy()
    np.subtract.at(inflow, done.state.arrays.tail[span][drawn], done.wanted[drawn])
    np.add.at(inflow, done.state.arrays.head[span][drawn], done.wanted[drawn])
    rest = net.with_(Node, inflow=inflow).replace_table(net[Consumer].take(~drawn)).replace_table(Building.empty())
    state = solve(arrays.compile(rest, checked=True), COLD)
    return float(state.m[state.of(Consumer)][list(rest[Consumer].id).index(name)] / done.wanted[row])


@pytest.mark.parametrize("fixed", [0.0, 0.3])
def test_what_is_missing_is_missing(fixed: float) -> None:
    """Raised by it the lift serves the consumer, raised by 3 % less it does not: at full flows of all, and the worst with bounded flows."""
    seen = 0
    for seed in range(6):
        net = street(seed, fixed=fixed)
        free = balance(net, rules=FREE, settings=COLD)
        limit = 0.55 * float(free.fit.knobs.lift[0])
        done = balance(net.with_(Plant, lift_most=limit, lift=min(limit, 3e5)), rules=FREE, settings=COLD)
        assert done.shortages and not any(one.settable for one in done.missed) and {one.reason for one in done.shortages} == {"lift"}
        for one in done.shortages:
            row = list(done.arrays.net[Consumer].id).index(one.consumer)
            if done.places.inlets[row]:
                enough, less = (flow_at_full_flows_of_all(done, one.consumer, part * one.missing) for part in (1.01, 0.97))
                assert enough > 0.9999 and less < 0.9999, (seed, one)
                seen += 1
        worst = done.shortages[0]
        for part, served in ((1.01, True), (0.97, False)):
            up = raised(done, part * worst.missing)
            bound = np.where(done.places.inlets, done.wanted, np.nan)
            up = up.with_(Consumer, control=np.where(done.places.inlets, "flow", "fixed").tolist(), flow=bound)
            state = solve(up, COLD)
            x = (state.m[state.of(Consumer)] / done.wanted)[list(net[Consumer].id).index(worst.consumer)]
            assert (x > 0.9999) == served, (seed, worst)
    assert seen > 10


@pytest.mark.parametrize("seed", [3, 29, 55, 72])
def test_whom_no_lift_serves_no_lift_serves(seed: int) -> None:
    done = balance(city(seed), rules=FREE)
    assert not done.missed and done.shortages
    net, state = done.state.arrays.net, done.state
    here = done.places.inlets | done.places.steady
    wanted = np.where(np.isnan(done.wanted), np.inf, done.wanted)
    lift = net[Plant].lift + np.maximum(2.5e6 - net[Plant].lift[done.places.lifts].max(), 0.0)
    up = net.with_(Plant, lift=lift).with_(Consumer, opening=np.where(done.places.inlets, 1.0, net[Consumer].opening))
    cold = Settings(heat=False, water=ConstantWater(float(np.nanmean(state.fluid(Pipe).rho)), 4e-4, 4186.0))
    given = here & np.isfinite(wanted)
    control = np.where(given, "flow", net[Consumer].control).tolist()
    up = up.with_(Consumer, control=control, flow=np.where(given, wanted, net[Consumer].flow))
    high = solve(arrays.compile(up, checked=True), cold)
    x = dict(zip(net[Consumer].id, high.m[high.of(Consumer)] / wanted, strict=True))
    names = {*net[Pipe].id}
    for one in done.shortages:
        assert np.isnan(one.missing) and one.reason in ("far", "shut") and one.pipes, one
        assert x[one.consumer] < 0.99, (one, x[one.consumer])
        if one.reason == "shut":
            assert x[one.consumer] < 1e-6 and not names & set(one.pipes), one


def test_a_pump_that_is_turned_round_opens_the_way_it_was_named_for() -> None:
    net = city(55)
    done = balance(net, rules=FREE)
    shut = {one.consumer: one.pipes for one in done.shortages if one.reason == "shut"}
    assert shut == {"u29": ("pump 'qps28'",), "u37": ("pump 'qps28'",)}
    pump = net[Pump]
    here = pump.id == "qps28"
    turned = pump.with_(tail=np.where(here, pump.head, pump.tail), head=np.where(here, pump.tail, pump.head))
    again = balance(net.replace_table(turned), rules=FREE)
    assert not any(one.reason == "shut" and "pump 'qps28'" in one.pipes for one in again.shortages)


def test_a_plant_that_pushes_more_than_is_wanted_is_named() -> None:
    with pytest.raises(NotSolved, match=r"plant 'second' gives 6\.1\d* kg/s, of which 0\.5\d* kg/s find a way"):
        balance(city(53), rules=FREE)


def island() -> Network:
    """A line of four users, and two more that nothing joins to it."""
    net = line(4, kvs=12.0)
    node = nodes(["s0", "s1", "s2", "s3", "s4", "r0", "r1", "r2", "r3", "r4", "i0", "i1", "j0", "j1"], {"r0": 3e5})
    pipe, inlet, home = net[Pipe], net[Consumer], net[Building]
    more = Pipe.of(
        id=[*pipe.id, "pi", "pj"], tail=[*pipe.tail, "i0", "j1"], head=[*pipe.head, "i1", "j0"], length=60.0, diameter=0.1, loss=0.0
    )
    users = Consumer.of(
        id=[*inlet.id, "x0", "x1"], tail=[*inlet.tail, "i0", "i1"], head=[*inlet.head, "j0", "j1"], kvs=12.0,
    )
    homes = Building.of(id=[*home.id, "h0", "h1"], consumer=[*home.consumer, "x0", "x1"], design_heat=1e5)
    return Network.of("岛", node, more, net[Plant], users, homes)


def test_an_island_is_named_and_the_rest_balanced() -> None:
    done = balance(island())
    assert done.ratio()[:4] == pytest.approx(np.ones(4), abs=1e-3) and not done.balanced and not done.missed
    assert [(one.consumer, one.reason, one.cut_off) for one in done.shortages] == [("x0", "island", True), ("x1", "island", True)]
    assert "x0: stands in an island" in done.summary() and "x0：位于无热源的孤立管网中" in done.summary("zh")
    assert set(field_sheet(done)["id"]) == {"u0", "u1", "u2", "plant"}
    frame = done.shortage_frame()
    assert frame["reason"].tolist() == ["island", "island"] and frame["missing [kPa]"].isna().all()


def test_water_that_runs_backward_is_told() -> None:
    done = balance(city(3), rules=FREE)
    assert "u26" in done.backward and done.ratio()[list(done.arrays.net[Consumer].id).index("u26")] < -0.1
    noted = field_sheet(done)
    assert "backward" in noted.loc[noted["id"] == "u26", "note"].iloc[0].split(", ")
    assert "water runs backward" in done.summary() and "水倒流" in done.summary("zh")
    with pytest.raises(ValueError, match="zh, en"):
        done.summary("fr")


def test_names_never_become_formulas_in_the_files(tmp_path: Path) -> None:
    evil = "=HYPERLINK(\"http://x\",1)"
    net = line(4, kvs=12.0)
    home = net[Building]
    hostile = home.with_(
        name=[evil, "+1+1", "@SUM(A1)", "-2"], street=["=cmd|' /C calc'!A0", "=1", "＝1", "普通街"], district=["", "-1", "@x", ""],
    )
    inlet = net[Consumer].with_(id=["=1+1", "+u", "@u", "-u"])
    hostile = hostile.with_(consumer=["=1+1", "+u", "@u", "-u"])
    folder = tmp_path / "模型"
    write_folder(Network.of("=name", net[Node], net[Pipe], net[Plant], inlet, hostile), folder)
    outs = [tmp_path / name for name in ("表.csv", "表.xlsx", "表")]
    ran = CliRunner().invoke(main, ["balance", str(folder), "--catalogue", "generic", *(w for out in outs for w in ("--out", str(out)))])
    assert ran.exit_code == 0, ran.output
    for path in (outs[0], *outs[2].iterdir()):
        text = path.read_text(encoding="utf-8-sig")
        cells = [cell.strip('"') for row in text.splitlines() for cell in row.split(",")]
        assert all(not cell.startswith(DANGEROUS) or is_number(cell) for cell in cells), path
    book = load_workbook(outs[1])
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    assert {"=1+1", evil} <= {cell.value for cell in cells}


def test_the_lift_is_found_where_hardly_any_of_it_arrives() -> None:
    laws = (lambda x: 1e-4 * x - 30.0, lambda x: max(x, 0.0) ** 0.5 - 500.0, lambda x: -1.0 if x < 123456.0 else 1.0, lambda x: x - 7e5)
    for law in laws:
        search, at = LiftSearch(), 0.0
        for _ in range(40):
            step = search.rise(0, at, float(law(at)))
            at += step
            if abs(law(at)) < 1e-6 or abs(step) < 1e-3:
                break
        assert law(at - 1.0) <= 1e-6 <= law(at + 1.0) + 2e-6


def test_a_lift_may_be_bounded_by_a_rule() -> None:
    net = street(1).with_(Plant, lift=1e4)
    need = float(balance(net, rules=FREE, settings=COLD).fit.knobs.lift[0])
    done = balance(net, rules=Rules(limits="none", most_lift=0.8 * need), settings=COLD)
    assert done.shortages and {one.reason for one in done.shortages} == {"far"} and np.isnan(done.shortages[0].missing)
    assert f"no lift up to {0.8 * need / 1e3:g} kPa" in done.summary()
    with pytest.raises(ValueError, match="most_lift"):
        Rules(most_lift=0.0)


def test_few_valves_with_some_short_tell_what_is_missing() -> None:
    net = street(2).with_(Plant, lift=4e4)
    done = balance(net, settings=COLD, rules=Rules(at_most=2, limits="none"))
    assert done.shortages and all(change.kind == "consumer" for change in done.scenario.changes)
    worst = done.shortages[0]
    rows = {name: row for row, name in enumerate(net[Consumer].id)}
    for part, served in ((1.01, True), (0.97, False)):
        up = done.state.arrays.net.with_(Plant, lift=net[Plant].lift + part * worst.missing)
        bound = np.where(done.places.inlets, done.wanted, np.nan)
        up = up.with_(Consumer, control=np.where(done.places.inlets, "flow", "fixed").tolist(), flow=bound)
        x = solve(up, COLD).flow_ratio()
        assert (x[rows[worst.consumer]] > 0.9999) == served
    tight = net.with_(Consumer, opening=np.where(np.arange(8) == 7, 0.2, 1.0))
    one = {one.consumer: one for one in balance(tight, settings=COLD, rules=Rules(at_most=0, limits="none")).shortages}["u7"]
    assert one.reason == "valve" and not one.missing < worst.missing


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_has_its_words(lang: str) -> None:
    say = Words(lang)
    for reason in REASONS:
        assert reason in TEXTS and say.known(f"valves.reason.{reason}") and say.known(f"valves.cause.{reason}")


def test_faults_of_a_catalogue_stand_in_the_order_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "阀门.csv"
    lines = ["id,size [mm],position,kv [m3/h],tolerance", "A,50,1,5,0.1", "A,50,2,4,x", "B,40,1,2,0.1", "C,32,1,-3,0.1", "C,32,2,6,2.5"]
    path.write_text("\n".join(lines), encoding="utf-8")
    ran = CliRunner().invoke(main, ["balance", str(MODEL), "--catalogue", str(path), "--lang", "zh", "--out", str(tmp_path / "x.csv")])
    told = [line.split("：")[0].rpartition(":")[2] for line in ran.output.splitlines() if "阀门.csv:" in line]
    assert ran.exit_code == 1 and told == ["3", "3", "4", "5", "6"] and not (tmp_path / "x.csv").exists()
