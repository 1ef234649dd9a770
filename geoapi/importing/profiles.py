# SPDX-License-Identifier: GPL-2.0-or-later
"""Header profiles: which column of a known file holds which property of a service point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from geoapi.errors import UsageError


@dataclass(frozen=True)
class Profile:
    """How the columns of one kind of file are to be understood.

    Attributes:
        name: shown in the report.
        columns: column by field; fields are properties of the document and those of
            ``EXTRA_FIELDS``.
        category: for all rows, when the file holds one kind of place only and names do not say.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    category: str | None = None

    def column(self, field_name: str) -> str | None:
        """Give the column of a field, ``None`` when the file has none."""
        return self.columns.get(field_name)


EXTRA_FIELDS = frozenset({"lon", "lat", "x", "y", "kind", "subdistrict", "district", "province"})
"""Fields that are no properties of the document: the position, the source's word for the kind of
place, and names of units."""

PROPERTY_FIELDS = frozenset(
    {
        "official_id",
        "name_th",
        "name_en",
        "short_name",
        "category",
        "address_th",
        "address_en",
        "province_code",
        "district_code",
        "subdistrict_code",
        "postal_code",
        "phones",
        "website",
        "email",
        "opening_hours",
        "status",
    }
)
"""Properties that a file may give."""

KNOWN_PROFILES = (
    Profile(
        "citizeninfo",
        {
            "official_id": "รหัสหน่วยงาน",
            "name_th": "หน่วยงาน",
            "address_th": "ที่อยู่จุดบริการ",
            "lat": "ละติจูด",
            "lon": "ลองติจูด",
        },
    ),
    Profile(
        "citizeninfo-split",
        {
            "official_id": "agency_code",
            "kind": "kind",
            "name_th": "name_th",
            "lat": "lat",
            "lon": "lon",
            "address_th": "address",
            "subdistrict": "decl_subd",
            "district": "decl_dist",
            "province": "decl_prov",
            "postal_code": "decl_zip",
        },
    ),
    Profile(
        "obec",
        {
            "official_id": "code",
            "name_th": "name_th",
            "lat": "lat",
            "lon": "lon",
            "address_th": "address",
            "phones": "phone",
        },
    ),
    Profile(
        "subdistrict-points",
        {
            "official_id": "subd_code",
            "subdistrict_code": "subd_code",
            "name_th": "name_th",
            "lat": "lat",
            "lon": "lon",
            "postal_code": "postal_code",
        },
        category="other",
    ),
)
"""Published files whose headers are accepted as they are; all columns must be there."""

# Other spellings of headers that the generic profile takes.
_GENERIC_NAMES = {
    "latitude": "lat",
    "ละติจูด": "lat",
    "lng": "lon",
    "long": "lon",
    "longitude": "lon",
    "ลองติจูด": "lon",
    "ลองจิจูด": "lon",
    "phone": "phones",
    "โทรศัพท์": "phones",
    "เบอร์โทรศัพท์": "phones",
    "address": "address_th",
    "ที่อยู่": "address_th",
    "ชื่อหน่วยงาน": "name_th",
    "หน่วยงาน": "name_th",
    "ชื่อ": "name_th",
    "name": "name_th",
    "รหัสหน่วยงาน": "official_id",
    "รหัสไปรษณีย์": "postal_code",
    "tambon": "subdistrict",
    "ตำบล": "subdistrict",
    "แขวง": "subdistrict",
    "amphoe": "district",
    "อำเภอ": "district",
    "เขต": "district",
    "จังหวัด": "province",
    "ประเภท": "category",
    "เว็บไซต์": "website",
    "อีเมล": "email",
    "เวลาทำการ": "opening_hours",
}


def choose_profile(
    columns: tuple[str, ...], column_map: Mapping[str, str] | None = None, *, has_geometry: bool
) -> Profile:
    """Choose the profile that a file's header fits.

    Args:
        columns: of the file.
        column_map: field by column, from ``--map column=field``; it goes before everything.
        has_geometry: whether the rows carry geometries, so that no lon and lat are needed.

    Raises:
        UsageError: ``import.map_unknown_column``, ``import.map_unknown_field``, or
            ``import.missing_columns`` when there is no name or no position to read.
    """
    column_map = column_map or {}
    _check_map(columns, column_map)
    if not column_map:
        for profile in KNOWN_PROFILES:
            if set(profile.columns.values()) <= set(columns):
                return profile
    fields: dict[str, str] = {}
    for column in columns:
        plain = column.casefold()
        name = _GENERIC_NAMES.get(plain, plain)
        if name in PROPERTY_FIELDS | EXTRA_FIELDS:
            fields.setdefault(name, column)
    fields.update({name: column for column, name in column_map.items()})
    missing = [] if "name_th" in fields else ["name_th"]
    if not has_geometry and not ({"lon", "lat"} <= set(fields) or {"x", "y"} <= set(fields)):
        missing += ["lon", "lat"]
    if missing:
        raise UsageError(
            "import.missing_columns", missing=", ".join(missing), columns=", ".join(columns) or "-"
        )
    return Profile("generic", fields)


def unused_columns(profile: Profile, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Give the columns that the profile leaves aside, for the report."""
    return tuple(column for column in columns if column not in profile.columns.values())


def _check_map(columns: tuple[str, ...], column_map: Mapping[str, str]) -> None:
    for column, name in column_map.items():
        if column not in columns:
            raise UsageError(
                "import.map_unknown_column", column=column, columns=", ".join(columns) or "-"
            )
        if name not in PROPERTY_FIELDS | EXTRA_FIELDS:
            raise UsageError(
                "import.map_unknown_field",
                field=name,
                fields=", ".join(sorted(PROPERTY_FIELDS | EXTRA_FIELDS)),
            )
