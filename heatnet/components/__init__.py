"""The components, in the order of edge numbering."""

from heatnet.components.consumer import Consumer
from heatnet.components.edge import Edge, Fluid, Law, Scene
from heatnet.components.exchanger import Exchanger, Secondary
from heatnet.components.pipe import Pipe
from heatnet.components.plant import Plant
from heatnet.components.pump import Pump
from heatnet.components.terminal import Terminals
from heatnet.components.valve import Valve

EDGES: tuple[type[Edge], ...] = (Pipe, Valve, Pump, Plant, Consumer, Exchanger)  # tables
PARTS: tuple[type[Edge], ...] = (*EDGES, Secondary)  # an exchanger is two edges, one in each network

__all__ = [
    "EDGES", "PARTS", "Consumer", "Edge", "Exchanger", "Fluid", "Law", "Pipe", "Plant", "Pump", "Scene", "Secondary", "Terminals", "Valve",
]
