# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure this server, tipg and stock pygeoapi side by side on the same points; `make bench`.

CPU seconds come from /proc (server, and PostgreSQL with all its sessions): wall clock says little
on a machine that others use.
"""
