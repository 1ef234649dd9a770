# SPDX-License-Identifier: GPL-2.0-or-later
"""Text that spreadsheet programs read as it is meant: Thai in CSV, and no formulas of strangers."""

from __future__ import annotations

import json
from typing import Any

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as a Windows code page
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """Return text that no spreadsheet runs as a formula; what looks like one is quoted.

    >>> safe_text("=1+1"), safe_text("สายด่วน 1567")
    ("'=1+1", 'สายด่วน 1567')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def cell(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return what stands in a cell for a value of JSON.

    >>> cell(None), cell(True), cell([1, 2]), cell(2.5)
    ('', 'true', '[1,2]', 2.5)
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return safe_text(value) if isinstance(value, str) else value
