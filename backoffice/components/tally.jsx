import { useContext, useEffect, useRef } from "react";
import { EventLoopContext } from "$/utils/context";

const IDLE_MS = 30_000;
const LATER_MS = 700;
const KEPT = 8;
const LIFE = ["keydown", "pointerdown", "pointermove", "wheel"];
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta"]);
const ZOOM = '[data-command^="zoom-"], [data-command="loupe"]';
const least = (value, most) => Math.max(0, Math.min(Math.round(value), most));

function blank() {
  const now = performance.now();
  return { shown: now, mark: now, first: null, active: 0, keys: 0, clicks: 0, zoom: 0, lost: 0, pages: new Set(), checks: new Set() };
}

/** Adds the time since the last sign of life, without what goes beyond half a minute; a hidden tab adds nothing. */
function advance(one) {
  const now = performance.now();
  if (document.visibilityState === "visible") one.active += Math.min(now - one.mark, IDLE_MS);
  one.mark = now;
}

function counts(one) {
  const day = 86_400_000;
  advance(one);
  return {
    first_input_ms: least(one.first === null ? performance.now() - one.shown : one.first - one.shown, day),
    active_ms: least(one.active, day),
    keys: least(one.keys, 100_000),
    clicks: least(one.clicks, 100_000),
    images_opened: least(one.pages.size, 1000),
    zoom_used: one.zoom,
    checks_opened: least(one.checks.size, 1000),
    connection_lost_ms: least(one.lost, day),
  };
}

/**
 * Counts what a decision takes: times, how many keys and clicks, never which. When a verdict on a task appears, it is
 * told what its task took, a little later: the next task is painted first. A task that comes back, as after an undo,
 * goes on counting.
 */
export function Tally({ task = "", page = 0, selected = "", verdict = "", verdictTask = "", onTally }) {
  const lost = (useContext(EventLoopContext)?.[1]?.length ?? 0) > 0;
  const all = useRef(new Map()), here = useRef(null), told = useRef(verdict), call = useRef(onTally);
  call.current = onTally;
  useEffect(() => {
    if (here.current) advance(here.current);
    here.current = null;
    if (!task) return;
    const one = all.current.get(task) ?? blank();
    one.mark = performance.now();
    all.current.delete(task);
    all.current.set(task, one);
    if (all.current.size > KEPT) all.current.delete(all.current.keys().next().value);
    here.current = one;
  }, [task]);
  useEffect(() => { here.current?.pages.add(page); }, [task, page]);
  useEffect(() => { if (selected.startsWith("check-")) here.current?.checks.add(selected); }, [task, selected]);
  useEffect(() => {
    if (!verdict || verdict === told.current) return;
    told.current = verdict;
    const one = all.current.get(verdictTask);
    if (!one) return;
    const took = counts(one);
    let waits = true;
    const tell = () => { if (waits) call.current?.(verdict, took); waits = false; };
    const timer = setTimeout(tell, LATER_MS);
    return () => { clearTimeout(timer); tell(); };
  }, [verdict]);
  useEffect(() => {
    if (!lost) return;
    const one = here.current, begun = performance.now();
    return () => { if (one) one.lost += performance.now() - begun; };
  }, [lost]);
  useEffect(() => {
    const alive = (event) => {
      const one = here.current;
      if (!one || !event.isTrusted) return;
      advance(one);
      if (event.type === "pointermove") return;
      one.first ??= performance.now();
      if (event.type === "keydown" && !event.repeat && !MODIFIERS.has(event.key)) one.keys += 1;
      if (event.type === "wheel" && event.target.closest?.(".viewer")) one.zoom = 1;
    };
    const click = (event) => {
      const one = here.current;
      if (!one) return;
      if (event.isTrusted && event.detail) one.clicks += 1;
      if (event.target.closest?.(ZOOM)) one.zoom = 1;
    };
    const seen = () => { const one = here.current; if (!one) return; if (document.visibilityState === "hidden") one.active += Math.min(performance.now() - one.mark, IDLE_MS); one.mark = performance.now(); };
    const options = { passive: true, capture: true };
    LIFE.forEach((name) => addEventListener(name, alive, options));
    addEventListener("click", click, options);
    document.addEventListener("visibilitychange", seen);
    return () => {
      LIFE.forEach((name) => removeEventListener(name, alive, options));
      removeEventListener("click", click, options);
      document.removeEventListener("visibilitychange", seen);
    };
  }, []);
  return null;
}
