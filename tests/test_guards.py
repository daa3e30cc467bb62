"""What keeps the code in shape: layers, kernels, sizes, imports."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from heatnet import jit

HEATNET = Path(__file__).resolve().parents[1] / "heatnet"
FILES = sorted(HEATNET.rglob("*.py"))
LAYER = {
    "cli": 11,
    "console": 11,
    "verbs": 11,
    "verbs_retrofit": 11,
    "__main__": 11,
    "retrofit": 10,
    "report": 10,
    "batch": 9,
    "messages": 9,
    "case": 9,
    "balance": 8,
    "effects": 8,
    "valve_catalogue": 8,
    "sensitivity": 8,
    "store": 8,
    "read": 8,
    "rooms": 7,
    "paths": 7,
    "solve": 6,
    "check": 5,
    "topology": 5,
    "arrays": 5,
    "merging": 5,
    "regulated": 5,
    "names": 4,
    "program": 5,
    "feeding": 5,
    "network": 4,
    "weather": 4,
    "pipe_catalogue": 4,
    "catalogue": 4,
    "pipe_loss": 4,
    "components": 3,
    "change": 3,
    "profile": 3,
    "pressure_limits": 3,
    "pressure_rules": 7,
    "regime": 7,
    "friction": 2,
    "linear": 2,
    "ordering": 2,
    "errors": 1,
    "units": 1,
    "schema": 1,
    "water": 1,
    "simd": 1,
    "simd_functions": 1,
    "jit": 1,
    "version": 1,
}
DATA = {"words"}  # tables, not code
NUMBA = {"jit", "simd", "simd_functions"}
KERNELS = {"friction", "ordering", "feeding", "linear", "components", "solve", "rooms", "simd", "effects", "sensitivity"}
HEAVY = ("numba", "pandas", "plotly", "networkx", "h5py", "jinja2", "rich")


def name(path):
    """Layer a file belongs to: its folder or its own name."""
    return path.relative_to(HEATNET).with_suffix("").parts[0]


def imports(tree, *, typing=False):
    """Modules imported, those for type checkers left out unless asked for."""
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not typing and id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "heatnet":
                yield from (f"heatnet.{alias.name}" for alias in node.names)
            else:
                yield node.module


def kernels(tree):
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id in ("kernel", "inlined") for mark in node.decorator_list)
    }


@pytest.fixture(scope="module")
def trees():
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_every_file_has_a_layer():
    unknown = {name(path) for path in FILES} - set(LAYER) - {"__init__"}
    assert not unknown, f"say in LAYER where {unknown} stand"


def test_imports_point_down(trees):
    wrong = []
    for path, tree in trees.items():
        if name(path) == "__init__":
            continue
        for module in imports(tree):
            parts = module.split(".")
            if parts[0] != "heatnet" or len(parts) < 2 or parts[1] not in LAYER:
                continue
            same_folder = parts[1] == name(path)
            if LAYER[parts[1]] > LAYER[name(path)] or (
                LAYER[parts[1]] == LAYER[name(path)] and name(path) in ("schema", "jit") and not same_folder
            ):
                wrong.append(f"{path.relative_to(HEATNET)} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_solvers_know_nothing_of_files_and_reports(trees):
    wrong = [
        f"{path.relative_to(HEATNET)} imports {module}"
        for path, tree in trees.items()
        if name(path) == "solve"
        for module in imports(tree)
        if (module.split(".")[0] in ("h5py", "networkx", "pandas", "plotly") and not late(tree, module))
        or module in ("heatnet.read", "heatnet.report")
    ]
    assert not wrong


def late(tree, module):
    """Whether a module is only imported inside functions."""
    return all(
        module not in list(imports(ast.Module([node], []))) for node in tree.body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))
    )


def test_numba_only_in_its_place(trees):
    for path, tree in trees.items():
        if name(path) not in NUMBA:
            assert not any(module.split(".")[0] in ("numba", "llvmlite") for module in imports(tree)), path
        if kernels(tree):
            assert name(path) in KERNELS, path


def test_compiled_kernels_are_bound_to_every_file_they_call_into(trees):
    """numba's cache knows the file of a kernel only; heatnet's stamp must cover those its kernels call into as well."""
    home = {kernel: path for path, tree in trees.items() for kernel in kernels(tree)}
    for path, tree in trees.items():
        own = kernels(tree)
        if not own:
            continue
        module = "heatnet." + ".".join(path.relative_to(HEATNET).with_suffix("").parts)
        importlib.import_module(module)
        covered = {Path(source) for source in jit.sources(module)}
        assert path in covered
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in own:
                called = {call.func.id for call in ast.walk(node) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}
                assert {home[one] for one in called - own if one in home} <= covered, f"{path.name}: {node.name}"
        if any(module == "heatnet.simd" for module in imports(tree)):
            assert HEATNET / "simd.py" in covered


def test_an_edit_changes_the_stamp(tmp_path, monkeypatch):
    before = jit.stamp("heatnet.solve.newton")
    original = Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda self, *args: original(self, *args) + ("# edited\n" if self.name == "laws.py" else "")
    )
    jit.stamp.cache_clear()
    assert jit.stamp("heatnet.solve.newton") != before
    monkeypatch.undo()
    jit.stamp.cache_clear()
    assert jit.stamp("heatnet.solve.newton") == before


def test_import_is_light():
    loaded = f"import sys, heatnet; print([m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
    assert out.stderr == ""


def test_library_does_not_print(trees):
    for path, tree in trees.items():
        if name(path) in ("cli", "verbs"):
            continue
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"), f"{path}:{node.lineno}"


def test_sizes(trees):
    for path, tree in trees.items():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 300 or path.stem in DATA, f"{path.relative_to(HEATNET)} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                length = (node.end_lineno or 0) - first.lineno + 1
                assert length <= 65 if node.name in kernels(tree) else length <= 60, f"{path.name}: {node.name} has {length} lines"


def test_public_functions_say_what_they_do(trees):
    for path, tree in trees.items():
        public = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")]
        for node in public:
            assert ast.get_docstring(node), f"{path.name}: {node.name}"
        assert ast.get_docstring(tree) or not tree.body, path


def test_no_house_without_a_name():
    for path in FILES:
        assert path.stem not in ("utils", "common", "helpers", "base", "manager"), path
