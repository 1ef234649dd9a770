# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the pages, most of them in a real Chromium."""
