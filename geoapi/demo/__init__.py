# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration: a synthetic province that anybody may try things out on."""
