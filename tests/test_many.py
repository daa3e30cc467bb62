"""Many scenarios side by side: the answers of each alone, whatever differs."""

import sys

import numpy as np
import pytest
from cities import line

from benchmarks.city import city
from heatnet import Change, Consumer, ModelError, Pipe, Scenario, Settings, Solver, Status, Valve, compile, solve, solve_many
from heatnet.network import Network, Node
from heatnet.solve.lane_balances import guessed_flows
from heatnet.solve.lane_sweeps import WIDTH
from heatnet.solve.lane_values import first_guess
from heatnet.solve.variant import Variants

LAWS = ("colebrook", "swamee_jain", "haaland", "altshul", "epanet")
COLD = Settings(heat=False)


@pytest.fixture(scope="module")
def town() -> Network:
    return city(60, seed=3, loops=0.3)


def alone(net, scenario, settings=COLD):
    return solve(net.apply(scenario), settings, throw=False)


def compare(net, scenarios, settings=COLD, **options):
    many = solve_many(compile(net), scenarios, settings, **options)
    for row, scenario in enumerate(scenarios):
        state = alone(net, scenario, settings)
        assert many.status[row] is state.status, (scenario.name, many.message[row])
        if not state.converged:
            assert np.isnan(many.m[row]).all()
            continue
        scale = np.abs(state.m).max()
        for kind in (Pipe, Valve, Consumer):
            part = many.arrays.part(kind)
            mine = dict(zip(part.table.id, many.m[row, part.span], strict=True))
            flows = np.array([mine[name] for name in state.arrays.net[kind].id])
            assert flows == pytest.approx(state.m[state.of(kind)], abs=2e-6 * scale, rel=1e-5), scenario.name
        assert np.nan_to_num(many.p[row]) == pytest.approx(np.nan_to_num(state.p), abs=0.05), scenario.name
        assert many.pressure_residual[row] <= 1e-2
        assert many.mass_residual[row] <= 1e-9 + 1e-13 * scale
    return many


@pytest.mark.parametrize("law", LAWS)
def test_columns_of_rows(town, law):
    random = np.random.default_rng(5)
    pipes, inlets = town[Pipe].id, town[Consumer].id
    scenarios = []
    for k in range(21):
        some = tuple(random.choice(pipes, 5, replace=False))
        scenarios.append(
            Scenario(
                f"s{k}",
                (
                    Change("pipe", "roughness", float(random.uniform(1e-5, 2e-3))),
                    Change("pipe", "diameter", random.uniform(0.03, 0.3, 5), some),
                    Change("consumer", "opening", random.uniform(0.2, 1.0, inlets.size)),
                ),
            )
        )
    compare(town, scenarios, Settings(heat=False, friction=law))


def test_links_open_and_shut(town):
    inlets = town[Consumer].id
    net = town.with_(Consumer, opening=np.where(np.arange(inlets.size) == 7, 0.0, 1.0))
    scenarios = [Scenario("as it is"), Scenario("seventh opened", (Change("consumer", "opening", 0.6, (inlets[7],)),))]
    scenarios += [Scenario(f"{name} shut", (Change("consumer", "opening", 0.0, (name,)),)) for name in inlets[:20]]
    many = compare(net, scenarios)
    at = many.arrays.part(Consumer).span.start
    assert many.m[0, at + 7] == 0.0
    assert many.m[1, at + 7] > 0.1
    assert all(many.m[2 + k, at + k] == 0.0 for k in range(20))


def test_added_links(town):
    def tie(name, a, b):
        return Pipe.of(id=[name], tail=[a], head=[b], length=[60.0], diameter=[0.1], loss=[0.2])

    scenarios = [
        Scenario("none"),
        Scenario("tie a", (), (tie("a", "s3", "s20"),)),
        Scenario("both", (Change("pipe", "diameter", 0.2, ("a",)),), (tie("a", "s3", "s20"), tie("b", "r3", "r20"))),
        Scenario("tie b", (Change("consumer", "opening", 0.3),), (tie("b", "r3", "r20"),)),
    ]
    many = compare(town, scenarios)
    flows = many.frame("pipe")
    assert flows.loc["none", ["a", "b"]].eq(0.0).all()
    assert flows.loc["both", ["a", "b"]].ne(0.0).all()
    assert flows.loc["tie a", "a"] != 0.0
    assert flows.loc["tie a", "b"] == 0.0
    with pytest.raises(ValueError, match="other values"):
        solve_many(compile(town), [scenarios[1], Scenario("x", (), (tie("a", "s3", "s21"),))], COLD)


def test_changes_of_nodes_plants_and_site(town):
    compare(
        town,
        [
            Scenario("held", (Change("node", "pressure", 5e5, ("plant_r",)),)),
            Scenario("make-up", (Change("node", "inflow", 0.5, ("s9",)),)),
            Scenario("lift", (Change("plant", "lift", 3e5),)),
            Scenario("hill", (Change("node", "height", 12.0, ("s9",)),)),
            Scenario("frost", (Change("site", "outdoor", 243.15),)),
            Scenario("as it is"),
        ],
    )


def test_a_device_that_a_scenario_fits_regulates(town):
    """Such scenarios are solved alone, those beside them are not touched."""
    name = town[Consumer].id[3]
    fitted = Change("consumer", "difference", 2e4, (name,)), Change("consumer", "controller_kvs", 10.0, (name,))
    many = compare(town, [Scenario("as it is"), Scenario("controlled", fitted)])
    at = many.arrays.part(Consumer).span.start + 3
    assert many.m[1, at] < 0.9 * many.m[0, at]


def test_islands_and_impossible_scenarios_have_their_status(town):
    """What the kernel cannot settle is settled alone, or says why it cannot be."""
    net = Network.of(
        "one pump", town[Node], *(town.tables[kind] for kind in town.tables if kind is not Node), site=town.site
    )
    cut = Valve.of(id=["gate"], tail=["s0"], head=["s1"], kvs=[40.0], opening=[0.0])
    many = compare(
        net,
        [
            Scenario("gate", (), (cut,)),
            Scenario("make-up drawn", (Change("node", "inflow", -1.0, ("s9",)),)),
            Scenario("as it is"),
        ],
    )
    assert many.status[-1] is Status.CONVERGED


def test_unknown_rows_and_broken_changes_are_refused(town):
    with pytest.raises(ValueError, match="no row 'nowhere'"):
        solve_many(town, [Scenario("a"), Scenario("b", (Change("pipe", "diameter", 0.1, ("nowhere",)),))], COLD)
    with pytest.raises(ModelError):
        solve_many(town, [Scenario("a"), Scenario("b", (Change("pipe", "diameter", -0.1),))], COLD)


def test_heat_bounded_flows_and_a_warm_start():
    net = line(8, control="load", return_temperature=320.0)
    scenarios = [Scenario(f"{t}", (Change("site", "outdoor", 273.15 + t),)) for t in (-20.0, -10.0, 0.0)]
    many = solve_many(net, scenarios, Settings())
    for row, scenario in enumerate(scenarios):
        state = alone(net, scenario, Settings())
        assert many.m[row] == pytest.approx(state.m, abs=1e-6)
        assert many.t[row] == pytest.approx(state.t, abs=1e-6)
        assert many.state(row).m == pytest.approx(state.m, abs=1e-6)


def test_order_and_threads_change_nothing(town):
    """The same figures to the last bit with any number of threads; in another order, and so among other lanes, to rounding."""
    scenarios = [Scenario(f"{k}", (Change("consumer", "opening", 0.3 + 0.02 * k),)) for k in range(35)]
    arrays = compile(town)
    one, two = (solve_many(arrays, scenarios, COLD, workers=count) for count in (1, 2))
    assert np.array_equal(one.m, two.m)
    assert np.array_equal(one.p, two.p)
    other = solve_many(arrays, scenarios[::-1], COLD)
    assert other.m[::-1] == pytest.approx(one.m, abs=1e-5)
    start = solve(town, COLD)
    warm = solve_many(arrays, scenarios, COLD, start=start)
    assert warm.m == pytest.approx(one.m, abs=1e-5)
    assert warm.steps.mean() < np.mean([alone(town, scenario, COLD).steps for scenario in scenarios])


def test_the_kernel_settles_plain_scenarios(town, monkeypatch):
    """None of these is left to be solved alone."""
    def never(*_):
        raise AssertionError("solved alone")

    monkeypatch.setattr(sys.modules["heatnet.solve.many"], "_own", never)
    scenarios = [Scenario(f"{name} shut", (Change("consumer", "opening", 0.0, (name,)),)) for name in town[Consumer].id[:20]]
    assert solve_many(compile(town), scenarios, COLD).status == (Status.CONVERGED,) * 20


def test_first_guess_of_inlets():
    """By the formulas: all share the rest of their circuits, so one among many has little of it; what is shut counts."""
    count, first, weight = 50, np.full(50, 2.0), np.linspace(0.1, 0.9, 50)
    law = np.ones(count, dtype=np.int32), np.full((4, count), 3.0), first, weight, np.zeros(count, dtype=bool), np.full(count, 0.5)
    is_open, ends = np.ones(2 * count, dtype=bool), np.array([0, count, 2 * count])
    is_open[count + 1] = False
    both = tuple(np.concatenate([each, each], axis=-1) for each in law)
    fresh = np.full((2, 2 * count), 3.0)
    fresh[0, : count], fresh[0, count] = 3.0 * 1.7, 3.0 * 4.0
    begin, strain, turned = np.empty(2 * count), np.empty(2 * count), np.empty(2)
    first_guess(both, is_open, fresh, ends, 100.0, begin, strain, turned)

    def relieved(fall: float) -> np.ndarray:
        return 1.0 + (1.0 - weight) / np.maximum(weight, 0.12) * fall * (0.1 + 0.55 * fall + 0.6 * weight)

    assert begin[:count] == pytest.approx(2.0 * np.sqrt(relieved(1.0 - 1.0 / 1.7) / 1.7), rel=1e-12)
    left = relieved((2.0 * 0.75 + 2.0) / 100.0)
    assert begin[count] == pytest.approx(2.0 * np.sqrt(left[0] / 4.0), rel=1e-12)
    assert begin[count + 2 :] == pytest.approx(2.0 * np.sqrt(left[2:]), rel=1e-12)
    assert turned[1] == pytest.approx((np.abs(begin[count:] - 2.0).sum() - abs(begin[count + 1] - 2.0) + 2.0) / 100.0, rel=1e-12)
    assert strain[count] == pytest.approx(weight[0] * 3.0, rel=1e-12)


def test_guessed_flows_balance(town):
    """Added up along the tree they carry what the inlets take."""
    net = town.with_(Pipe, diameter=1.2 * town[Pipe].diameter)
    solver = Solver.of(compile(net), COLD)
    state = solver.solve()
    layout = Variants.of(solver, (Scenario(""),), state).layout
    order, _, parent = layout.way
    assert np.array_equal(np.sort(order), np.sort(solver.arrays.feeding.order))
    seen = set(range(solver.arrays.program.free, solver.arrays.program.nodes))
    for node, before in zip(order, parent, strict=True):
        assert before in seen  # outwards
        seen.add(int(node))
    columns = (*layout.columns, np.zeros(4 * layout.link.size), np.zeros(layout.link.size), state.m[layout.edge])
    less = 0.1 * np.abs(state.m[layout.edge]) * (layout.columns[4] == 1)
    of_own = np.where(layout.columns[4] == 1, 4 * WIDTH * np.arange(layout.link.size), -1)
    values = np.repeat(np.stack([np.zeros(less.size), state.m[layout.edge] - less, *np.zeros((2, less.size))], axis=1).ravel(), WIDTH)
    m, brings = np.empty(WIDTH * less.size), np.empty(WIDTH * solver.arrays.program.nodes)
    own = of_own, values, np.full(less.size, -1, dtype=np.int32), np.empty(0)
    guessed_flows(layout.way, columns, layout.ends, own, m, brings)
    flows = m.reshape(-1, WIDTH)
    assert np.ptp(flows, axis=1) == pytest.approx(0.0)
    lost = np.zeros(solver.arrays.program.nodes)
    np.add.at(lost, layout.ends[0], -flows[:, 0])
    np.add.at(lost, layout.ends[1], flows[:, 0])
    assert lost[: solver.arrays.program.free] == pytest.approx(0.0, abs=1e-8)
    assert np.abs(flows[:, 0]).max() == pytest.approx(0.9 * np.abs(state.m).max(), rel=1e-6)  # the main takes a tenth less too


def test_many_changes_at_once_take_few_steps():
    net, random = city(100), np.random.default_rng(2)
    scenarios = [Scenario(f"{k}", (Change("consumer", "opening", random.uniform(0.5, 1, len(net[Consumer]))),)) for k in range(20)]
    assert solve_many(net, scenarios, Settings(heat=False, friction="swamee_jain")).steps.max() <= 3
