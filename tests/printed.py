"""Which words a report prints: keys written out in its source, and keys put together with a name of the library, named here one by one.

Names that the library keeps as constants are taken from there; where it has none they are the strings that its functions hand back.
"""

import ast
import re
from dataclasses import fields
from pathlib import Path

from heatnet.balance import TARGETS
from heatnet.balance.proof import FIGURES
from heatnet.balance.shortage import REASONS as SHORTAGES
from heatnet.batch.axes import OUT
from heatnet.components.consumer import CONTROLS
from heatnet.friction import LAWS
from heatnet.network import TABLES
from heatnet.pressure_rules import REST, RUNNING
from heatnet.regime import RULES
from heatnet.report.build import LABELS, TEMPLATES
from heatnet.report.sections.inputs import ABOUT, WATCHED
from heatnet.report.sections.method import ASSUMPTIONS, FORMULAS
from heatnet.report.sections.valves import SHEET
from heatnet.retrofit import MEASURES, ranking
from heatnet.retrofit.candidate import STATES as WORK_STATES
from heatnet.retrofit.prices import NUMBERS, read_prices
from heatnet.retrofit.proposals import BY_GRADIENT
from heatnet.rooms import CAUSES, CUT_OFF, OTHER, SHUT
from heatnet.sensitivity.result import STEPS
from heatnet.solve import Residuals, Status
from heatnet.solve.substations import FLAGS, REASONS
from heatnet.valve_catalogue import valve_catalogue

HEATNET = Path(__file__).parent.parent / "heatnet"
REPORT = [path for path in sorted((HEATNET / "report").rglob("*.py")) if path.parent.name != "words"]
PAGE = sorted((HEATNET / "report" / "page").glob("*.*"))
PLANT_STATES = "solve/devices.py", ("plant_states", "_words"), ("names", "lifts")


def families() -> set[str]:
    """Keys put together with a name of the library: each must have words, and a report may print each."""
    found = {f"cause.{cause}" for cause in (*CAUSES, CUT_OFF, SHUT, OTHER)} | {f"cold.at_{cause}" for cause in CAUSES}
    found |= {f"friction.{law}" for law in LAWS} | {f"solver.{table.kind()}" for table in TABLES}
    found |= {f"solver.{item.name}" for item in fields(Residuals)} | {f"status.{status.name}" for status in Status} | {"status.FAILED"}
    found |= {f"assumed.{key}" for key in ASSUMPTIONS} | {f"formula.{key}{end}" for key in FORMULAS for end in ("", ".law", ".source")}
    found |= {f"column.{name}" for names in WATCHED.values() for name in names} | {f"control.{control}" for control in CONTROLS}
    found |= {f"column.{name}" for name in ("address", "company", "floors", "complaints")}  # of buildings, where they are given
    found |= {f"regime.rule.{rule}" for rule in RULES} | {f"regime.state.{state}" for state in (RUNNING, REST)}
    found |= {f"regime.of.{kind}" for kind in ("node", "pipe", "building", "consumer", "exchanger")}
    found |= {f"station.{flag}" for flag in FLAGS if flag not in ("holds", "fixed")}
    found |= {f"station.reason.{reason}" for reason in (*REASONS, "other")} | {f"about.{key}" for key in ABOUT}
    found |= {f"runs.kind.{kind}" for kind in OUT} | {"runs.steps", "runs.passes", "currency.CNY"}
    found |= {f"plants.state.{state}" for state in handed_back(*PLANT_STATES)}
    return found | _of_balance() | _of_retrofit()


def _of_balance() -> set[str]:
    units = {one.unit for one in valve_catalogue().values()}
    found = {f"valves.figure.{name}" for name, _ in FIGURES} | {f"valves.target.{name}" for name in TARGETS} | {"valves.opening"}
    found |= {f"valves.state.{day} day, {when}" for day in ("design", "mild") for when in ("before", "after")}
    found |= {f"valves.{word}" for word, *_ in SHEET} | {f"valves.table.{kind}" for kind in ("consumer", "valve", "plant", "pump")}
    found |= {f"valves.{kind}.{reason}" for kind in ("reason", "cause") for reason in SHORTAGES}
    notes = ("shut", "index", "backward", "short", "assumed", "range", "controller", "difference", "lift", "lift_least")
    found |= {f"valves.note.{note}" for note in notes}
    found |= {f"valves.unit.{unit}" for unit in (*units, "degC", "household", "K household")}  # of positions, and of figures
    found |= {"scenario.before", "scenario.balanced"}  # names of the states of a balance
    found |= {f"valves.page.{page}" for page in ("field_sheet", "balance", "devices", "shortages", "proof")}
    return found | {f"valves.column.{column}" for column in (
        "wanted", "before", "after", "ratio before", "ratio after", "opening before", "opening after", "difference", "valve", "authority",
        "missing", "index", "off target", "flow ratio", "pipes in the way", "reason",
    )}


def _of_retrofit() -> set[str]:
    found = {f"measure.{key}" for key in MEASURES} | {f"state.{state}" for state in (*WORK_STATES, "delivered")}
    found |= {f"guard.{key}" for key in (ranking.OK, ranking.UNSOLVED, ranking.NOTHING, ranking.ROBS, ranking.PRESSURE)}
    found |= {f"worth.{name}" for name in (*STEPS, "link")} | {f"propose.{kind}" for kind in BY_GRADIENT}
    entries = read_prices().entries.values()
    found |= {f"unit.{one.unit}" for one in entries} | {f"price.{one.verified}" for one in entries} | {"price.user", "price.yes"}
    return found | {f"price.{name}" for name in NUMBERS} | {"ranking.rank", "ranking.avoided"}  # the last two of the confidence table


def handed_back(file: str, functions: tuple[str, ...], names: tuple[str, ...]) -> set[str]:
    """Strings that functions put under these names."""
    tree, found = ast.parse((HEATNET / file).read_text(encoding="utf-8")), set()
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in functions):
        for node in (node for node in ast.walk(function) if isinstance(node, ast.Assign)):
            targets = {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
            if targets & set(names):
                found |= {one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def written() -> tuple[set[str], set[str]]:
    """Keys that the source hands to `say` outright, and all that could be keys: quoted in the source, or named by the page's script."""
    lists = re.compile(r"^(LABELS|TEMPLATES) = \(.*?\)", re.DOTALL | re.MULTILINE)  # a label is printed where the page takes it
    source = "\n".join(lists.sub("", path.read_text(encoding="utf-8")) for path in REPORT)
    source += (HEATNET / "report" / "words" / "__init__.py").read_text(encoding="utf-8").replace("self(", "say(")
    page = "\n".join(path.read_text(encoding="utf-8") for path in PAGE if path.suffix in (".js", ".html"))
    said = set(re.findall(r'say\(\s*"([\w.]+)"', source))
    dotted = set(re.findall(r"[\"']([\w]+\.[\w.]+)[\"']", source))
    either = set(re.findall(r'say\("(\w+)" if \w+ else "(\w+)"\)', source))
    labels = {key for key in (*LABELS, *TEMPLATES) if _named(key, page + source)}
    plain = {key for pair in either for key in pair} | labels
    assert {*LABELS, *TEMPLATES} == labels, "labels handed to the page that it does not print"
    return said, said | dotted | plain


def _named(key: str, page: str) -> bool:
    """Whether a page's script or template, or the workbook, takes a label: of its words or labels, or by its dotted name."""
    taken = rf"(?:words|labels)(?:\.{re.escape(key)}\b|\[[^\]]*[\"']{re.escape(key)}[\"'])|fill\([^)]*\"{re.escape(key)}\""
    listed = rf"for key in \([^)]*\"{re.escape(key)}\""
    return bool(re.search(f"{taken}|{listed}", page)) or ("." in key and f'"{key}"' in page)
