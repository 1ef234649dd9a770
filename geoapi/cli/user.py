# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud user``: users, roles and tokens from the command line of whoever owns the files."""

from __future__ import annotations

import sys
from datetime import date, datetime

import click

from geoapi import access_tokens, accounts, grants, sign_in
from geoapi.accounts import NewUser, UserView
from geoapi.errors import NotFoundError
from geoapi.managers import Actor
from geoapi.messages import message
from geoapi.rights import ROLE_PERMISSIONS, SYSTEM, Grant
from geoapi.site import Site
from geoapi.store import accounts as rows

_ACTOR = Actor(SYSTEM, "command-line")
_DAY = click.DateTime(["%Y-%m-%d"])


def create_first_admin(site: Site, username: str, display_name: str) -> str:
    """Make a system administrator and return the path of the one-time link for the password.

    Raises:
        InvalidDocumentError: the name can't be used.
        ConflictError: the username is taken.
    """
    new = NewUser(username, display_name, grant=Grant("admin"))
    _, path = accounts.create_user(site, _ACTOR, new)
    return path


def _say(message_id: str, **params: object) -> None:
    for language in ("th", "en"):
        click.echo(message(message_id, "th" if language == "th" else "en", params))


def _user(site: Site, username: str) -> rows.User:
    name = accounts.normalise_username(username)
    found = site.store.read(lambda connection: rows.user_by_name(connection, name))
    if found is None:
        raise NotFoundError("users.not_found")
    return found


def _day(value: datetime | None) -> date | None:
    return None if value is None else value.date()


@click.group()
def user() -> None:
    """Make and change users (ผู้ใช้)."""


@user.command()
@click.argument("username")
@click.option("--name", "display_name", required=True, help="Display name.")
@click.option("--language", type=click.Choice(["th", "en"]), default="th", show_default=True)
@click.option("--role", type=click.Choice(list(ROLE_PERMISSIONS)), help="A first role.")
@click.option("--agency", default="", help="Id or code of the agency; empty for all.")
@click.option("--area", default="", help="DOPA code of 2, 4 or 6 digits; empty for all.")
@click.pass_obj
def add(  # noqa: PLR0913, PLR0917 - one argument an option
    site: Site,
    username: str,
    display_name: str,
    language: str,
    role: str | None,
    agency: str,
    area: str,
) -> None:
    """Make a user and print the one-time link with which the password is set."""
    grant = Grant(role, agency, area) if role else None
    _, path = accounts.create_user(site, _ACTOR, NewUser(username, display_name, language, grant))
    _say("users.cli.made", username=username, link=site.settings.base_url + path)


@user.command()
@click.argument("username")
@click.argument("role", type=click.Choice(list(ROLE_PERMISSIONS)))
@click.option("--agency", default="", help="Id or code of the agency; empty for all.")
@click.option("--area", default="", help="DOPA code of 2, 4 or 6 digits; empty for all.")
@click.option("--from", "valid_from", type=_DAY, help="First day, YYYY-MM-DD.")
@click.option("--to", "valid_to", type=_DAY, help="Last day, YYYY-MM-DD.")
@click.option("--remove", is_flag=True, help="Take the role away, wherever it holds.")
@click.pass_obj
def role(  # noqa: PLR0913, PLR0917 - one argument an option
    site: Site,
    username: str,
    role: str,
    agency: str,
    area: str,
    valid_from: datetime | None,
    valid_to: datetime | None,
    *,
    remove: bool,
) -> None:
    """Give a user a role, or take it away."""
    found = _user(site, username)
    if remove:
        count = _remove_role(site, found, role)
        _say("users.cli.role_taken", username=username, role=role, count=count)
        return
    grant = Grant(role, agency, area, _day(valid_from), _day(valid_to))
    grants.add_grant(site, _ACTOR, found.id, found.revision, grant)
    _say("users.cli.role_given", username=username, role=role)


def _remove_role(site: Site, found: rows.User, role: str) -> int:
    view = accounts.get_user(site, SYSTEM, found.id)
    held = [grant for grant, _ in view.grants if grant.role == role]
    if not held:
        raise NotFoundError("users.grant_not_found")
    revision = view.user.revision
    for grant in held:
        grants.remove_grant(site, _ACTOR, found.id, revision, grant.id)
        revision += 1
    return len(held)


@user.command()
@click.argument("username")
@click.option("--label", required=True, help="What the token is for.")
@click.option("--days", type=int, default=90, show_default=True, help="Its life in days.")
@click.pass_obj
def token(site: Site, username: str, label: str, days: int) -> None:
    """Make a personal access token and print it, for the only time."""
    found = _user(site, username)
    click.echo(access_tokens.issue_token(site, _ACTOR, found.id, (label, days)))


@user.command()
@click.argument("username")
@click.pass_obj
def disable(site: Site, username: str) -> None:
    """Disable a user; all sessions and tokens end."""
    found = _user(site, username)
    accounts.set_disabled(site, _ACTOR, found.id, found.revision, disabled=True)
    _say("users.cli.disabled", username=username)


@user.command()
@click.argument("username")
@click.pass_obj
def enable(site: Site, username: str) -> None:
    """Enable a user again."""
    found = _user(site, username)
    accounts.set_disabled(site, _ACTOR, found.id, found.revision, disabled=False)
    _say("users.cli.enabled", username=username)


@user.command("list")
@click.option("--search", default="", help="Part of a username or display name.")
@click.pass_obj
def list_users(site: Site, search: str) -> None:
    """List users: username, whether disabled, roles with agency and area."""
    after, count = "", 0
    while True:
        found = accounts.list_users(site, SYSTEM, words=search, after=after)
        for view in found[: accounts.PAGE_SIZE]:
            click.echo(_line(view))
            count += 1
        if len(found) <= accounts.PAGE_SIZE:
            break
        after = found[accounts.PAGE_SIZE - 1].user.username
    if not count:
        _say("users.cli.no_users")


def _line(view: UserView) -> str:
    held = [
        ":".join(part for part in (grant.role, grant.agency_id, grant.area_code) if part)
        for grant, _ in view.grants
    ]
    standing = "disabled" if view.user.disabled_at else "enabled"
    return "\t".join([view.user.username, standing, ",".join(held)])


@user.command()
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--must-change", is_flag=True, help="The user must change it at the next sign-in.")
@click.pass_obj
def password(site: Site, username: str, *, password_stdin: bool, must_change: bool) -> None:
    """Set a user's password; it is asked for, never given as an argument."""
    if password_stdin:
        new = sys.stdin.readline().rstrip("\r\n")
    else:
        new = click.prompt("รหัสผ่านใหม่ / New password", hide_input=True, confirmation_prompt=True)
    sign_in.set_password(site, _ACTOR, username, new, must_change=must_change)
    _say("users.cli.password_set", username=username)
