# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of Pakmud. A package, because a dependency ships a `tests` package of its own."""
