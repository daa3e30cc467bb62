"""What changes of a network do to its users: every scenario exactly re-simulated under every weather state, told in a few figures."""

from heatnet.effects.figures import FIGURES
from heatnet.effects.result import Effects, WeatherState
from heatnet.effects.run import effects

__all__ = ["FIGURES", "Effects", "WeatherState", "effects"]
