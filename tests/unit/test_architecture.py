# SPDX-License-Identifier: GPL-2.0-or-later
"""The arrows and sizes of docs/architecture.md, and that the checks of them can fail.

Web, CLI, jobs and providers -> domain -> store -> errors; processing imports nothing of ours.
"""

from __future__ import annotations

import ast

import pytest

from tests.source_checks import (
    MODULE_LINES,
    OURS,
    PYGEOAPI_MAY,
    ROOT,
    arrows_against_the_layers,
    card_secret_words,
    complaints,
    component,
    cycles,
    geoapi_graph,
    imported,
    late_imports,
    long_functions,
    module_name,
    non_standard_imports,
    parse,
    plugin_breaches,
    python_files,
    spdx_is_first,
    sql_texts,
    store_reaching_above_itself,
)

FOREIGN_DATABASES = {"geoapi/demo/sources.py"}
"""Modules that read a database file of somebody else's making, which is no part of the store."""

# ------------------------------------------------------------------- the code as it is


def test_arrows_point_down():
    assert arrows_against_the_layers(geoapi_graph()) == []


def test_no_import_cycles():
    assert cycles(geoapi_graph()) == []


def test_store_stands_on_nothing_that_stands_on_the_store():
    assert store_reaching_above_itself(geoapi_graph()) == []


def test_only_the_boundary_imports_pygeoapi():
    wrong = [
        f"{module_name(path)}:{line}"
        for path in python_files("geoapi")
        for name, line in imported(parse(path), module_name(path))
        if name.split(".")[0] == "pygeoapi" and component(module_name(path)) not in PYGEOAPI_MAY
    ]
    assert wrong == []


def test_server_imports_nothing_but_processing_of_ours():
    wrong = [
        f"{module_name(path)}:{line} {name}"
        for path in python_files("geoapi")
        for name, line in imported(parse(path), module_name(path))
        if name.split(".")[0] in {"tests", "tools", "qgis_plugin"}
    ]
    assert wrong == []


def test_sql_is_written_in_the_store_only():
    wrong = [
        f"{path.relative_to(ROOT)} {text}"
        for path in python_files("geoapi", "processing")
        if "geoapi/store" not in path.as_posix()
        and path.relative_to(ROOT).as_posix() not in FOREIGN_DATABASES
        for text in sql_texts(parse(path))
    ]
    assert wrong == []


def test_processing_has_no_init_at_its_top():
    assert not (ROOT / "processing" / "__init__.py").exists(), "it would shadow QGIS's processing"


def test_processing_imports_nothing_of_ours():
    wrong = [
        f"{module_name(path)}:{line} {name}"
        for path in python_files("processing")
        for name, line in imported(
            parse(path), module_name(path), is_package=path.stem == "__init__"
        )
        if name.split(".")[0] in set(OURS) - {"processing"}
    ]
    assert wrong == []


def test_rule_engine_needs_the_standard_library_only():
    wrong = [
        f"{path.relative_to(ROOT)} {text}"
        for path in python_files("processing/validation")
        for text in non_standard_imports(
            parse(path), module_name(path), is_package=path.stem == "__init__"
        )
    ]
    assert wrong == []


def test_plugin_folder_keeps_its_rules():
    folder = ROOT / "qgis_plugin" / "pakmud"
    wrong = [
        f"{path.relative_to(ROOT)} {text}"
        for path in python_files("qgis_plugin/pakmud")
        for text in plugin_breaches(parse(path), path.relative_to(folder).as_posix())
    ]
    assert wrong == []


def test_imports_stand_at_the_top_or_say_why_not():
    wrong = [
        f"{path.relative_to(ROOT)} {text}"
        for path in python_files("geoapi", "processing")
        for text in late_imports(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_modules_are_short():
    wrong = {
        str(path.relative_to(ROOT)): lines
        for path in python_files(*OURS)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES
    }
    assert wrong == {}


def test_functions_are_short():
    assert complaints(long_functions, "geoapi", "processing", "qgis_plugin", "tools") == []


def test_the_word_for_a_card_secret_names_nothing_else():
    assert complaints(card_secret_words, *OURS) == []


def test_every_source_names_its_licence_first():
    sources = [*python_files(*OURS), ROOT / "Makefile", ROOT / ".ci" / "run"]
    sources += [*(ROOT / "tools").glob("*.sh"), *(ROOT / "geoapi").rglob("*.js")]
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources
        if not spdx_is_first(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


# ------------------------------------------------------------------- the checks can fail


def test_wrong_arrows_are_seen():
    assert arrows_against_the_layers({"geoapi.errors": {"geoapi.settings"}})
    assert arrows_against_the_layers({"geoapi.workflow": {"geoapi.web.pages"}})
    assert arrows_against_the_layers({"geoapi.providers.items": {"geoapi.app"}})
    assert not arrows_against_the_layers({"geoapi.web.pages": {"geoapi.workflow"}})


def test_cycles_and_a_climbing_store_are_seen():
    graph = {"geoapi.store.a": {"geoapi.users"}, "geoapi.users": {"geoapi.store.a"}}
    assert cycles(graph) == ["geoapi.store.a", "geoapi.users"]
    assert store_reaching_above_itself(graph)
    assert not store_reaching_above_itself({"geoapi.store.a": {"geoapi.thai"}, "geoapi.thai": {}})


@pytest.mark.parametrize(
    "text",
    ["SELECT a\nFROM b", "INSERT INTO t VALUES (1)", "PRAGMA user_version", "BEGIN IMMEDIATE"],
)
def test_sql_text_is_seen(text):
    assert sql_texts(ast.parse(f"query = {text!r}"))
    assert not sql_texts(ast.parse(f"{text!r}\nname = 'Update the point'"))


def test_names_with_the_forbidden_word_are_seen():
    assert card_secret_words(ast.parse("def move_pin(x): pass"))
    assert card_secret_words(ast.parse("class MapPin: pass"))
    assert not card_secret_words(ast.parse("card_pin = mapping = unpinned = ping"))


def test_breaches_in_engine_and_plugin_are_seen():
    assert non_standard_imports(
        ast.parse("import numpy"), "processing.validation.x", is_package=False
    )
    assert not non_standard_imports(
        ast.parse("import re\nfrom .rules import adm"), "processing.validation.x", is_package=False
    )
    assert plugin_breaches(ast.parse("from geoapi import errors"), "core/x.py")
    assert plugin_breaches(ast.parse("from qgis.utils import iface"), "core/x.py")
    assert plugin_breaches(ast.parse("from qgis.PyQt.QtWidgets import QLabel"), "core/x.py")
    assert not plugin_breaches(ast.parse("from qgis.utils import iface"), "plugin.py")


def test_late_imports_long_functions_and_missing_licences_are_seen():
    assert late_imports("def f():\n    import json\n")
    assert not late_imports("def f():\n    import numba  # optional, heavy\n")
    assert long_functions(ast.parse("def f():\n" + "    x = 1\n" * 41))
    assert not long_functions(
        ast.parse('def f():\n    """A\n\n    b\n    """\n' + "    x = 1\n" * 39)
    )
    assert not spdx_is_first('"""No licence."""\n')
