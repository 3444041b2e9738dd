import { useEffect, useState } from "react";
import { locale as pageLocale, tr } from "./lang.jsx";

// One clock for the whole page, however many times are shown.
const listeners = new Set();
let timer;
function useNow(every = 1000) {
  const [now, setNow] = useState(null);
  useEffect(() => {
    let last = 0;
    const tick = (moment) => { if (moment - last >= every - 50) { last = moment; setNow(moment); } };
    tick(Date.now());
    listeners.add(tick);
    timer ??= setInterval(() => { const moment = Date.now(); listeners.forEach((listener) => listener(moment)); }, 1000);
    return () => {
      listeners.delete(tick);
      if (!listeners.size) { clearInterval(timer); timer = undefined; }
    };
  }, [every]);
  return now;
}

const UNITS = [["{count} y", 31536000], ["{count} mo", 2592000], ["{count} d", 86400], ["{count} h", 3600], ["{count} min", 60], ["{count} s", 1]];

/** 200 → "in 3 min", -7300 → "2 h ago": the same short units as the texts of the server. */
function relative(seconds) {
  const size = Math.abs(seconds);
  if (size < 5) return tr("now");
  const [unit, length] = UNITS.find(([, length]) => size >= length);
  const time = tr(unit, { count: Math.floor(size / length) });
  return seconds < 0 ? tr("{time} ago", { time }) : tr("in {time}", { time });
}

/** 75 → "1:15", 4000 → "1 h 6 min", 200000 → "2 d 7 h". */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 86400) return tr("{days} d {hours} h", { days: Math.floor(whole / 86400), hours: Math.floor((whole % 86400) / 3600) });
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const exact = (moment, locale) =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }).format(moment);

export function RelativeTime({ at, locale, empty = "-", className = "" }) {
  const now = useNow();
  if (!at) return <span className="muted">{empty}</span>;
  const moment = new Date(at);
  if (now === null) return <time className={`when ${className}`} dateTime={at}>{String(at).slice(0, 16).replace("T", " ")}</time>;
  const words = exact(moment, locale || pageLocale());
  return (
    <time className={`when ${className}`} dateTime={at} title={words} tabIndex={0} aria-label={words}>
      {relative((moment.getTime() - now) / 1000)}
    </time>
  );
}

export function ExactTime({ at, locale, empty = "-" }) {
  const now = useNow(3600000);
  if (!at) return <span className="muted">{empty}</span>;
  return <time dateTime={at}>{now === null ? String(at).slice(0, 19).replace("T", " ") : exact(new Date(at), locale || pageLocale())}</time>;
}

/** Time left until a moment; says so when it is near and when it has passed; calls onDone once. */
export function Countdown({ until, before = "", after = "", done = tr("now"), soon = 60, onDone, testId }) {
  const now = useNow();
  const left = now === null || !until ? null : (new Date(until).getTime() - now) / 1000;
  const over = left !== null && left <= 0;
  useEffect(() => { if (over && onDone) onDone(); }, [over]);
  if (!until) return <span className="muted">-</span>;
  if (left === null) return <time className="when" dateTime={until}>…</time>;
  return (
    <time className="when" dateTime={until} data-testid={testId} data-soon={left > 0 && left <= soon} data-late={over && !!after}>
      {over ? after ? `${after} ${duration(-left)}` : done : `${before}${duration(left)}`}
    </time>
  );
}

/** Time since a moment, for things that are still going on. */
export function Elapsed({ since, empty = "-" }) {
  const now = useNow();
  if (!since) return <span className="muted">{empty}</span>;
  return <time className="when" dateTime={since}>{now === null ? "…" : duration((now - new Date(since).getTime()) / 1000)}</time>;
}
