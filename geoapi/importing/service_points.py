# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn the rows of a file into drafts of service points, each refusal and doubt with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from geoapi.errors import Problem
from geoapi.importing.addresses import AddressParts, split_address, split_name
from geoapi.importing.categories import OTHER, guess_category
from geoapi.importing.crs import CRS84, parse_crs
from geoapi.importing.phones import parse_phones
from geoapi.importing.positions import Position, PositionFault, read_position
from geoapi.importing.profiles import Profile, choose_profile
from geoapi.importing.register import Register, current_code, postal_problem, resolve_units
from geoapi.importing.rows import Row, RowProblem, Source, row_problem
from geoapi.thai import canonical_text, strip_invisible, to_ascii_digits

_MAX_LENGTH = {
    "official_id": 64,
    "name_th": 250,
    "name_en": 250,
    "short_name": 80,
    "address_th": 500,
    "address_en": 500,
    "opening_hours": 250,
    "website": 300,
    "email": 200,
}
_MIN_NAME = 2
_POSTAL_CODE = re.compile(r"[1-9]\d{4}$")
_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+$")
_WEBSITE = re.compile(r"https?://[^\s<>\"]+$")
_STATUSES = frozenset({"open", "temporarily_closed", "moved", "closed"})
_CODE_FIELDS = ("subdistrict_code", "district_code", "province_code")


@dataclass(frozen=True)
class MappingContext:
    """What the mapping of every row needs.

    Attributes:
        register: of the units.
        profile: of the file's columns.
        crs: an accepted name, see ``crs.parse_crs``.
        categories: codes that the document allows; empty: any.
        allow_unpinned: whether rows without coordinates become unplaced points.
        province_names: names that count as a province at the end of an address.
    """

    register: Register
    profile: Profile
    crs: str = CRS84
    categories: frozenset[str] = frozenset()
    allow_unpinned: bool = False
    province_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MappedRow:
    """One row's outcome.

    Attributes:
        number: of the row.
        feature: draft as a GeoJSON Feature without ``id``; ``None`` when the row is refused.
        key: natural key, the same whenever the same office is imported again.
        refused: why there is no feature.
        warnings: what was doubtful, changed or left out.
    """

    number: int
    feature: dict[str, Any] | None
    key: str
    refused: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()


def make_context(
    source: Source,
    register: Register,
    *,
    column_map: Mapping[str, str] | None = None,
    categories: frozenset[str] = frozenset(),
    allow_unpinned: bool = False,
) -> MappingContext:
    """Choose profile and CRS for an opened file.

    Raises:
        UsageError: no profile fits, or the CRS is not accepted.
    """
    is_layer = source.format not in ("csv", "tsv", "xlsx")
    return MappingContext(
        register=register,
        profile=choose_profile(source.columns, column_map, has_geometry=is_layer),
        crs=parse_crs(source.crs) if source.crs else CRS84,
        categories=categories,
        allow_unpinned=allow_unpinned,
        province_names=register.province_names(),
    )


def map_service_points(rows: Iterable[Row], context: MappingContext) -> Iterator[MappedRow]:
    """Map all rows; a natural key that comes a second time is refused and names the first row."""
    first_row_by_key: dict[str, int] = {}
    for row in rows:
        mapped = map_service_point(row, context)
        if mapped.feature is not None:
            first = first_row_by_key.setdefault(mapped.key, row.number)
            if first != row.number:
                problem = RowProblem(
                    row.number,
                    context.profile.column("official_id") or "name_th",
                    mapped.key.partition(":")[2],
                    "import.duplicate_key",
                    {"first_row": first},
                )
                mapped = MappedRow(row.number, None, mapped.key, (problem,), mapped.warnings)
        yield mapped


def map_service_point(row: Row, context: MappingContext) -> MappedRow:
    """Turn one row into a draft, or say why not."""
    draft = _Draft(row, context)
    if row.surplus:
        draft.refuse("", Problem("import.surplus_cells", params={"count": row.surplus}))
    draft.read_texts()
    parts = draft.read_address()
    draft.read_units(parts)
    draft.read_category()
    draft.read_status()
    draft.read_contacts()
    position = draft.read_position()
    key = _natural_key(draft.properties)
    feature = None
    if not draft.refused:
        geometry = None
        if position is not None:
            geometry = {"type": "Point", "coordinates": [position.lon, position.lat]}
        feature = {"type": "Feature", "geometry": geometry, "properties": draft.properties}
    return MappedRow(row.number, feature, key, tuple(draft.refused), tuple(draft.warnings))


def _natural_key(properties: Mapping[str, Any]) -> str:
    """Give what identifies the office from one import to the next."""
    if properties.get("official_id"):
        return f"official_id:{properties['official_id']}"
    name = re.sub(r"[\s.\-]+", "", properties.get("name_th", "")).casefold()
    area = next((properties[field] for field in _CODE_FIELDS if properties.get(field)), "")
    return f"name:{name}|{area}"


class _Draft:
    """A draft in the making: its properties, refusals and warnings."""

    def __init__(self, row: Row, context: MappingContext) -> None:
        self.row = row
        self.context = context
        self.properties: dict[str, Any] = {}
        self.refused: list[RowProblem] = []
        self.warnings: list[RowProblem] = []
        self._name_district: str | None = None
        self._name_province: str | None = None

    def text(self, field: str) -> str:
        """Give the cell of a field."""
        return self.row.text(self.context.profile.column(field))

    def refuse(self, field: str, problem: Problem) -> None:
        """Note why the row cannot become a point."""
        column = self.context.profile.column(field) or field
        self.refused.append(row_problem(self.row, column, problem))

    def warn(self, field: str, problem: Problem) -> None:
        """Note what is doubtful or left out."""
        column = self.context.profile.column(field) or field
        self.warnings.append(row_problem(self.row, column, problem))

    def read_texts(self) -> None:
        """Take over the plain texts."""
        for field in ("official_id", "name_th", "name_en", "short_name", "opening_hours"):
            text = strip_invisible(self.text(field))
            canonical = canonical_text(text)
            if field == "name_th" and canonical != text:
                self.warn(field, _problem("import.text_respelled", text, official=canonical))
            if field == "name_th":
                canonical, self._name_district, self._name_province = split_name(canonical)
            if field == "official_id":
                canonical = to_ascii_digits(canonical)
            self._put_text(field, canonical)
        if len(self.properties.get("name_th", "")) < _MIN_NAME and not self.refused:
            self.refuse("name_th", Problem("import.no_name"))

    def _put_text(self, field: str, text: str) -> None:
        """Keep a text that is there and short enough."""
        if len(text) > _MAX_LENGTH[field]:
            shown = text[:40] + "..."
            problem = _problem("import.too_long", shown, count=len(text), most=_MAX_LENGTH[field])
            self.refuse(field, problem)
        elif text:
            self.properties[field] = text

    def read_address(self) -> AddressParts:
        """Keep the address as written and take it apart."""
        for field in ("address_th", "address_en"):
            self._put_text(field, strip_invisible(self.text(field)))
        return split_address(self.properties.get("address_th", ""), self.context.province_names)

    def read_units(self, parts: AddressParts) -> None:
        """Find the codes of the units, from codes or else from names, and the postal code."""
        register = self.context.register
        if not self._read_codes():
            resolved = resolve_units(
                register,
                self.text("province") or parts.province or self._name_province,
                self.text("district") or parts.district or self._name_district,
                self.text("subdistrict") or parts.subdistrict,
            )
            for problem in resolved.problems:
                field = problem.parameter.removesuffix("_code")
                self.warn(field if self.text(field) else "address_th", problem)
            self._put_codes(
                resolved.subdistrict_code or resolved.district_code or resolved.province_code
            )
        postal = to_ascii_digits(self.text("postal_code")) or parts.postal_code
        if not postal:
            return
        if not _POSTAL_CODE.match(postal):
            self.warn("postal_code", _problem("import.bad_postal_code", postal))
            return
        self.properties["postal_code"] = postal
        smallest = next((self.properties[f] for f in _CODE_FIELDS if f in self.properties), None)
        if problem_found := postal_problem(register, smallest, postal):
            self.warn("postal_code", problem_found)

    def _read_codes(self) -> bool:
        """Take the smallest unit's code from a column; ``False`` when no column gives one."""
        for field in _CODE_FIELDS:
            given = re.sub(r"^TH", "", to_ascii_digits(self.text(field)), flags=re.I)
            if not given:
                continue
            code, problem = current_code(self.context.register, given)
            if problem is not None:
                self.warn(field, problem)
            if code is not None:
                self._put_codes(code)
                return True
        return False

    def _put_codes(self, code: str | None) -> None:
        """Write the code of a unit and of those it lies in."""
        for field, length in zip(_CODE_FIELDS, (6, 4, 2), strict=True):
            if code is not None and len(code) >= length:
                self.properties[field] = code[:length]

    def read_status(self) -> None:
        """Take the operating status from its column."""
        status = self.text("status")
        if status in _STATUSES:
            self.properties["status"] = status
        elif status:
            self.warn("status", _problem("import.unknown_status", status))

    def read_category(self) -> None:
        """Take the category from its column, else from the name, else ``other``."""
        given = self.text("category")
        allowed = self.context.categories
        if given and (not allowed or given in allowed):
            self.properties["category"] = given
            return
        name = self.properties.get("name_th", "")
        guessed = self.context.profile.category or guess_category(name, self.text("kind"))
        self.properties["category"] = guessed or OTHER
        if given:
            problem = _problem("import.unknown_category", given, category=guessed or OTHER)
            self.warn("category", problem)
        elif guessed is None:
            self.warn("name_th", _problem("import.category_not_guessed", name))

    def read_contacts(self) -> None:
        """Read phones, website and e-mail; what is unusable is left out with a warning."""
        phones, problems = parse_phones(self.text("phones"))
        for problem in problems:
            self.warn("phones", problem)
        if phones:
            self.properties["phones"] = phones
        website = strip_invisible(self.text("website"))
        if website and "://" not in website:
            website = f"https://{website}"
        email = strip_invisible(self.text("email"))
        for field, text, form, message_id in (
            ("website", website, _WEBSITE, "import.bad_website"),
            ("email", email, _EMAIL, "import.bad_email"),
        ):
            if not text:
                continue
            if form.match(text) and len(text) <= _MAX_LENGTH[field]:
                self.properties[field] = text
            else:
                self.warn(field, _problem(message_id, text))

    def read_position(self) -> Position | None:
        """Read the position; without one the row is refused unless unplaced points are allowed."""
        found = read_position(self.row, self.context.profile, self.context.crs)
        if isinstance(found, PositionFault):
            if not (found.is_empty and self.context.allow_unpinned):
                self.refused.append(row_problem(self.row, found.field, found.problem))
            return None
        self.properties["position_method"] = "imported"
        self.properties["raw_coordinates"] = found.raw[:200]
        return found


def _problem(message_id: str, value: str, **params: str | int) -> Problem:
    return Problem(message_id, params={"value": value, **params})
