# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading files of every accepted format, and refusing broken ones with a clear reason."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geoapi.errors import UsageError
from geoapi.importing.readers import read_rows
from geoapi.importing.rows import Source, require_columns
from geoapi.messages import LANGUAGES, message

HEADER = "รหัสหน่วยงาน,หน่วยงาน,ละติจูด,ลองติจูด"
TEXT = f"{HEADER}\r\n001,โรงพยาบาลแม่จัน,20.13,99.85\r\n002,ที่ว่าการอำเภอแม่สาย,20.42,99.88\r\n"
NAMES = ["โรงพยาบาลแม่จัน", "ที่ว่าการอำเภอแม่สาย"]


def write(path: Path, text: str, encoding: str) -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_layer(path: Path, crs: str | None = "EPSG:4326", **options: str) -> Path:
    """Write two named points in whatever format the file's name says."""
    points = [shapely.Point(99.85, 20.13), shapely.Point(99.88, 20.42)]
    pyogrio.raw.write(
        path,
        geometry=np.array(shapely.to_wkb(points), dtype=object),
        field_data=[np.array(NAMES, dtype=object), np.array([1.5, np.nan])],
        fields=np.array(["name_th", "size"], dtype=object),
        geometry_type="Point",
        crs=crs,
        **options,
    )
    return path


def failure(source: Callable[[], object]) -> UsageError:
    with pytest.raises(UsageError) as caught:
        source()
    for language in LANGUAGES:
        text = message(caught.value.message_id, language, caught.value.params)
        assert text != caught.value.message_id
        assert not re.search(r"\{[a-z_]+\}", text), text
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("tis-620", "tis-620"),
        ("cp874", "tis-620"),
    ],
)
def test_finds_the_encoding_by_content(tmp_path: Path, encoding: str, found: str) -> None:
    source = read_rows(write(tmp_path / "a.csv", TEXT, encoding))
    assert source.encoding == found
    assert source.columns == tuple(HEADER.split(","))
    assert [row.text("หน่วยงาน") for row in source] == NAMES


def test_tells_cp874_from_tis620_by_its_own_signs(tmp_path: Path) -> None:
    source = read_rows(write(tmp_path / "a.csv", TEXT.replace("แม่จัน", "“แม่จัน”"), "cp874"))
    assert source.encoding == "cp874"
    assert next(source.rows).text("หน่วยงาน") == "โรงพยาบาล“แม่จัน”"


def test_named_encoding_is_used_and_checked(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", TEXT, "cp874")
    assert read_rows(path, encoding="cp874").encoding == "cp874"
    wrong = failure(lambda: read_rows(path, encoding="utf-8"))
    assert (wrong.message_id, wrong.params["line"]) == ("import.undecodable", 1)
    assert failure(lambda: read_rows(path, encoding="x-y")).message_id == "import.unknown_encoding"


def test_broken_utf8_is_not_taken_for_thai_and_names_its_line(tmp_path: Path) -> None:
    lines = [HEADER.encode()] + ["001,โรงพยาบาลแม่จัน,20.13,99.85".encode()] * 3000
    lines[2500] = lines[2500].replace("จ".encode(), b"\xe0\xb8", 1)
    path = tmp_path / "a.csv"
    path.write_bytes(b"\n".join(lines))
    broken = failure(lambda: read_rows(path))
    assert (broken.message_id, broken.params["line"]) == ("import.undecodable", 2501)


def test_bytes_of_another_language_are_not_taken_for_thai(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "name;city\nJürgen;Köln\nÉlodie;Orléans\n", "latin-1")
    assert failure(lambda: read_rows(path)).message_id == "import.undecodable"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_finds_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    text = TEXT.replace(",", delimiter)
    source = read_rows(write(tmp_path / "a.txt", text, "utf-8"))
    assert len(source.columns) == 4
    assert source.format == ("tsv" if delimiter == "\t" else "csv")


def test_row_numbers_are_lines_of_the_file(tmp_path: Path) -> None:
    text = 'a,b\n1,"x\ny"\n\n2,z\n'
    rows = list(read_rows(write(tmp_path / "a.csv", text, "utf-8")))
    assert [(row.number, row.text("a")) for row in rows] == [(2, "1"), (5, "2")]


def test_ragged_rows_are_padded_and_surplus_cells_counted(tmp_path: Path) -> None:
    text = "a,b,c\n1,2\n1,2,3,4,5\n1,2,3,,\n"
    rows = list(read_rows(write(tmp_path / "a.csv", text, "utf-8")))
    assert [row.surplus for row in rows] == [0, 2, 0]
    assert rows[0].values.get("c") is None


def test_tables_are_read_row_by_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n" + "1,2\n" * 200_000, "utf-8")
    rows: Iterator[object] = read_rows(path).rows
    next(rows)
    with path.open("r+b") as file:
        file.truncate(600_000)  # a reader that held the whole file would still give every row
    assert sum(1 for _ in rows) < 160_000


def test_reads_a_sheet_of_a_workbook(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append([None, None])
    sheet.append(["official_id", "name_th", None, "lat"])
    sheet.append([8899210200006, NAMES[0], "note", 20.13])
    sheet.append([None, " ", None, None])
    sheet.append(["002", NAMES[1], None, "#N/A"])
    workbook.create_sheet("other").append(["x"])
    workbook.save(tmp_path / "a.xlsx")
    source = read_rows(tmp_path / "a.xlsx")
    rows = list(source)
    assert source.columns == ("official_id", "name_th", "lat")
    assert [(row.number, row.text("official_id")) for row in rows] == [
        (3, "8899210200006"),
        (5, "002"),
    ]
    assert rows[1].values["lat"] is None
    assert read_rows(tmp_path / "a.xlsx", layer="other").columns == ("x",)
    wrong = failure(lambda: read_rows(tmp_path / "a.xlsx", layer="none"))
    assert wrong.message_id == "import.no_such_layer"


@pytest.mark.parametrize(
    ("name", "file_format"),
    [
        ("a.gpkg", "gpkg"),
        ("a.geojson", "geojson"),
        ("a.fgb", "flatgeobuf"),
        ("a.shp", "shapefile"),
    ],
)
def test_reads_layers(tmp_path: Path, name: str, file_format: str) -> None:
    source = read_rows(write_layer(tmp_path / name))
    rows = sorted(source, key=lambda row: str(row.text("name_th")))
    assert source.format == file_format
    assert source.crs in ("EPSG:4326", "OGC:CRS84")
    assert source.total == 2
    assert {row.text("name_th") for row in rows} == set(NAMES)
    assert all(isinstance(row.geometry, shapely.Point) for row in rows)
    assert rows[0].values["size"] is None
    assert rows[1].values["size"] == 1.5


@pytest.mark.parametrize("encoding", ["TIS-620", "cp874", "UTF-8"])
@pytest.mark.parametrize("keeps_cpg", [True, False])
def test_reads_thai_shapefiles_with_and_without_cpg(
    tmp_path: Path, encoding: str, keeps_cpg: bool
) -> None:
    path = write_layer(tmp_path / "a.shp", "EPSG:24047", encoding=encoding)
    if not keeps_cpg:
        (tmp_path / "a.cpg").unlink()
    source = read_rows(path)
    assert source.crs == "EPSG:24047"
    assert [row.text("name_th") for row in source] == NAMES


def test_reads_a_shapefile_in_an_archive(tmp_path: Path) -> None:
    write_layer(tmp_path / "a.shp", "EPSG:32647", encoding="TIS-620")
    (tmp_path / "a.cpg").unlink()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in tmp_path.glob("a.[!z]*"):
            archive.write(part, part.name)
    source = read_rows(tmp_path / "a.zip")
    assert (source.format, source.crs) == ("shapefile", "EPSG:32647")
    assert [row.text("name_th") for row in source] == NAMES


def test_letter_cut_by_a_field_of_a_shapefile_is_dropped(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.shp", encoding="UTF-8")
    (tmp_path / "a.cpg").unlink()
    table = (tmp_path / "a.dbf").read_bytes()
    name = NAMES[0].encode()
    (tmp_path / "a.dbf").write_bytes(table.replace(name, name[:-1] + b" "))
    assert next(read_rows(path).rows).text("name_th") == NAMES[0][:-1]


def write_geoparquet(path: Path, encoding: str = "WKB", crs: object = "absent") -> Path:
    column: dict[str, object] = {"encoding": encoding, "geometry_types": ["Point"]}
    if crs != "absent":
        column["crs"] = crs
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    points = shapely.to_wkb([shapely.Point(99.85, 20.13), shapely.Point(99.88, 20.42)])
    table = pa.table({"name_th": NAMES, "geometry": list(points)})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def test_reads_geoparquet(tmp_path: Path) -> None:
    source = read_rows(write_geoparquet(tmp_path / "a.parquet"))
    assert (source.format, source.crs, source.columns) == ("geoparquet", "OGC:CRS84", ("name_th",))
    rows = list(source)
    assert [row.text("name_th") for row in rows] == NAMES
    assert rows[0].geometry == shapely.Point(99.85, 20.13)


def test_geoparquet_says_when_its_system_is_not_known(tmp_path: Path) -> None:
    assert read_rows(write_geoparquet(tmp_path / "a.parquet", crs=None)).crs is None


def test_geoparquet_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = write_geoparquet(tmp_path / "a.parquet", encoding="point")
    assert failure(lambda: read_rows(path)).message_id == "import.parquet_encoding"


def test_several_layers_ask_for_a_choice(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.gpkg", layer="one")
    write_layer(path, layer="two", append="no")
    wrong = failure(lambda: read_rows(path))
    assert (wrong.message_id, wrong.params["layers"]) == ("import.choose_layer", "one, two")
    assert read_rows(path, layer="two").total == 2
    assert failure(lambda: read_rows(path, layer="x")).message_id == "import.no_such_layer"


def test_utm_in_a_geojson_is_refused(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"name_th": "ก"},
        "geometry": {"type": "Point", "coordinates": [589_000.0, 2_226_000.0]},
    }
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    wrong = failure(lambda: list(read_rows(path)))
    assert (wrong.message_id, wrong.params["x"]) == ("import.geojson_not_degrees", 589_000.0)


@pytest.mark.parametrize(
    ("name", "content", "message_id"),
    [
        ("a.csv", b"", "import.empty_file"),
        ("a.csv", b"\n\n", "import.empty_file"),
        ("a.csv", "\u200b,\u200b\n1,2\n".encode(), "import.no_header"),
        ("a.csv", b'a,b\n1,"' + b"x" * 200_000, "import.broken_record"),
        ("a.csv", b"a,b,a\n1,2,3\n", "import.duplicate_column"),
        ("a.xls", b"x", "import.unknown_format"),
        ("a", b"x", "import.unknown_format"),
        ("a.xlsx", b"PK no archive", "import.broken_file"),
        ("a.geojson", b"{", "import.broken_file"),
        ("a.gpkg", b"no database", "import.broken_file"),
        ("a.fgb", b"nothing", "import.broken_file"),
        ("a.shp", b"nothing", "import.broken_file"),
        ("a.parquet", b"PAR1", "import.broken_file"),
        ("a.zip", b"PK", "import.broken_file"),
    ],
)
def test_broken_files_are_refused_with_their_reason(
    tmp_path: Path, name: str, content: bytes, message_id: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert failure(lambda: list(read_rows(path))).message_id == message_id


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert failure(lambda: read_rows(tmp_path / "a.csv")).message_id == "import.no_such_file"


def test_archive_without_a_shapefile_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    wrong = failure(lambda: read_rows(tmp_path / "a.zip"))
    assert wrong.message_id == "import.zip_without_shapefile"


def test_shapefile_without_its_table_is_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.shp")
    for suffix in (".dbf", ".cpg"):
        path.with_suffix(suffix).unlink()
    assert failure(lambda: read_rows(path)).message_id == "import.missing_sidecar"


def test_missing_columns_are_listed() -> None:
    source = Source(("a",), iter(()), "csv")
    wrong = failure(lambda: require_columns(source, ("a", "b", "c")))
    assert wrong.params == {"missing": "b, c", "columns": "a"}


@pytest.mark.parametrize(
    ("relative", "rows", "columns"),
    [
        ("service_points/citizeninfo_chiangrai_sample68.csv", 68, 10),
        ("service_points/obec_schools_sample.tsv", 13, 9),
        ("service_points/kongvut_subdistrict_points.csv", 7451, 5),
        ("boundaries/chiangrai_adm3.geojson", 124, 9),
        ("boundaries/tha_adm1.fgb", 77, 3),
        ("boundaries/tha_adm3_s250.parquet", 7425, 3),
    ],
)
def test_reads_the_real_files(
    shared_file: Callable[[str], Path], relative: str, rows: int, columns: int
) -> None:
    source = read_rows(shared_file(relative))
    assert len(source.columns) == columns
    assert sum(1 for _ in source) == rows
