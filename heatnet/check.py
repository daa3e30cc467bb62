from heatnet.errors import Problem
from heatnet.network import Network


def check(net: Network) -> tuple[Problem, ...]:
    return ()
