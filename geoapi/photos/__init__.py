# SPDX-License-Identifier: GPL-2.0-or-later
"""Photos of service points: read and cleaned, kept as files, uploaded in pieces, shown by right."""
