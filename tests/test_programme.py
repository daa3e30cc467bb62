"""Programmes: against brute force, exclusion and prerequisites, phases; and a programme under way on a date."""

from dataclasses import replace
from datetime import date
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from test_retrofit import STATES, candidate, street, studied

from heatnet import HeatnetError, Scenario, Settings, store
from heatnet.batch.progress import Lines
from heatnet.case import Case
from heatnet.cli import main
from heatnet.components import Plant
from heatnet.profile import profile
from heatnet.retrofit import Choices, Winter, choose, confidence, read_winter, study, under_way
from heatnet.retrofit.balanced import balanced
from heatnet.retrofit.evaluation import evaluate
from heatnet.retrofit.measures import Work
from heatnet.retrofit.measures.booster import Booster
from heatnet.retrofit.measures.envelope import Envelope
from heatnet.retrofit.measures.insulation import Insulation
from heatnet.retrofit.measures.lift import Lift
from heatnet.retrofit.measures.parallel import Parallel
from heatnet.retrofit.measures.radiators import Radiators
from heatnet.retrofit.measures.upsizing import Upsizing
from heatnet.retrofit.prices import Cost
from heatnet.retrofit.study import Uncertainty
from heatnet.retrofit.trials import Trials
from heatnet.verbs_retrofit import counted, programme_lines

CASE = Path(__file__).resolve().parents[1] / "cases" / "harbin_demo_retrofit.toml"


def works(on):
    """Nine works on the street: two in a row that need each other, two of which one is enough, one that needs another."""
    ones = [
        candidate(on, "last", Upsizing(("ps4", "pr4"), "EN253-1-DN65")), candidate(on, "before", Upsizing(("ps3", "pr3"), "EN253-1-DN80")),
        candidate(on, "beside", Parallel(("ps4", "pr4"), "EN253-1-DN50"), excludes=("last",)),
        candidate(on, "third", Parallel(("ps2", "pr2"), "EN253-1-DN80")), candidate(on, "lift", Lift(("plant",), 2e4)),
        candidate(on, "more", Lift(("plant",), 4e4, replace=True)), candidate(on, "radiators", Radiators(("b4",), 1.3)),
        candidate(on, "warm", Insulation(("ps3", "ps4"))),
        candidate(on, "pump", Booster("ps3", 2e4), requires=("warm",)),
    ]
    cost = [60e3, 70e3, 50e3, 80e3, 5e3, 90e3, 20e3, 15e3, 65e3]
    return tuple(type(one)(**{**vars(one), "cost": Cost(c, 0.0, 0.08 * c)}) for one, c in zip(ones, cost, strict=True))


@pytest.fixture(scope="module")
def on():
    found = study(
        Case("street", street(), Scenario(""), Settings(), profile("hlj_2021")),
        Choices(baseline="today", robbed=1e6, checked=0), weather=STATES[1:],
    )
    return found.with_(works(found))


def test_programmes_come_within_one_percent_of_brute_force(on):
    trials = Trials(on)
    numbers = range(len(on.candidates))
    every = [frozenset(one) for one in chain.from_iterable(combinations(numbers, size) for size in range(len(numbers) + 1))]
    every = [one for one in every if trials.sound(one)]
    found = trials.of(every)
    for budget in (20e3, 90e3, 160e3, 1e9):
        best = max(trial.avoided for one, trial in zip(every, found, strict=True) if trials.cost(one) <= budget)
        chosen = choose(on, budget)
        assert chosen.cost <= budget and chosen.tried < len(every)
        assert chosen.avoided >= 0.99 * best, budget
        assert trials.sound(frozenset(list(numbers)[[one.id for one in on.candidates].index(name)] for name in chosen.works))
    single = {one.id: trials.of([trials.needs[at]])[0].avoided for at, one in enumerate(on.candidates)}
    assert trials.of([frozenset({0, 1})])[0].avoided != pytest.approx(single["last"] + single["before"], rel=1e-3)  # they interact


def test_prerequisites_exclusions_phases_and_front(on):
    trials = Trials(on)
    index = {one.id: at for at, one in enumerate(on.candidates)}
    assert trials.needs[index["pump"]] == {index["pump"], index["warm"]}
    assert not trials.sound(frozenset({index["pump"]})) and not trials.sound(frozenset({index["last"], index["beside"]}))
    assert not trials.sound(frozenset({index["lift"], index["more"]}))  # both set the lift, to different values
    found = choose(study(on.case, Choices(baseline="today", robbed=1e6, yearly=(60e3, 120e3)), weather=STATES[1:]).with_(on.candidates))
    assert found.budget == 180e3
    spent = 0.0
    for phase in found.phases:
        spent += phase.cost
        assert spent <= sum((60e3, 120e3)[: phase.year])
    assert found.phases[-1].deficit <= found.phases[0].deficit
    costs, deficits = np.array([one[0] for one in found.front]), np.array([one[1] for one in found.front])
    assert (np.diff(costs) > 0.0).all() and (np.diff(deficits) < 0.0).all()
    assert deficits[0] == pytest.approx(found.base_deficit)
    assert found.steps[-1][1] == pytest.approx(found.base_deficit - found.avoided)


def test_a_programme_under_way():
    on = studied(robbed=1e6)
    winter = Winter(date(2021, 11, 1), date(2022, 3, 30), np.linspace(263.15, 248.95, 150), delay=10)
    ones = (
        candidate(on, "done", Insulation(("ps0", "ps1")), state="done", finish=date(2021, 11, 20)),
        candidate(on, "late", Upsizing(("ps4", "pr4"), "EN253-1-DN65"), state="construction", finish=date(2021, 12, 1)),
        candidate(on, "next", Radiators(("b4",), 1.2), state="planned", finish=date(2022, 3, 1)),
        candidate(on, "some day", Envelope(("b4",), 0.2), state="construction"), candidate(on, "idea", Envelope(("b2",), 0.2)),
    )
    found = under_way(on.with_(ones), date(2022, 1, 10), winter)
    done, late, after, some_day = found.works
    assert len(found.works) == 4 and done.delivered and late.overdue and late.expected == date(2022, 1, 10)
    assert some_day.expected is None and some_day.delay_deficit == 0.0
    # by hand: ten days from 10 January, without and with the pipe, the valve set before
    deficits = {}
    for name, sets in (("without", (ones[0],)), ("with", (ones[0], ones[1]))):
        deficits[name] = evaluate(on.ground, [[one.work for one in sets]]).figure("deficit")[0]
    levels, first = np.array([248.95, 263.15]), (date(2022, 1, 10) - winter.first).days
    days = winter.daily[first : first + 10]
    want = 24.0 * sum(np.interp(day, levels, deficits["without"]) - np.interp(day, levels, deficits["with"]) for day in days)
    assert late.delay_deficit == pytest.approx(want, rel=1e-4)
    assert late.lost_deficit > late.delay_deficit > 0.0 and after.lost_deficit > 0.0
    none, stopped, expected, whole = found.deficit
    assert none > stopped > expected > whole >= 0.0
    with pytest.raises(HeatnetError, match="under way"):
        under_way(on.with_(ones[4:]), date(2022, 1, 10), winter)


def test_programme_on_the_command_line(tmp_path):
    assert read_winter(CASE).daily.size == 183
    done = CliRunner().invoke(main, ["programme", str(CASE), "--on", "2022-01-15", "--quiet", "--out", str(tmp_path / "p.h5")])
    assert done.exit_code == 0, done.output
    assert "2 of 6 works delivered, 1 overdue" in done.output
    works = store.read_table(tmp_path / "p.h5", "works_under_way").set_index("id")
    assert works.loc["far_insulation", "overdue"] and works.loc["n5_larger", "delay costs [K h household]"] > 1e5
    homes = store.read_table(tmp_path / "p.h5", "homes_under_way")
    assert 0 < homes["cold at completion"].sum() < homes["cold now"].sum()
    wrong = CliRunner().invoke(main, ["programme", str(CASE), "--on", "15.1.2022", "--quiet"])
    assert wrong.exit_code == 2


def test_confidence_is_seeded_and_tells_intervals(on):
    few = on.with_(on.candidates[:4])
    few = replace(few, choices=replace(few.choices, uncertainty=Uncertainty(samples=4, seed=3, top=1)))
    found, again = confidence(few), confidence(few)
    assert found.avoided.shape == (4, 4) and np.array_equal(found.avoided, again.avoided)
    assert np.ptp(found.avoided[:, 0]) > 0.0 and found.top.sum() >= 1.0
    frame = found.frame()
    assert (frame["avoided, 5 % [K h household]"] <= frame["avoided, 95 % [K h household]"]).all()


def test_works_that_avoid_nothing_are_not_chosen(on):
    idle = candidate(on, "idle", Radiators(("b1",), 1.0 + 1e-9))
    more = on.with_((*works(on), type(idle)(**{**vars(idle), "cost": Cost(1.0, 0.0, 0.1)})))
    assert "idle" not in choose(more, 1e9).works
    alone = programme_lines(choose(on.with_((idle,)), 0.5 * idle.cost.capital))
    assert "nothing chosen: the cheapest candidate costs" in alone and "(0.0 % avoided)" in alone and "-0" not in alone


def test_a_search_is_counted_on(capsys):
    progress = Lines()
    tell = counted(progress, "simulations")
    for done, of in ((3, 6), (6, 6), (6, 6), (2, 4), (4, 4)):
        tell(done, of)
    assert progress.done == 16 and progress.told().startswith("16 simulations, ") and capsys.readouterr().err == ""


def test_a_programme_breaks_no_limit_of_pressure(on, monkeypatch):
    free = choose(on, 100e3)
    on = replace(on, choices=replace(on.choices, checked=200))
    trials = Trials(on)
    names = {one.id: at for at, one in enumerate(on.candidates)}
    chosen = frozenset(names[one] for one in free.works)
    trials.of([chosen])
    assert trials.feasible(chosen)
    monkeypatch.setattr("heatnet.retrofit.trials.violations", lambda state: {("over_pressure", "node", "s0")} if "lift" in free.works and
                        state.arrays.net.tables[type(on.today[Plant])].lift[0] > 7e4 else set())
    kept = choose(on, 100e3)
    assert "lift" in free.works and not {"lift", "more"} & set(kept.works)


def test_valves_are_set_anew_after_each_set(on):
    again = replace(on, choices=replace(on.choices, rebalanced=True))
    (work,) = (one.work for one in on.candidates if one.id == "third")
    net = on.today.apply(work.scenario)
    settings = balanced(net.apply(STATES[1].scenario), on.ground.settings)
    by_hand = evaluate(on.ground, [[work, Work(settings, (), "")]]).season("deficit")[0]
    at = next(at for at, one in enumerate(on.candidates) if one.id == "third")
    assert Trials(again).of([frozenset({at})])[0].avoided == pytest.approx(by_hand)
    assert Trials(on).of([frozenset({at})])[0].avoided != pytest.approx(by_hand, rel=1e-3)
