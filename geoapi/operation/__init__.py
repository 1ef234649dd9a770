# SPDX-License-Identifier: GPL-2.0-or-later
"""What keeps a site running: logs, health, metrics, backups, the doctor and serving itself."""
