"""The measures by name, one file each; each says what work follows from its options."""

from heatnet.retrofit.measures.balancing import Balancing
from heatnet.retrofit.measures.booster import Booster
from heatnet.retrofit.measures.building_station import BuildingStation
from heatnet.retrofit.measures.controller import Controller
from heatnet.retrofit.measures.descaling import Descaling
from heatnet.retrofit.measures.envelope import Envelope
from heatnet.retrofit.measures.exchanger import ExchangerPlates
from heatnet.retrofit.measures.flushing import Flushing
from heatnet.retrofit.measures.insulation import Insulation
from heatnet.retrofit.measures.lift import Lift
from heatnet.retrofit.measures.limiter import Limiter
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work
from heatnet.retrofit.measures.mixing import Mixing
from heatnet.retrofit.measures.parallel import Parallel
from heatnet.retrofit.measures.peak_boiler import PeakBoiler
from heatnet.retrofit.measures.plant import NewPlant
from heatnet.retrofit.measures.pump import PumpWork
from heatnet.retrofit.measures.radiators import Radiators
from heatnet.retrofit.measures.setting import Setting
from heatnet.retrofit.measures.strainer import Strainer
from heatnet.retrofit.measures.supply_temperature import SupplyTemperature
from heatnet.retrofit.measures.thermostat import Thermostat
from heatnet.retrofit.measures.tie import Tie
from heatnet.retrofit.measures.upsizing import Upsizing
from heatnet.retrofit.measures.user_pumps import UserPumps
from heatnet.retrofit.measures.valve import NewValve

MEASURES: dict[str, type[Measure]] = {
    one.key: one
    for one in (
        Balancing, NewValve, Setting, Limiter, Controller, Thermostat, Booster, UserPumps, PumpWork, Lift, Mixing, Upsizing, Parallel, Tie,
        Insulation, Strainer, Flushing, Radiators, Envelope, ExchangerPlates, Descaling, BuildingStation, PeakBoiler, NewPlant,
        SupplyTemperature,
    )
}

__all__ = ["MEASURES", "Basis", "Item", "Measure", "Work"]
