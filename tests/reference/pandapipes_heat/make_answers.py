"""Writes answers.json here: small networks with heat loss and mixing, solved by pandapipes.

    python make_answers.py        (needs pandapipes, which heatnet itself does not)

Each network is one of open lines: nodes, some of them held at a pressure with a temperature of entering water, some drawing a
flow; pipes with a heat loss coefficient per square metre of bore and a temperature of the ground.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandapipes
from pandapipes.create import create_ext_grid, create_junction, create_pipe_from_parameters, create_sink
from pandapipes.properties import create_constant_fluid
from pandapipes.properties.fluids import _add_fluid_to_net

FLUID = {"density": 971.8, "viscosity": 3.54e-4, "heat_capacity": 4197.0}
HERE = Path(__file__).parent


def pipe(tail: int, head: int, length: float, diameter: float, u: float = 1.0, *, ground: float = 278.15) -> dict[str, float]:
    return {"tail": tail, "head": head, "length": length, "diameter": diameter, "roughness": 5e-4, "u": u, "ground": ground}


def networks() -> dict[str, dict[str, Any]]:
    """Held: {node: (Pa, K of entering water)}; draw: {node: kg/s}; u in W/(m2 K) on the bore; SI units."""
    return {
        "loop": {
            "nodes": 4, "held": {0: (6e5, 363.15)}, "draw": {2: 3.0, 3: 1.5},
            "pipes": [pipe(0, 1, 300, 0.1), pipe(1, 2, 500, 0.065), pipe(2, 3, 400, 0.05), pipe(0, 3, 700, 0.065)],
        },
        "loop drawn backwards": {
            "nodes": 4, "held": {0: (6e5, 363.15)}, "draw": {2: 3.0, 3: 1.5},
            "pipes": [pipe(1, 0, 300, 0.1), pipe(2, 1, 500, 0.065), pipe(3, 2, 400, 0.05), pipe(3, 0, 700, 0.065)],
        },
        "two sources of different temperature": {
            "nodes": 5, "held": {0: (6e5, 368.15), 4: (5.97e5, 333.15)}, "draw": {1: 1.0, 2: 4.0, 3: 2.0},
            "pipes": [pipe(0, 1, 600, 0.1), pipe(1, 2, 300, 0.08), pipe(3, 2, 350, 0.065), pipe(4, 3, 500, 0.1), pipe(1, 3, 450, 0.05)],
        },
        "two loops, much loss": {
            "nodes": 6, "held": {0: (7e5, 353.15)}, "draw": {2: 0.8, 3: 0.5, 4: 1.2, 5: 0.4},
            "pipes": [
                pipe(0, 1, 900, 0.08, 4.0), pipe(1, 2, 800, 0.05, 4.0), pipe(2, 3, 600, 0.04, 4.0), pipe(3, 4, 500, 0.04, 4.0),
                pipe(1, 4, 700, 0.05, 4.0), pipe(4, 5, 400, 0.04, 4.0), pipe(5, 2, 650, 0.032, 4.0),
            ],
        },
        "grounds that differ": {
            "nodes": 5, "held": {0: (6e5, 358.15)}, "draw": {3: 1.0, 4: 2.0},
            "pipes": [
                pipe(0, 1, 400, 0.08, 2.0, ground=268.15), pipe(0, 2, 500, 0.065, 3.0, ground=288.15),
                pipe(1, 3, 600, 0.05, 2.0, ground=273.15), pipe(2, 3, 450, 0.05, 1.5, ground=283.15),
                pipe(3, 4, 300, 0.065, 2.5, ground=278.15),
            ],
        },
        "mesh of nine": {
            "nodes": 9, "held": {0: (6.5e5, 368.15), 8: (6.5e5, 348.15)}, "draw": {1: 1.2, 2: 0.9, 3: 1.1, 4: 2.4, 5: 1.3, 6: 0.8, 7: 1.7},
            "pipes": [
                pipe(0, 1, 400, 0.08), pipe(2, 1, 350, 0.05), pipe(0, 3, 420, 0.08), pipe(1, 4, 380, 0.05), pipe(5, 2, 300, 0.05),
                pipe(3, 4, 500, 0.05), pipe(4, 5, 450, 0.05), pipe(3, 6, 330, 0.05), pipe(7, 4, 410, 0.065), pipe(8, 5, 390, 0.08),
                pipe(6, 7, 360, 0.04), pipe(7, 8, 310, 0.08),
            ],
        },
    }


def solved(case: dict[str, Any]) -> dict[str, list[float]]:
    net = pandapipes.create_empty_network()
    _add_fluid_to_net(net, create_constant_fluid("water", "liquid", **FLUID))
    for _ in range(case["nodes"]):
        create_junction(net, pn_bar=5, tfluid_k=340)
    for node, (pressure, temperature) in case["held"].items():
        create_ext_grid(net, node, p_bar=pressure / 1e5, t_k=temperature)
    for node, flow in case["draw"].items():
        create_sink(net, node, mdot_kg_per_s=flow)
    for row in case["pipes"]:
        create_pipe_from_parameters(
            net, row["tail"], row["head"], length_km=row["length"] / 1e3, inner_diameter_mm=row["diameter"] * 1e3,
            k_mm=row["roughness"] * 1e3, u_w_per_m2k=row["u"], text_k=row["ground"], sections=1,
        )
    pandapipes.pipeflow(
        net, mode="bidirectional", friction_model="colebrook", max_iter_hyd=200, max_iter_therm=200, max_iter_bidirect=200,
        max_iter_colebrook=200, tolerance_colebrook=1e-12, tol_p=1e-9, tol_m=1e-9, tol_T=1e-9, tol_res=1e-6,
    )
    return {
        "flow": net.res_pipe.mdot_from_kg_per_s.tolist(), "outlet": net.res_pipe.t_outlet_k.tolist(),
        "pressure": (net.res_junction.p_bar * 1e5).tolist(), "temperature": net.res_junction.t_k.tolist(),
    }


if __name__ == "__main__":
    cases = networks()
    for case in cases.values():
        case["answer"] = solved(case)
    about = {"written by": "make_answers.py", "pandapipes": pandapipes.__version__, "numpy": np.__version__}
    parts = [f'"{name}": {json.dumps(case)}'.replace(', {"tail"', ',\n {"tail"') for name, case in cases.items()]
    text = f'{{"about": {json.dumps(about)},\n"fluid": {json.dumps(FLUID)},\n"networks": {{\n' + ",\n".join(parts) + "}}\n"
    (HERE / "answers.json").write_text(text, encoding="utf-8")
