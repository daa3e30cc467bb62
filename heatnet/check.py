from heatnet.network import Network
from heatnet.errors import Problem
def check(net: Network) -> tuple[Problem, ...]:
    return ()
