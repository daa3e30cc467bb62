"""The components, in the order of edge numbering."""

from heatnet.components.consumer import Consumer
from heatnet.components.edge import Edge, Fluid, Law, Scene
from heatnet.components.pipe import Pipe
from heatnet.components.plant import Plant
from heatnet.components.pump import Pump
from heatnet.components.terminal import Terminals
from heatnet.components.valve import Valve

EDGES: tuple[type[Edge], ...] = (Pipe, Valve, Pump, Plant, Consumer)

__all__ = ["EDGES", "Consumer", "Edge", "Fluid", "Law", "Pipe", "Plant", "Pump", "Scene", "Terminals", "Valve"]
