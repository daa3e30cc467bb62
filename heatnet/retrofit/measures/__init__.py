"""The measures by name; each says what work follows from its options."""

from heatnet.retrofit.measures.balancing import Balancing
from heatnet.retrofit.measures.buildings import Envelope, ExchangerPlates, Radiators
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work
from heatnet.retrofit.measures.pipes import Flushing, Insulation, Parallel, Tie, Upsizing
from heatnet.retrofit.measures.pumps import Booster, Lift, PumpWork, UserPumps
from heatnet.retrofit.measures.sources import NewPlant, PeakBoiler, SupplyTemperature
from heatnet.retrofit.measures.valves import Limiter, NewValve, Setting, Strainer

MEASURES: dict[str, type[Measure]] = {
    one.key: one
    for one in (
        Balancing, NewValve, Setting, Limiter, Booster, UserPumps, PumpWork, Lift, Upsizing, Parallel, Tie, Insulation, Strainer,
        Flushing, Radiators, Envelope, ExchangerPlates, PeakBoiler, NewPlant, SupplyTemperature,
    )
}

__all__ = ["MEASURES", "Basis", "Item", "Measure", "Work"]
