"""Runs the jobs: screening, verdicts, webhooks, seals, sweeps. Any number of workers on any number of hosts."""

import asyncio
import gc
import signal
from collections.abc import Mapping
from logging import getLogger

import uvloop

from backoffice import db
from backoffice.adapters import beats, error_reports, live, logs
from backoffice.adapters.job_runner import ATTEMPTS as DEFAULT_ATTEMPTS
from backoffice.adapters.job_runner import JobFunction, JobRunner
from backoffice.jobs import (
    alerts,
    api_keys,
    api_requests,
    assignments,
    audit,
    billing,
    bulk_actions,
    data_keys,
    day_counts,
    decisions,
    documents,
    engines,
    erasures,
    expiry,
    exports,
    file_masks,
    idempotency_records,
    members,
    notices,
    policies,
    regions,
    retention,
    reveals,
    samples,
    schedule,
    secrets,
    security,
    sla,
    status,
    test_clocks,
    viewings,
    webhooks,
)
from backoffice.services import copies
from backoffice.settings import settings

log = getLogger(__name__)
JOBS: Mapping[str, JobFunction] = {
    "document.screen": documents.screen,
    "decision.finalize": decisions.finalize,
    "review.release_claims": schedule.release_claims,
    "review.resume_waiting": schedule.resume_waiting,
    "review.check_sla": sla.check,
    "review.apply_sla": sla.apply,
    "review.alert_leads": sla.alert_leads,
    "review.mail_alert": sla.mail_alert,
    "review.assign": assignments.hand_out,
    "review.bulk": bulk_actions.run,
    "document.bulk": bulk_actions.run,
    "review.bulk_lost": bulk_actions.enqueue_lost,
    "day_counts.roll": day_counts.roll,
    "export.write": exports.write,
    "export.enqueue_lost": exports.enqueue_lost,
    "export.mail": exports.mail,
    "export.mail_approver": exports.mail_approver,
    "export.lapse": exports.lapse,
    "export.discard": exports.discard,
    "billing.apply_plans": billing.apply_plans,
    "billing.finalize": billing.finalize,
    "billing.check_thresholds": billing.check_thresholds,
    "billing.mail": billing.mail,
    "alert.check": alerts.check,
    "alert.check_partner": alerts.check_partner,
    "alert.mail": alerts.mail,
    "alert.forget": alerts.forget,
    "security.watch": security.watch,
    "security.mail": security.mail,
    "security.forget": security.forget,
    "decision.finalize_overdue": schedule.finalize_overdue,
    "document.enqueue_unscreened": schedule.enqueue_unscreened,
    "document.mask": file_masks.mask,
    "document.enqueue_unmasked": file_masks.enqueue_unmasked,
    "file.discard_replaced": file_masks.discard_replaced,
    "document.expire": expiry.expire_documents,
    "upload.discard": expiry.discard_uploads,
    "applicant.erase": erasures.erase,
    "applicant.enqueue_lost": erasures.enqueue_lost,
    "reveal.seal": reveals.seal,
    "retention.purge": retention.purge,
    "retention.recompute": retention.recompute,
    "retention.forget": retention.forget,
    "test_clock.catch_up": test_clocks.catch_up,
    "api_key.tell_expiring": api_keys.tell_expiring,
    "api_request.purge": api_requests.purge,
    "idempotency_record.purge": idempotency_records.purge,
    "notice.mail": notices.mail,
    "invitation.mail": members.mail_invitation,
    "member.mail_factor_reset": members.mail_factor_reset,
    "member.mail_password_reset": members.mail_password_reset,
    "member.mail_password_changed": members.mail_password_changed,
    "member.mail_second_factor_changed": members.mail_second_factor_changed,
    "member.mail_passkey_changed": members.mail_passkey_changed,
    "member.mail_sso_linked": members.mail_sso_linked,
    "member.mail_recovery_code_used": members.mail_recovery_code_used,
    "member.mail_new_browser": members.mail_new_browser,
    "check.rescreen": engines.rescreen,
    "check.enqueue_lost": engines.enqueue_lost,
    "policy.backtest": policies.backtest,
    "policy.enqueue_lost": policies.enqueue_lost,
    "sample.draw": samples.draw,
    "audit.publish": audit.publish,
    "data_key.rewrap": data_keys.rewrap,
    "data_key.move": data_keys.tend,
    "data_key.sweep": data_keys.sweep,
    "data_key.rewrite": data_keys.rewrite,
    "secret.tend": secrets.tend,
    "viewing.end_overdue": viewings.end_overdue,
    "status.forget": status.forget,
}
ATTEMPTS: Mapping[str, int] = {
    "notice.mail": 20,
    "review.mail_alert": 20,
    "export.mail": 20,
    "export.mail_approver": 20,
    "invitation.mail": 20,
    "member.mail_factor_reset": 20,
    "member.mail_password_reset": 8,
    "member.mail_password_changed": 20,
    "member.mail_second_factor_changed": 20,
    "member.mail_passkey_changed": 20,
    "member.mail_recovery_code_used": 20,
    "member.mail_new_browser": 20,
    "billing.mail": 20,
    "alert.mail": 20,
    "data_key.rewrite": 2,
}
"""Where the usual four minutes are too short, as a mail server may be away for some hours; or too long, as each try
to write the key store anew stops its readers, and there is another night."""
AT_ONCE: Mapping[str, int] = {"document.bulk": 2}
"""Over all workers: what takes minutes for one partner leaves room for everybody's documents."""
SCHEDULE = (
    ("* * * * * */5", "review.release_claims"),
    ("* * * * * */5", "review.resume_waiting"),
    ("* * * * * */5", "review.check_sla"),
    ("* * * * * */30", "review.alert_leads"),
    ("* * * * * */5", "review.assign"),
    ("* * * * * */5", "decision.finalize_overdue"),
    ("* * * * * */30", "document.enqueue_unscreened"),
    ("* * * * * */30", "document.expire"),
    ("* * * * *", "document.enqueue_unmasked"),
    ("* * * * *", "file.discard_replaced"),
    ("* * * * * */30", "applicant.enqueue_lost"),
    ("*/10 * * * *", "reveal.seal"),
    ("* * * * *", "retention.purge"),
    ("41 2 * * *", "retention.recompute"),
    ("23 3 * * *", "retention.forget"),
    ("* * * * *", "upload.discard"),
    ("* * * * *", "policy.enqueue_lost"),
    ("* * * * *", "review.bulk_lost"),
    ("* * * * *", "export.enqueue_lost"),
    ("* * * * * */20", "day_counts.roll"),
    ("* * * * *", "export.lapse"),
    ("*/5 * * * *", "export.discard"),
    ("* * * * *", "billing.apply_plans"),
    ("*/5 * * * *", "billing.finalize"),
    ("* * * * *", "billing.check_thresholds"),
    ("* * * * * */30", "alert.check"),
    ("43 * * * *", "alert.forget"),
    ("* * * * * */15", "security.watch"),
    ("53 * * * *", "security.forget"),
    ("* * * * *", "check.enqueue_lost"),
    ("* * * * * */30", "sample.draw"),
    ("* * * * *", "audit.publish"),
    ("* * * * *", "data_key.rewrap"),
    ("* * * * *", "data_key.move"),
    ("7 2 * * *", "data_key.sweep"),
    ("29 2 * * *", "data_key.rewrite"),
    ("* * * * *", "secret.tend"),
    ("* * * * * */30", "viewing.end_overdue"),
    ("37 3 * * *", "status.forget"),
    ("*/10 * * * *", "api_key.tell_expiring"),
    ("17 * * * *", "api_request.purge"),
    ("*/10 * * * *", "idempotency_record.purge"),
)
"""Cron in UTC with a sixth field of seconds."""


async def serve() -> None:
    """Work until SIGTERM or SIGINT; running jobs finish within the grace time, the others go back into the queue."""
    runner = JobRunner(settings().required("database_url"))
    for name, function in JOBS.items():
        attempts, at_once = ATTEMPTS.get(name, DEFAULT_ATTEMPTS), AT_ONCE.get(name, 0)
        runner.register(name, function, attempts=attempts, at_once=at_once)
    for cron, name in SCHEDULE:
        runner.every(cron, name)
    dispatcher, sealer = webhooks.Dispatcher(), audit.Sealer()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, runner, dispatcher, sealer)
    await regions.check()
    log.info("worker_started", extra={"jobs": sorted(JOBS)})
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(runner.run())
            group.create_task(dispatcher.run())
            group.create_task(sealer.run())
            group.create_task(documents.warm())
            group.create_task(beats.run(runner.stopping))
    finally:
        await documents.close()
        copies.close()
        await live.close()
        await db.close()
        await asyncio.to_thread(error_reports.close)
    log.info("worker_stopped")


def _stop(runner: JobRunner, dispatcher: webhooks.Dispatcher, sealer: audit.Sealer) -> None:
    runner.stop()
    dispatcher.stop()
    sealer.stop()


def keep_what_is_loaded() -> None:
    """Take the modules out of the garbage collector's rounds: they stay, and looking again cost sending 15 %."""
    gc.collect()
    gc.freeze()


def main() -> None:
    """Start one worker, on the loop that its queue brings along: sending costs a quarter less on it."""
    logs.configure("worker")
    error_reports.configure("worker")
    keep_what_is_loaded()
    uvloop.run(serve())


if __name__ == "__main__":
    main()
