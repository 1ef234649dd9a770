# SPDX-License-Identifier: GPL-2.0-or-later
"""Alembic migrations of the store; ``versions`` holds one numbered module a step."""
