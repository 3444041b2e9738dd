import { Icon } from "./icon.jsx";

/** Every status of the product: [word, icon, tone]. Colour never carries the meaning alone. */
const STATUS = {
  awaiting_upload: ["Awaiting upload", "circle-dashed", "gray"],
  submitted: ["Submitted", "inbox", "blue"],
  processing: ["Processing", "loader", "blue"],
  in_review: ["In review", "clock-alert", "amber"],
  approved: ["Approved", "circle-check", "green"],
  rejected: ["Rejected", "circle-x", "red"],
  resubmission_requested: ["Resubmission", "rotate-ccw", "amber"],
  superseded: ["Superseded", "layers", "gray"],
  expired: ["Expired", "calendar-x", "gray"],
  canceled: ["Canceled", "ban", "gray"],
  redacted: ["Erased", "trash-2", "gray"],
  created: ["Created", "circle-dashed", "gray"],
  pending: ["Pending", "clock", "amber"],
  queued: ["Queued", "inbox", "gray"],
  claimed: ["Claimed", "user-round-check", "indigo"],
  in_progress: ["In progress", "user-round-check", "indigo"],
  second_review: ["Second review", "users", "indigo"],
  on_hold: ["On hold", "pause", "gray"],
  escalated: ["Escalated", "chevrons-up", "indigo"],
  completed: ["Completed", "check", "green"],
  passed: ["Passed", "circle-check", "green"],
  warning: ["Unsure", "triangle-alert", "amber"],
  failed: ["Failed", "circle-x", "red"],
  error: ["Could not run", "circle-alert", "amber"],
  not_applicable: ["Not applicable", "minus", "gray"],
  delivered: ["Delivered", "circle-check", "green"],
  exhausted: ["Gave up", "circle-x", "red"],
  enabled: ["Enabled", "circle-check", "green"],
  disabled: ["Disabled", "ban", "red"],
  paused: ["Paused", "pause", "amber"],
  active: ["Active", "circle-check", "green"],
  invited: ["Invited", "mail", "blue"],
  suspended: ["Suspended", "ban", "red"],
  revoked: ["Revoked", "ban", "gray"],
  rotating: ["Rotating", "refresh-cw", "amber"],
  running: ["Running", "loader", "blue"],
  ready: ["Ready", "circle-check", "green"],
  live: ["Live data", "zap", "green"],
  test: ["Sandbox", "code", "amber"],
  open: ["Open", "circle", "blue"],
  shadow: ["In shadow", "eye", "blue"],
  published: ["Rules now", "circle-check", "green"],
  retired: ["Retired", "archive", "gray"],
  discarded: ["Discarded", "trash-2", "gray"],
  draft: ["Draft", "circle-dashed", "gray"],
  paid: ["Paid", "circle-check", "green"],
  finalized: ["Finalized", "file-check", "indigo"],
  ok: ["Healthy", "circle-check", "green"],
  degraded: ["Degraded", "triangle-alert", "amber"],
  down: ["Down", "circle-x", "red"],
  mismatch: ["Differs", "circle-x", "red"],
  partial: ["Partly", "triangle-alert", "amber"],
  match: ["Matches", "check", "green"],
  missing: ["Missing", "minus", "gray"],
};

const spoken = (code) => code.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());

export function describe(status) {
  return STATUS[status] ?? [spoken(String(status ?? "")), "circle-help", "gray"];
}

export function StatusBadge({ status, note, size, plain, testId }) {
  const [word, icon, tone] = describe(status);
  return (
    <span className="badge" data-tone={tone} data-status={status} data-size={size} data-plain={plain} data-testid={testId}>
      <Icon name={icon} size={13} />
      {note ? `${word} · ${note}` : word}
    </span>
  );
}
