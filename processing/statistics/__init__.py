# SPDX-License-Identifier: GPL-2.0-or-later
"""Statistics as plain functions over rows; nothing here knows of stores, users or the web."""
