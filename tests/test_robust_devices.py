"""Random networks of all device kinds: every answer holds by its certificate, every refusal is true."""

from benchmarks.odd_city import odd_city
from benchmarks.robust import verdict
from heatnet.arrays import compile
from heatnet.solve import Settings, solve


def test_odd_cities():
    said = []
    for seed in range(25):
        net = compile(odd_city(seed, 100), checked=True)
        said += [verdict(solve(net, Settings(heat=heat), throw=False)) for heat in (False, True)]
    assert not [one for one in said if one.startswith("WRONG")]
    assert sum(one.startswith("CONVERGED") for one in said) >= 0.9 * len(said), said
