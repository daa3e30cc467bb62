"""A town in which every name that a user may choose tries to break the page, the workbook or a spreadsheet."""

from dataclasses import replace
from types import MappingProxyType

from towns import town

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import TABLES, Building, Curve, Network, Node
from heatnet.units import KELVIN

WORDS = (
    "</script><script>window.broken=1</script>", '" onmouseover="window.broken=1" x="', "<img src=x onerror=window.broken=1>",
    "'><svg onload=window.broken=1>", "line\u2028end\u2029", "{{7*7}}", "%{x}%{customdata}", "$&$1", "__proto__",
    "=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")', "&lt;b&gt;", "a#b=c?d", "50%",
)


def bad(name: object, at: int) -> str:
    """A name that is still unique."""
    return f"{WORDS[at % len(WORDS)]}{name}"


def evil_town() -> Network:
    """The town of `towns` with such words as ids of nodes, inlets, pipes, plants, buildings, and in every column of free text."""
    net = town()
    nodes = {name: bad(name, at) for at, name in enumerate(net[Node].id)}
    inlets = {name: bad(name, at) for at, name in enumerate(net[Consumer].id)}
    homes = {name: bad(name, at) for at, name in enumerate(net[Building].id)}
    net = net.replace_table(net[Node].with_(id=list(nodes.values())))
    for kind in (Pipe, Plant, Consumer):
        table = net[kind]
        ends = {end: [nodes[name] for name in getattr(table, end)] for end in ("tail", "head")}
        ids = list(inlets.values()) if kind is Consumer else [bad(name, at) for at, name in enumerate(table.id)]
        net = net.replace_table(table.with_(id=ids, **ends))
    net = net.replace_table(net[Building].with_(id=list(homes.values()), consumer=[inlets[name] for name in net[Building].consumer]))
    for kind in TABLES:
        table = net.tables[kind]
        free = [name for name, item in kind.columns().items() if item.text and not item.refers and not item.choices]
        for name in set(free) - {"id", "type", "curve", "rating", "connection", "system"} if len(table) else ():
            table = table.with_(**{name: [WORDS[(row + 3) % len(WORDS)] for row in range(len(table))]})
        net = net.replace_table(table)
    return replace(net, name=WORDS[0], about=MappingProxyType({"title": WORDS[1], "source": WORDS[2], WORDS[3]: WORDS[9]}))


def evil_curves() -> Network:
    """The same with a heating curve of such a name, as a model folder can hold it: no blanks at the ends of a text."""
    net = evil_town()
    for kind in TABLES:
        table = net.tables[kind]
        columns = [name for name, item in kind.columns().items() if item.text and len(table)]
        net = net.replace_table(table.with_(**{name: [text.strip() for text in getattr(table, name)] for name in columns}))
    plant = net[Plant].with_(curve=[WORDS[2]], supply_temperature=float("nan"))
    curve = Curve((KELVIN - 24.2, KELVIN + 5.0), (KELVIN + 75.0, KELVIN + 45.0))
    about = {key: text.strip() for key, text in net.about.items()}
    return replace(net.replace_table(plant), curves=MappingProxyType({WORDS[2]: curve}), about=MappingProxyType(about))


def is_number(text: str) -> bool:
    """Whether a cell of a table holds a number, which may begin with a sign."""
    try:
        float(text)
    except ValueError:
        return False
    return True
