# SPDX-License-Identifier: GPL-2.0-or-later
"""Citizen guides: whatever a file holds, it is services, refusals or one clear sentence."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapi.errors import UsageError
from geoapi.importing.guide_files import RawService, read_guide
from geoapi.importing.guide_mapping import GuideMapping, default_mapping, load_mapping
from geoapi.importing.keyed_lists import KEYS, list_changes, merge_list
from geoapi.importing.service_guides import GuideContext, map_services
from geoapi.messages import known_message_ids
from geoapi.record_schemas import check_record

MAPPING = default_mapping(Path("guide.json"))
CONTEXT = GuideContext(MAPPING, {}, date(2026, 11, 24))
MEMBERS = [*MAPPING.service.values(), *(lists["from"] for lists in MAPPING.lists.values())]
INNER = [name for lists in MAPPING.lists.values() for name in lists.values()]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["บัตรประจำตัวประชาชน", "๓ วัน", "-", "1,000 บาท", "\0", "2%"]),
)  # fmt: skip
ENTRIES = st.dictionaries(st.sampled_from(INNER), SCALARS, max_size=5)
VALUES = st.one_of(SCALARS, st.lists(st.one_of(ENTRIES, SCALARS), max_size=4), ENTRIES)
SERVICES = st.one_of(SCALARS, st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=8))
FILES = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(path: Path, mapping: GuideMapping) -> tuple[str, list[RawService]]:
    """Return the id of the refusal, '' for none, and the services."""
    try:
        return "", read_guide(path, mapping)
    except UsageError as error:
        return error.message_id, []


@given(st.lists(SERVICES, max_size=4))
def test_any_service_is_mapped_or_refused_with_a_sentence(services):
    mapped = map_services([RawService(n, v) for n, v in enumerate(services, 1)], CONTEXT)
    assert len(mapped) == len(services)
    for item in mapped:
        assert (item.feature is None) == bool(item.refused)
        assert {p.message_id for p in (*item.refused, *item.warnings)} <= known_message_ids()
        if item.feature is not None:
            check_record("service", item.feature)


@FILES
@given(content=st.binary(max_size=200))
@pytest.mark.parametrize("name", ["guide.json", "guide.csv"])
def test_any_bytes_are_services_or_one_clear_error(tmp_path: Path, name: str, content: bytes):
    path = tmp_path / name
    path.write_bytes(content)
    refusal, _ = outcome(path, default_mapping(path))
    assert refusal in {"", *known_message_ids()}


@FILES
@given(content=st.recursive(SCALARS, lambda inner: st.dictionaries(st.text(max_size=9), inner)))
def test_any_json_as_a_mapping_is_understood_or_refused(tmp_path: Path, content):
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UsageError):
        load_mapping(path)


def test_deep_nesting_and_huge_numbers_are_refused(tmp_path: Path):
    path = tmp_path / "guide.json"
    for text in ("[" * 100_000 + "]" * 100_000, '{"name_th": 1e999}', '[{"name_th": NaN}]'):
        path.write_text(text, encoding="utf-8")
        refusal, services = outcome(path, MAPPING)
        assert refusal in {"", *known_message_ids()}
        assert all(item.refused for item in map_services(services, CONTEXT))


DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "document_type": st.sampled_from(["id_card", "photo"]),
            "name_th": st.sampled_from("กขค"),
            "copies": st.integers(0, 2),
        }
    ),
    max_size=4,
)


@given(DOCUMENTS, DOCUMENTS)
def test_what_nobody_touched_follows_the_source(base, theirs):
    merged = merge_list("documents", base, base, theirs)
    assert merged.conflicts == {}
    # the order is ours, what is new stands at the end
    assert not set(list_changes("documents", merged.entries, theirs))


@given(DOCUMENTS, DOCUMENTS)
def test_what_was_corrected_here_stays_when_the_source_says_the_same(base, ours):
    assert merge_list("documents", base, ours, base).entries == ours
    assert merge_list("documents", base, ours, base).conflicts == {}


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_nothing_that_was_changed_here_is_lost_without_a_word(base, ours, theirs):
    merged = merge_list("documents", base, ours, theirs)
    again = merge_list("documents", theirs, merged.entries, theirs)
    assert again.entries == merged.entries
    assert set(KEYS) >= {"documents", "steps", "fees"}
