# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the source with ast: arrows, SQL, names, sizes, the plugin's rules.

Each is a function from source to complaints; test_architecture runs them and shows that they
can complain.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ("geoapi", "processing", "qgis_plugin", "tests", "tools")
EDGE = {"app", "cli", "jobs", "ogc", "providers", "pygeoapi_fixes", "server", "web", "worker"}
"""What faces the world; nothing below may import it. Any module beside them is domain."""
PYGEOAPI_MAY = {"app", "ogc", "providers", "pygeoapi_fixes", "web"}
MODULE_LINES = 400
FUNCTION_LINES = 40
SQL = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s"
    r"|(CREATE|ALTER|DROP)\s+(UNIQUE\s+)?(TABLE|INDEX|VIEW|TRIGGER|EXTENSION|DATABASE)\s"
    r"|PRAGMA\s+\w|BEGIN\s+IMMEDIATE|WITH\s+\w+\s+AS\s*\()",
    re.DOTALL,
)


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(tree: ast.AST, module: str, *, is_package: bool = False) -> Iterator[tuple[str, int]]:
    """Yield each imported name, absolute, with its line; types' imports count too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                keep = len(parts) - node.level + (1 if is_package else 0)
                base = ".".join([*parts[:keep], *([base] if base else [])])
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno


def component(name: str) -> str:
    """Return the part of geoapi that a dotted name belongs to."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def geoapi_graph() -> dict[str, set[str]]:
    """Return which modules of geoapi each module of geoapi imports."""
    paths = {module_name(path): path for path in python_files("geoapi")}
    graph: dict[str, set[str]] = {}
    for name, path in paths.items():
        found = set()
        for target, _ in imported(parse(path), name, is_package=path.stem == "__init__"):
            hit = target if target in paths else target.rpartition(".")[0]
            # A package's own `from . import x` is no arrow.
            if hit in paths and hit != name:
                found.add(hit)
        graph[name] = found
    return graph


def arrows_against_the_layers(graph: dict[str, set[str]]) -> list[str]:
    wrong = []
    for module, targets in graph.items():
        part = component(module)
        for target in targets:
            aim = component(target)
            if aim == part or module == "geoapi.__main__":
                continue
            if part == "errors":
                wrong.append(f"{module} -> {target}: errors import nothing of ours")
            elif aim in EDGE and part not in EDGE:
                wrong.append(f"{module} -> {target}: the domain does not know who serves it")
            elif part == "providers" and aim in EDGE:
                wrong.append(f"{module} -> {target}: providers import the store only")
    return sorted(wrong)


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def cycles(graph: dict[str, set[str]]) -> list[str]:
    return sorted(module for module in graph if module in reachable(graph, module))


def store_reaching_above_itself(graph: dict[str, set[str]]) -> list[str]:
    """Return arrows from the store to anything that itself stands on the store."""
    wrong = []
    for module, targets in graph.items():
        if component(module) != "store":
            continue
        for target in targets:
            if component(target) == "store":
                continue
            behind = {target} | reachable(graph, target)
            climbs = {name for name in behind if component(name) in EDGE | {"store"}}
            if climbs:
                wrong.append(f"{module} -> {target} -> ... -> {', '.join(sorted(climbs)[:3])}")
    return sorted(wrong)


def sql_texts(tree: ast.Module) -> list[str]:
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        f"line {node.lineno}: {node.value.strip()[:40]}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and SQL.match(node.value)
    ]


def late_imports(source: str) -> list[str]:
    """Return imports inside functions that give no reason in a comment on or above their line."""
    lines = source.splitlines()
    found = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                near = lines[max(node.lineno - 2, 0) : node.end_lineno]
                if not any("#" in line for line in near):
                    found.append(f"line {node.lineno}")
    return found


def long_functions(tree: ast.Module, limit: int = FUNCTION_LINES) -> list[str]:
    """Return functions of more lines than the limit, their docstrings not counted."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = node.end_lineno - node.lineno + 1
        if ast.get_docstring(node) is not None:
            length -= node.body[0].end_lineno - node.body[0].lineno + 1
        if length > limit:
            found.append(f"{node.name} has {length} lines")
    return found


def identifiers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name):
            yield node.id, line
        elif isinstance(node, ast.Attribute):
            yield node.attr, line
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, line
        elif isinstance(node, ast.arg):
            yield node.arg, line
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value.lineno
        elif isinstance(node, ast.alias):
            yield from ((name, line) for name in (node.name, node.asname) if name)


def card_secret_words(tree: ast.Module) -> list[str]:
    """Return identifiers in which ``pin`` is a word; the secret of a card is ``card_pin``."""
    found = set()
    for name, line in identifiers(tree):
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        words = re.split(r"[_.]+", snake.replace("card_pin", "secret"))
        if {"pin", "pins"} & set(words):
            found.add(f"line {line}: {name}")
    return sorted(found)


def non_standard_imports(tree: ast.Module, module: str, *, is_package: bool) -> list[str]:
    """Return what the rule engine may not import: only the standard library and itself."""
    allowed = sys.stdlib_module_names | {"__future__"}
    wrong = [
        f"line {node.lineno}: absolute import of our own"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and not node.level
        and (node.module or "").split(".")[0] in OURS
    ]
    for name, line in imported(tree, module, is_package=is_package):
        first = name.split(".")[0]
        if not name.startswith("processing.validation") and first not in allowed:
            wrong.append(f"line {line}: {name}")
    return wrong


def plugin_breaches(tree: ast.Module, inside: str) -> list[str]:
    """Return breaches of the plugin folder's rules.

    Args:
        tree: the module.
        inside: its path below ``qgis_plugin/pakmud``.
    """
    wrong = []
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{'.' * node.level}{node.module or ''}.{a.name}" for a in node.names]
        for name in names:
            if name.split(".")[0] in OURS:
                wrong.append(f"line {line}: {name}: the zip has no such package")
            if inside.startswith("core/") and ("QtWidgets" in name or ".gui" in name):
                wrong.append(f"line {line}: {name}: core has no widgets")
            if name.endswith(".iface") and not (inside == "plugin.py" or inside.startswith("map/")):
                wrong.append(f"line {line}: {name}: only the entry and map touch iface")
    return wrong


def spdx_is_first(source: str) -> bool:
    lines = source.splitlines()
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    return bool(lines) and bool(
        re.match(r"^(#|//|--|/\*) ?SPDX-License-Identifier: GPL-2\.0-or-later", lines[0])
    )


def complaints(check, *folders: str) -> list[str]:
    """Run ``check(tree)`` over all Python files of the folders."""
    return [
        f"{path.relative_to(ROOT)}: {complaint}"
        for path in python_files(*folders)
        for complaint in check(parse(path))
    ]
