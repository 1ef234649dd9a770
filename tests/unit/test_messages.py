# SPDX-License-Identifier: GPL-2.0-or-later
"""Every sentence exists in Thai and English, and every id that the program uses has a sentence."""

import ast
import json
import re
import string
from pathlib import Path

import pytest

from geoapi.codes import code_lists
from geoapi.messages import choose_language, known_message_ids, message

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "data" / "messages").glob("*.json"))
FAMILIES = {message_id.partition(".")[0] for message_id in known_message_ids()}
_ID = re.compile(r"[a-z_]+(\.[A-Za-z0-9_]+)+")
_IN_TEMPLATE = re.compile(r"""\bt\(\s*["']([a-z_]+(?:\.[A-Za-z0-9_]+)+)["']""")
# Words of the same form that are not sentences: module and logger names, permissions, actions.
_OTHER_WORDS = re.compile(
    r"^(points|areas|agencies|users\.manage|services\.edit|assignments\.manage|audit|statistics)\b"
    r"|\.(json|html|py)$"
)


def _ids_in_code() -> set[tuple[str, str]]:
    found = set()
    for path in (ROOT / "geoapi").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and _ID.fullmatch(node.value)
                and node.value.partition(".")[0] in FAMILIES
                and not node.value.endswith("_")  # the beginning of an id made at run time
                and not _OTHER_WORDS.search(node.value)
            ):
                found.add((node.value, path.name))
    for path in (ROOT / "geoapi").rglob("*.html"):
        found |= {
            (i, path.name)
            for i in _IN_TEMPLATE.findall(path.read_text(encoding="utf-8"))
            if i[-1] != "_"
        }
    return found


def test_every_id_in_the_code_has_a_sentence():
    missing = sorted({pair for pair in _ids_in_code() if pair[0] not in known_message_ids()})
    assert missing == []


def test_the_search_for_ids_finds_some():
    assert len(_ids_in_code()) > 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_languages_say_the_same_things(path):
    for message_id, texts in json.loads(path.read_text(encoding="utf-8")).items():
        assert set(texts) >= {"th", "en"}, message_id
        assert texts["th"].strip(), message_id
        assert texts["en"].strip(), message_id
        is_proper_name = texts["th"] == texts["en"] or texts["th"].isascii()
        assert is_proper_name or re.search(r"[\u0e01-\u0e5b]", texts["th"]), (
            f"{message_id}: no Thai"
        )
        placeholders = [
            {name for _, name, _, _ in string.Formatter().parse(texts[lang]) if name}
            for lang in ("th", "en")
        ]
        assert placeholders[0] == placeholders[1], message_id


def test_no_id_stands_in_two_files():
    seen: dict[str, str] = {}
    for path in FILES:
        for message_id in json.loads(path.read_text(encoding="utf-8")):
            assert message_id not in seen, f"{message_id}: {seen[message_id]} and {path.name}"
            seen[message_id] = path.name


def test_every_code_has_a_thai_and_an_english_label():
    for codes in code_lists().values():
        for code in codes.codes.values():
            assert re.search(r"[\u0e01-\u0e5b]", code.th), code
            assert re.search(r"[A-Za-z]", code.en), code
            assert code.parent == "" or code.parent in codes.codes


def test_shows_the_name_of_a_missing_parameter_instead_of_failing():
    assert message("ogc.unknown_format", "en", {"value": "xml"}).endswith("{known}")
    assert message("no.such_id", "th") == "no.such_id"


def test_chooses_thai_unless_english_is_wanted():
    assert choose_language(None, "fr, en;q=0.4, th;q=0.9") == "th"
    assert choose_language("xx", "en;q=banana") == "th"
    assert choose_language("en", "th") == "en"
