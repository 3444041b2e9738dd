"""What this installation runs with, on the command line: without a database, and without a secret."""

from itertools import groupby

from rich.markup import escape

from backoffice.commands.console import out
from backoffice.services import installation, setting_risks
from backoffice.services.access import Actor

ACTOR = Actor.system(name="command line")


def show(words: str) -> None:
    """Print every setting that has these words, or all, and then what is risky."""
    wanted = words.lower().split()
    found = [
        one
        for one in installation.listed(ACTOR)
        if all(word in f"{one.variable} {one.about} {one.group} {one.value}".lower() for word in wanted)
    ]
    for group, rows in groupby(found, key=lambda one: one.group):
        out.print(f"\n[bold]{group}[/bold]")
        for one in rows:
            said = f"{one.variable} = {escape(one.value)} [dim]({one.source})[/dim]\n  [dim]{one.about}[/dim]"
            out.print(said, soft_wrap=True)
    if not found:
        out.print("No setting has these words.")
    out.print()
    for risk in setting_risks.found(ACTOR):
        mark = "[red]✗[/red]" if risk.is_grave else "[yellow]![/yellow]"
        said = f"{mark} {risk.variable}: {escape(risk.says)}\n  [dim]→ {escape(risk.remedy)}[/dim]"
        out.print(said, soft_wrap=True)
