"""What follows when a partner moves its test clock."""

from backoffice.jobs import erasures, expiry, retention, schedule, sla


async def catch_up() -> None:
    """Sweep at once what a test clock moves; the sweeps know each partner's time by themselves."""
    await expiry.expire_documents()
    await sla.check()
    await schedule.enqueue_unscreened()
    await retention.purge()
    await erasures.enqueue_lost()
