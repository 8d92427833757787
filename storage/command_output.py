"""The texts that commands print about what they did."""

import typer

from storage.dynamodb.legacy.migrate import Migration
from storage.transfer.importing import Summary


def quantity(count: float, noun: str) -> str:
    """Return a number with a noun, in the plural unless it is one."""
    return f"{count:.15g} {noun}{'' if count == 1 else 's'}"


def print_summary(summary: Summary) -> None:
    """Print what an import did."""
    typer.echo(f"registered {summary.registered}")
    typer.echo(f"updated {summary.updated}")
    typer.echo(f"unchanged {summary.unchanged}")
    typer.echo(f"rejected {summary.rejected.total()}")
    for reason, count in summary.rejected.most_common():
        typer.echo(f"  {reason} {count}")


def print_migration(done: Migration, *, dry_run: bool) -> None:
    """Print what a migration did, or would do."""
    would = "would be " if dry_run else ""
    typer.echo(f"indexes {would}added: {', '.join(done.indexes) or 'none'}")
    if done.indexes and done.throughput:
        units = done.throughput
        typer.echo(
            f"  each with {quantity(units.read_units, 'read unit')} and "
            f"{quantity(units.write_units, 'write unit')} per second, because the table is not "
            "on demand"
        )
    typer.echo(f"indexes {would}removed: {', '.join(done.removed) or 'none'}")
    typer.echo(f"artifacts {would}migrated: {done.migrated}")
    typer.echo(f"items {would}repaired: {done.repaired}")
    typer.echo(f"undecided: {len(done.undecided)}")
    for inconsistency in done.undecided:
        typer.echo(f"  {inconsistency.about} {inconsistency.message}")
    if done.left:
        typer.echo(f"written meanwhile and left: {done.left}; run it again", err=True)
