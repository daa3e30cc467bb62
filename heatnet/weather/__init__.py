"""Weather: hourly outdoor temperatures from files or from the Harbin generator, and the ground by depth and day."""

from heatnet.weather.files import read_weather
from heatnet.weather.generator import HARBIN, Climate, generate
from heatnet.weather.ground import Ground, climate_file
from heatnet.weather.series import Weather

__all__ = ["HARBIN", "Climate", "Ground", "Weather", "climate_file", "generate", "read_weather"]
