# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes files; for those who may read statistics alone, and only as a job."""

from geoapi.process_model import Process, ProcessInput, ProcessOutput, ProcessRun

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _run(run: ProcessRun, inputs: dict) -> dict:
    who = run.viewer.user_id
    return {
        "page": run.write("page.html", "text/html; charset=utf-8", "<p>รายงาน</p>".encode()),
        "table": run.write("รายงาน.csv", "text/csv; charset=utf-8", f"who\n{who}\n".encode()),
        "book": run.write("book.xlsx", XLSX, b"PK\x03\x04"),
        "figures": {"many": ["x" * 1000] * inputs["size"]},
    }


PROCESS = Process(
    id="pages",
    title_th="แฟ้มรายงาน",
    title_en="Pages",
    description_th="เขียนแฟ้มหลายแบบ",
    description_en="Writes files of several kinds.",
    version="1.0.0",
    inputs={"size": ProcessInput("ขนาด", "Size", {"type": "integer", "default": 1})},
    outputs={
        "page": ProcessOutput("หน้า", "Page", {"type": "string"}, "text/html"),
        "table": ProcessOutput("ตาราง", "Table", {"type": "string"}, "text/csv"),
        "book": ProcessOutput("สมุดงาน", "Workbook", {"type": "string"}, XLSX),
        "figures": ProcessOutput("ตัวเลข", "Figures", {"type": "object"}),
    },
    function=_run,
    permission="statistics.read",
    is_sync=False,
)
