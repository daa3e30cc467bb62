"""Warnings of the check in the language of the report; a kind without words here stays as the check says it."""

from __future__ import annotations

import re

from heatnet.errors import Problem
from heatnet.report.words import Words

KINDS = {  # key of words: what the check says
    "warning.dangling": re.compile(r"dangling end: nothing else is joined to node '(?P<node>.*)', no water will flow"),
    "warning.alone": re.compile(r"nothing is joined to this node"),
    "warning.cut_off": re.compile(r"nodes (?P<nodes>.*) are cut off from every plant \(closed valves\?\): no heat reaches them"),
    "warning.bypass": re.compile(r"no building and no heat_given: it passes water unused, as a bypass"),
    "warning.shut": re.compile(r"no open path leads here from a plant but through other consumers; is a valve closed\?"),
}


def told(warning: object, say: Words) -> str:
    """A warning as printed: place as in the files, text in the language of the report.

    >>> told(Problem("nothing is joined to this node", "node", "N7", warning=True), Words("zh"))
    "node 'N7'：该节点未连接任何设备"
    """
    if say.lang == "en" or not isinstance(warning, Problem):
        return str(warning)
    for key, kind in KINDS.items():
        if found := kind.fullmatch(warning.text):
            place = f"{warning.table} '{warning.id}'" if warning.id else warning.table
            at = f"{warning.where}：{place}" if warning.where else place
            return say("station.because", text=at, reason=say(key, **found.groupdict()))
    return str(warning)
