"""The `backoffice` command."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from backoffice.commands.erase_options import erase
from backoffice.commands.key_options import keys
from backoffice.commands.mask_options import mask
from backoffice.commands.member_options import member
from backoffice.commands.partner_options import partner
from backoffice.commands.password_options import passwords
from backoffice.commands.person_options import person
from backoffice.commands.retention_options import hold, retention
from backoffice.commands.secret_options import secrets
from backoffice.commands.settings_options import settings_list
from backoffice.commands.sso_options import sso

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
key = typer.Typer(no_args_is_help=True, help="API keys of partners.")
app.add_typer(partner, name="partner")
app.add_typer(member, name="member")
app.add_typer(key, name="key")
policy = typer.Typer(no_args_is_help=True, help="Policies: what is decided alone. Publishing is on /ops/policies.")
app.add_typer(policy, name="policy")
prices = typer.Typer(no_args_is_help=True, help="Prices: what plans cost. Without any nothing is billed.")
app.add_typer(prices, name="prices")
jobs = typer.Typer(no_args_is_help=True, help="Jobs: what runs later, and what failed.")
app.add_typer(jobs, name="jobs")
for group, label in (
    (keys, "keys"), (secrets, "secrets"), (retention, "retention"), (hold, "hold"), (person, "person"), (sso, "sso"),
    (mask, "mask"), (passwords, "passwords"),
):  # fmt: skip
    app.add_typer(group, name=label)
app.command("erase")(erase)
app.command("settings")(settings_list)
audit = typer.Typer(no_args_is_help=True, help="The sealed audit log: export it, and check an export anywhere.")
app.add_typer(audit, name="audit")


@app.command()
def up() -> None:
    """Start everything: PostgreSQL and Valkey unless settings name others, web and worker."""
    from backoffice.commands import up

    up.up()


@app.command()
def web() -> None:
    """Start the web process: pages, websocket and API on one port."""
    from backoffice.commands import processes, runtime
    from backoffice.settings import child_environment

    runtime.check_secrets()
    runtime.check_roots()
    command = processes.web()
    os.execve(command[0], command, child_environment() | processes.REFLEX_PRODUCTION)  # noqa: S606 becomes the server


@app.command()
def worker() -> None:
    """Start a worker: screening, decisions that become final, webhooks."""
    from backoffice import worker
    from backoffice.commands import runtime

    runtime.check_secrets()
    runtime.check_roots()
    runtime.check_challengers()
    worker.main()


@app.command()
def migrate() -> None:
    """Bring the database to its newest form."""
    from backoffice.commands import database

    database.migrate()


@app.command()
def migration(message: str) -> None:
    """Write a migration from the models (for developers)."""
    from backoffice.commands import database

    database.migration(message)


@app.command()
def build() -> None:
    """Compile the pages, unless they are current."""
    from backoffice.commands import frontend
    from backoffice.commands.places import data_dir

    if not frontend.is_current():
        frontend.build(data_dir() / "logs" / "build.log")


@app.command()
def seed() -> None:
    """Load the demo cast and a month of history, once; refused outside demo mode."""
    from backoffice.commands import seed

    asyncio.run(seed.seed())


@app.command("demo-traffic")
def demo_traffic(
    rate: Annotated[float, typer.Option(min=0.01, max=20, help="Documents per second.")] = 0.5,
    count: Annotated[int, typer.Option(min=0, help="How many; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Post specimens through the API of the running product."""
    from backoffice.commands import traffic

    traffic.run(rate, count)


@app.command("demo-code")
def demo_code(email: str) -> None:
    """Print the second factor's code of one of the demo's people, right now."""
    from backoffice.commands import demo_logins

    demo_logins.code(email)


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation and how to mend it."""
    from backoffice.commands import doctor

    raise typer.Exit(asyncio.run(doctor.run()))


@app.command("backup-key")
def backup_key(file: Path) -> None:
    """Write a key that opens backups, and print the recipient that makes them."""
    from backoffice.commands import backups

    backups.make_key(file)


@app.command()
def backup(file: Path, recipient: Annotated[str, typer.Option(help="From `backoffice backup-key`: age1…")]) -> None:
    """Write one sealed file with database, files and keys, while the product runs."""
    from backoffice.commands import backups

    backups.backup(file, recipient)


@app.command()
def restore(
    file: Path, key: Annotated[Path, typer.Option(help="The file that `backoffice backup-key` wrote.")]
) -> None:
    """Put a backup in the place of what is there; who was erased since is erased again."""
    from backoffice.commands import backups

    backups.restore(file, key)


@app.command("after-restore")
def after_restore() -> None:
    """Make a database that another tool restored fit to open: erasures again, sessions ended."""
    from backoffice.commands import backups

    asyncio.run(backups.after_restore())


@key.command("create")
def key_create(
    partner_slug: str,
    name: str = "first key",
    live: Annotated[bool, typer.Option(help="A live key; otherwise one for test data.")] = False,
    scope: Annotated[list[str] | None, typer.Option(help="Repeat for several; none gives all.")] = None,
) -> None:
    """Make an API key and print it, once."""
    from backoffice.commands import admin

    asyncio.run(admin.create_key(partner_slug, name, live=live, scopes=scope or []))


@partner.command("human-review")
def partner_human_review(
    partner_slug: str, every: Annotated[bool, typer.Option("--every/--by-policy", help="Every document, or by policy.")]
) -> None:
    """Let people decide every document of a partner, or let policies decide again."""
    from backoffice.commands import policies

    asyncio.run(policies.want_person(partner_slug, wanted=every))


PolicyFile = Annotated[Path, typer.Argument(help="A policy in YAML; docs/policies.md has the language.")]
OfPartner = Annotated[str, typer.Option("--partner", help="Short name of a partner; none means the house.")]


@policy.command("check")
def policy_check(file: PolicyFile) -> None:
    """Say what is wrong with a policy, line by line."""
    from backoffice.commands import policies

    raise typer.Exit(asyncio.run(policies.check(file)))


@policy.command("list")
def policy_list(partner_slug: OfPartner = "") -> None:
    """List the versions of a policy, newest first."""
    from backoffice.commands import policies

    asyncio.run(policies.show(partner_slug))


@policy.command("draft")
def policy_draft(
    file: PolicyFile,
    author: Annotated[str, typer.Option("--as", help="E-mail of the person who wrote it; another one publishes.")],
    note: Annotated[str, typer.Option(help="What changes, and why.")] = "",
    partner_slug: OfPartner = "",
) -> None:
    """Keep a policy as a draft and print its version."""
    from backoffice.commands import policies

    asyncio.run(policies.draft(file, author, note, partner_slug))


@policy.command("withdraw")
def policy_withdraw(
    partner_slug: str, author: Annotated[str, typer.Option("--as", help="E-mail of the person who ends it.")]
) -> None:
    """End a partner's own policy: the house's rules its documents again."""
    from backoffice.commands import policies

    asyncio.run(policies.withdraw(partner_slug, author))


@policy.command("backtest")
def policy_backtest(
    file: PolicyFile,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to look back.")] = 30,
    partner_slug: OfPartner = "",
) -> None:
    """Replay the stored checks of the last days under a policy and print what would change."""
    from backoffice.commands import policies

    asyncio.run(policies.backtest(file, days, partner_slug))


PriceFile = Annotated[Path, typer.Argument(help="Prices in YAML; docs/billing.md has the form.")]
Operator = Annotated[str, typer.Option("--as", help="E-mail of the operator who does it.")]


@prices.command("check")
def prices_check(file: PriceFile) -> None:
    """Say whether a file of prices can be published, and show what it says."""
    from backoffice.commands import prices

    raise typer.Exit(prices.check(file))


@prices.command("publish")
def prices_publish(
    file: PriceFile, author: Operator, note: Annotated[str, typer.Option(help="What changes, and why.")] = ""
) -> None:
    """Publish a file of prices; they are in force from its date on."""
    from backoffice.commands import prices

    asyncio.run(prices.publish(file, author, note))


@prices.command("list")
def prices_list(number: Annotated[int, typer.Option("--version", help="Show this one in full.")] = 0) -> None:
    """List the versions of the prices, newest first."""
    from backoffice.commands import prices

    asyncio.run(prices.show(number))


@prices.command("currency")
def prices_currency(partner_slug: str, currency: str, author: Operator) -> None:
    """Set in which currency a partner is billed."""
    from backoffice.commands import prices

    asyncio.run(prices.bill_in(partner_slug, currency, author))


@prices.command("credit")
def prices_credit(number: str, amount: str, reason: str, author: Operator) -> None:
    """Give back a part of a final invoice; the partner's next one has it as a negative line."""
    from backoffice.commands import prices

    asyncio.run(prices.credit(number, amount, reason, author))


@jobs.command("list")
def jobs_list() -> None:
    """Say by name what waits and runs, and list what failed with its error."""
    from backoffice.commands import jobs

    asyncio.run(jobs.show())


@jobs.command("retry")
def jobs_retry(job_ids: Annotated[list[int], typer.Argument(help="Numbers, as `jobs list` prints them.")]) -> None:
    """Let failed jobs run again, with fresh attempts."""
    from backoffice.commands import jobs

    asyncio.run(jobs.retry(job_ids))


@app.command("access-review")
def access_review(file: Annotated[Path, typer.Argument(help="Where to write it: CSV.")]) -> None:
    """Write everybody and every API key with what it may do, for an access review."""
    from backoffice.commands import access_review as command

    asyncio.run(command.export(file))


KeptCheckpoint = typer.Option("--checkpoint", help="A checkpoint that you kept, as text or as the API serves it.")


@audit.command("export")
def audit_export(  # noqa: PLR0913, PLR0917 what to export, and where to
    file: Annotated[Path | None, typer.Argument(help="Where to write it: JSON lines.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The same, as an option.")] = None,
    partner_slug: Annotated[str, typer.Option("--partner", help="Short name: this partner's entries only.")] = "",
    start: Annotated[str, typer.Option("--from", help="From this day or moment on (ISO 8601, UTC).")] = "",
    end: Annotated[str, typer.Option("--to", help="Before this day or moment.")] = "",
    checkpoint: Annotated[Path | None, KeptCheckpoint] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="Where to write the key; beside the export by default.")
    ] = None,
) -> None:
    """Write the sealed audit log with the proofs that it is whole."""
    from backoffice.commands import audit

    asked = audit.Asked(partner_slug, start, end, checkpoint)
    asyncio.run(audit.export(audit.place_of(file, out), asked, public_key))


@audit.command("verify")
def audit_verify(
    file: Annotated[Path, typer.Argument(help="An export.")],
    public_key: Annotated[str, typer.Option("--public-key", help="The log's public key, or a file that holds it.")],
    checkpoint: Annotated[list[Path] | None, KeptCheckpoint] = None,
) -> None:
    """Check an export, without a database and without settings; say in words what is wrong."""
    from backoffice.commands import audit_verify

    raise typer.Exit(audit_verify.verify(file, public_key, checkpoint or []))


def main() -> None:
    """Run the command from the checkout it was installed from."""
    from backoffice.commands.console import explain

    with explain():
        app()
