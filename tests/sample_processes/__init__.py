# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes for tests alone; no site serves them unless a test names this package."""
