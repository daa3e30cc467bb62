"""heatnet: which homes of a district-heating network are cold, why, and what to do about it first."""

from heatnet.arrays import Arrays, compile
from heatnet.balance import Balance, balance
from heatnet.batch import open_run, run
from heatnet.case import Case, read_case
from heatnet.change import Change, Scenario
from heatnet.check import check
from heatnet.components import Consumer, Exchanger, Pipe, Plant, Pump, Valve
from heatnet.effects import Effects, WeatherState, effects
from heatnet.errors import HeatnetError, ModelError, NotSolved, Problem, ReadError
from heatnet.network import Building, Curve, Network, Node, Site, reset_curve
from heatnet.pressure_limits import PressureLimits, pressure_limits
from heatnet.profile import Profile, profile
from heatnet.read import read, write_folder
from heatnet.regime import Regime, regime
from heatnet.rooms import Rooms, rooms
from heatnet.sensitivity import Deficit, Sensitivities, sensitivities
from heatnet.solve import Many, Settings, Solver, State, Status, solve, solve_many
from heatnet.version import VERSION
from heatnet.water import ConstantWater, Water
from heatnet.weather import Weather, read_weather

__version__ = VERSION

__all__ = [
    "Arrays", "Balance", "Building", "Case", "Change", "ConstantWater", "Consumer", "Curve", "Deficit", "Effects", "Exchanger",
    "HeatnetError", "Many", "ModelError", "Network", "Node", "NotSolved", "Pipe", "Plant", "PressureLimits", "Problem", "Profile",
    "Pump", "ReadError", "Regime", "Rooms", "Scenario", "Sensitivities", "Settings", "Site", "Solver", "State", "Status", "Valve",
    "Water", "Weather", "WeatherState", "__version__", "balance", "check", "compile", "effects", "open_run", "pressure_limits",
    "profile", "read", "read_case", "read_weather", "regime", "reset_curve", "rooms", "run", "sensitivities", "solve", "solve_many",
    "write_folder",
]
