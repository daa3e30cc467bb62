"""Study: a case with its candidates, what they are compared on, and the choices of a ranking."""

from __future__ import annotations

from dataclasses import dataclass, replace

from heatnet.case import Case
from heatnet.change import Scenario
from heatnet.effects import WeatherState
from heatnet.errors import HeatnetError
from heatnet.network import Network
from heatnet.profile import Profile
from heatnet.retrofit.balanced import balanced
from heatnet.retrofit.candidate import Candidate
from heatnet.retrofit.duration import LEVELS, SHIPPED, outdoor, read_curve, states
from heatnet.retrofit.economics import Tariff
from heatnet.retrofit.evaluation import Ground
from heatnet.retrofit.measures import Basis
from heatnet.retrofit.prices import Prices, read_prices
from heatnet.solve import Settings, solve

CRITERIA = ("cost_per_avoided", "avoided", "lifted_per_cost", "npv", "robust")
BASELINES = ("balanced", "today")


@dataclass(frozen=True)
class Uncertainty:
    """Spread of what is not known exactly: standard deviations, of the logarithm where relative."""

    samples: int = 40
    seed: int = 1
    roughness: float = 0.3  # -, of each pipe
    loss: float = 0.25  # -, of each pipe
    load: float = 0.08  # -, heat loss coefficient of each building
    weather: float = 1.0  # K, of all outdoor temperatures together
    top: int = 5  # places that count as the top


@dataclass(frozen=True)
class Choices:
    """Choices of a ranking; the defaults suit a first look."""

    criterion: str = "cost_per_avoided"
    baseline: str = "balanced"
    rebalanced: bool = False  # balance again after each measure
    budget: float = float("nan")
    yearly: tuple[float, ...] = ()  # budgets of years, in order
    robbed: float = 0.0  # households that may be pushed below the limit
    fall: float = 0.1  # K, by which a room must fall to count as robbed: what a thermometer on site tells apart
    propose: tuple[str, ...] = ()
    tariff: Tariff = Tariff()
    uncertainty: Uncertainty = Uncertainty()
    checked: int = 200  # candidates of the top whose pressure regime is looked at


@dataclass(frozen=True)
class Study:
    """Candidates on a baseline."""

    case: Case
    choices: Choices
    prices: Prices
    today: Network
    balance: Scenario | None  # settings that the baseline has over today's state
    ground: Ground
    basis: Basis
    candidates: tuple[Candidate, ...] = ()
    unproposed: str = ""  # kinds of proposals left out, and why

    def with_(self, candidates: tuple[Candidate, ...]) -> Study:
        """The same with other candidates; HeatnetError where two have one id."""
        seen: set[str] = set()
        for one in candidates:
            if one.id in seen:
                raise HeatnetError(f"two candidates have the id '{one.id}'")
            seen.add(one.id)
        return replace(self, candidates=candidates)


def study(
    case: Case, choices: Choices | None = None, *, prices: Prices | None = None, weather: tuple[WeatherState, ...] | None = None
) -> Study:
    """A study without candidates: baseline worked out, its coldest state solved. ModelError or NotSolved where there is none."""
    choices = choices or Choices()
    prices = replace(prices or read_prices(), interest=choices.tariff.interest)
    if case.net.site.currency != prices.currency:
        raise HeatnetError(
            f"the prices are in {prices.currency}, the model's site in {case.net.site.currency}: give prices of your own in that currency "
            "(prices = \"my_prices.csv\" in [retrofit])"
        )
    weather = weather or states(LEVELS, read_curve(SHIPPED), case.net.site.season_days)
    net, balance = case.net, None
    if choices.baseline == "balanced":
        balance = balanced(coldest(net, weather), case.settings)
        net = net.apply(balance)
    ground = Ground.of(net, weather, case.profile, case.settings)
    return Study(case, choices, prices, case.net, balance, ground, basis_of(net, weather, case.settings, case.profile))


def coldest(net: Network, weather: tuple[WeatherState, ...]) -> Network:
    """A network in the coldest of its weather states."""
    return net.apply(min(weather, key=outdoor).scenario)


def basis_of(net: Network, weather: tuple[WeatherState, ...], settings: Settings, profile: Profile) -> Basis:
    """What measures are worked out on: the network, and its state in the coldest weather."""
    return Basis(net, solve(coldest(net, weather), settings), profile)
