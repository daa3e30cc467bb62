"""Proposals for lines: bottleneck pipes, wet insulation, boosters for far clusters, ties between near-by places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heatnet.components import Pipe, Valve
from heatnet.network import Building, Node
from heatnet.retrofit.measures.booster import Booster
from heatnet.retrofit.measures.insulation import Insulation
from heatnet.retrofit.measures.laying import straight
from heatnet.retrofit.measures.measure import fitting, sizes
from heatnet.retrofit.measures.parallel import Parallel
from heatnet.retrofit.measures.setting import Setting
from heatnet.retrofit.measures.tie import Tie
from heatnet.retrofit.measures.upsizing import Upsizing
from heatnet.retrofit.proposals.proposal import Look, Proposal
from heatnet.schema import Bools, Floats, Longs
from heatnet.topology import ends

EXPONENT = 5.25  # of the diameter in the gradient of rough pipe


def bottlenecks(look: Look) -> list[Proposal]:
    """Steep pipes whose widening relieves cold homes: larger ones, or a second beside."""
    pipe, gain = look.basis.net[Pipe], -look.worth.gradient["pipe"]["diameter"]
    steep = look.gradient > look.limits.gradient
    found: list[Proposal] = []
    seen: set[int] = set()
    for at in np.argsort(-np.where(steep, gain * pipe.diameter, 0.0), kind="stable").tolist():
        twin = int(look.twins[at])
        if len(found) >= 2 * look.limits.most or not steep[at] or gain[at] <= 0.0:
            break
        if at in seen:
            continue
        seen |= {at, twin}
        need = float(pipe.diameter[at]) * (float(look.gradient[at]) / look.limits.aim) ** (1.0 / EXPONENT)
        wider = [one for one in sizes() if one.diameter > max(need, 1.03 * float(pipe.diameter[at]))]
        if not wider:
            continue
        place, words = str(pipe.id[at]), (look.gradient[at], gain[at] * 1e-3)
        zh = "比摩阻 {:.0f} Pa/m；管径每加大 1 mm，每采暖季亏缺减少 {:.0f} K·h·户".format(*words)
        en = "gradient {:.0f} Pa/m; 1 mm more diameter takes {:.0f} K h household of a season's deficit away".format(*words)
        larger, second = Upsizing(look.both(at), wider[0].name), Parallel(look.both(at))
        found.append(Proposal(place, larger, zh, en, (f"parallel:{place}",)))
        found.append(Proposal(place, second, zh, en, (f"upsizing:{place}",)))
    return found


def insulation(look: Look) -> list[Proposal]:
    """Connected pipes that lose far more heat than bonded pipe would, and cool their water fast."""
    basis, limits = look.basis, look.limits
    pipe, state = basis.net[Pipe], basis.state
    dry = np.array([fitting(float(one)).loss for one in pipe.diameter])
    span = state.of(Pipe)
    with np.errstate(divide="ignore", invalid="ignore"):
        drop = np.nan_to_num((state.t_in[span] - state.t_out[span]) / pipe.length * 1e3)
    wet = (pipe.loss > limits.loss * dry) & (np.abs(drop) > limits.drop) & (pipe.length > 0.0)
    gain = np.maximum(look.worth.gradient["pipe"]["loss"], 0.0) * (pipe.loss - dry)
    groups = _groups(look, wet)
    value = {label: float(gain[groups == label].sum()) for label in set(groups[wet].tolist())}
    found = []
    for label in sorted(value, key=lambda one: -value[one])[: limits.most]:
        rows = np.flatnonzero(groups == label)
        worst = rows[np.argmax(pipe.loss[rows] / dry[rows])]
        words = (float(pipe.length[rows].sum()), float(pipe.loss[worst] / dry[worst]), float(np.abs(drop[rows]).max()))
        zh = "{:.0f} m 管道热损失最高为直埋保温管的 {:.1f} 倍，最大温降 {:.1f} K/km".format(*words)
        en = "{:.0f} m of pipe lose up to {:.1f} times the heat of bonded pipe; water cools by up to {:.1f} K/km".format(*words)
        first = str(pipe.id[rows[np.argmax(gain[rows])]])
        found.append(Proposal(first, Insulation(tuple(str(one) for one in pipe.id[rows])), zh, en))
    return found


def far_clusters(look: Look) -> list[Proposal]:
    """Pipes where a pump would relieve most, on the way to homes that lack flow."""
    basis = look.basis
    pipe, rooms = basis.net[Pipe], basis.rooms
    lacking = rooms.cold & (rooms.cause == "flow")
    gain, flow = -look.worth.gradient["pipe"]["boost"], np.abs(basis.state.m[basis.state.of(Pipe)])
    if not lacking.any():
        return []
    found: list[Proposal] = []
    taken: set[str] = set()
    for at in np.argsort(-gain, kind="stable").tolist():
        if len(found) >= look.limits.most // 2 or gain[at] <= 0.0:
            break
        if flow[at] < 0.5 or {pipe.tail[at], pipe.head[at]} & taken:
            continue
        taken |= _around(look, at)
        words = (gain[at] * 1e3, float(basis.net[Building].households[lacking].sum()))
        zh = "此处每增压 1 kPa，每采暖季亏缺减少 {:.0f} K·h·户；全网 {:.0f} 户缺流量".format(*words)
        en = "1 kPa more here takes {:.0f} K h household of a season's deficit away; {:.0f} households lack flow".format(*words)
        found.append(Proposal(str(pipe.id[at]), Booster(str(pipe.id[at]), look.limits.lift), zh, en))
    return found


@dataclass(frozen=True)
class _Pair:
    """Two near-by places; water would run from a to b in the supply and back in the return."""

    a: int
    b: int
    back_a: int
    back_b: int
    worth: float  # K h household per kg/s


def ties(look: Look) -> list[Proposal]:
    """Pairs of near-by supply nodes that no link joins, where a connection relieves; and closed valves between two places."""
    node = look.basis.net[Node]
    bore = _bore(look)
    found = _closed(look)
    taken: set[int] = set()
    for pair in pairs(look):
        if len(found) >= look.limits.most:
            break
        if {pair.a, pair.b} & taken:
            continue
        taken |= {pair.a, pair.b}
        kind = fitting(float(min(bore[pair.a], bore[pair.b])))
        a, b, back_a, back_b = (str(node.id[at]) for at in (pair.a, pair.b, pair.back_a, pair.back_b))
        words = (straight(node, a, b), -pair.worth)
        zh = "两处相距 {:.0f} m；每调配 1 kg/s，每采暖季亏缺减少 {:.0f} K·h·户".format(*words)
        en = "{:.0f} m apart; every kg/s led over takes {:.0f} K h household of a season's deficit away".format(*words)
        found.append(Proposal(f"{a}-{b}", Tie(a, b, back_b, back_a, kind.name), zh, en))
    return found


def pairs(look: Look) -> list[_Pair]:
    """Pairs within the radius, the best first."""
    from scipy.spatial import cKDTree  # noqa: PLC0415

    net, state = look.basis.net, look.basis.state
    node = net[Node]
    graph = ends(net)
    joined = {frozenset(pair) for pair in zip(graph.tail.tolist(), graph.head.tolist(), strict=True)}
    usable = np.flatnonzero((look.side == 1) & (look.partners >= 0) & ~np.isnan(state.p) & ~state.still)
    if usable.size < 2:
        return []
    near = cKDTree(np.column_stack([node.x[usable], node.y[usable]])).query_pairs(look.limits.radius, output_type="ndarray")
    a, b = usable[near[:, 0]], usable[near[:, 1]]
    free = np.array([frozenset((int(i), int(j))) not in joined for i, j in zip(a, b, strict=True)], dtype=bool)
    a, b = a[free], b[free]
    head = state.p + 970.0 * state.settings.gravity * node.height
    turned = head[a] < head[b]
    a, b = np.where(turned, b, a), np.where(turned, a, b)
    back_a, back_b = look.partners[a], look.partners[b]
    worth = look.worth.link(a.astype(np.int32), b.astype(np.int32)) + look.worth.link(back_b.astype(np.int32), back_a.astype(np.int32))
    driving = (head[a] - head[b]) + (head[back_b] - head[back_a])
    value = np.where((worth < 0.0) & (driving > 500.0), -worth * np.sqrt(np.clip(driving, 0.0, 1e4)), 0.0)
    order = [int(at) for at in np.argsort(-value, kind="stable") if value[at] > 0.0]
    return [_Pair(int(a[at]), int(b[at]), int(back_a[at]), int(back_b[at]), float(worth[at])) for at in order]


def _closed(look: Look) -> list[Proposal]:
    """Valves in lines that are shut on both sides of one place."""
    valve, state = look.basis.net[Valve], look.basis.state
    shut = valve.closed()
    names = tuple(str(one) for one in valve.id[shut])
    if not names:
        return []
    across = float(np.nanmax(np.abs(state.difference(Valve)[shut]))) / 1e3
    zh = f"联络阀关闭，两侧压差 {across:.1f} kPa"
    return [Proposal(names[0], Setting((), names), zh, f"closed valves; {across:.1f} kPa across them")]


def _bore(look: Look) -> Floats:
    """Largest diameter of the pipes at each node [m], (nodes,)."""
    net = look.basis.net
    graph = ends(net)
    span = graph.spans[Pipe]
    bore = np.full(len(net[Node]), 0.05)
    for side in (graph.tail[span], graph.head[span]):
        np.maximum.at(bore, side, net[Pipe].diameter)
    return bore


def _groups(look: Look, chosen: Bools) -> Longs:
    """Label of connected pipes among those chosen, twins with each other; -1 for the others, (pipes,)."""
    graph = ends(look.basis.net)
    span = graph.spans[Pipe]
    tail, head = graph.tail[span], graph.head[span]
    rows = np.flatnonzero(chosen)
    with_twin = rows[(look.twins[rows] >= 0) & chosen[look.twins[rows]]]
    a = np.concatenate([tail[rows], tail[with_twin]])
    b = np.concatenate([head[rows], tail[look.twins[with_twin]]])
    nodes = len(look.basis.net[Node])
    label = connected_components(coo_array((np.ones(a.size), (a, b)), shape=(nodes, nodes)), directed=False)[1]
    return np.where(chosen, label[tail], -1)


def _around(look: Look, at: int) -> set[str]:
    """Nodes of a pipe and of those next to it: one booster is enough there."""
    pipe = look.basis.net[Pipe]
    own = [pipe.tail[at], pipe.head[at]]
    near = np.isin(pipe.tail, own) | np.isin(pipe.head, own)
    return {str(one) for one in np.concatenate([pipe.tail[near], pipe.head[near]])}
