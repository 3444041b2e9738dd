import { useEffect, useRef } from "react";

const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel"];
const LOOK_MS = 2000;

/** Asks for a longer lease once half of it is gone, but only while somebody is there: an abandoned tab lets go, and says so. */
export function LeaseKeeper({ until = "", onRenew, onEnd }) {
  const seen = useRef(0), call = useRef({});
  call.current = { onRenew, onEnd };
  useEffect(() => {
    const note = () => { seen.current = Date.now(); };
    SIGNS.forEach((name) => addEventListener(name, note, { passive: true }));
    return () => SIGNS.forEach((name) => removeEventListener(name, note));
  }, []);
  useEffect(() => {
    if (!until) return;
    const begun = Date.now(), end = new Date(until).getTime(), half = begun + (end - begun) / 2;
    const timer = setInterval(() => {
      const now = Date.now();
      if (now <= end && (now < half || seen.current < begun)) return;
      clearInterval(timer);
      if (now > end) call.current.onEnd?.();
      else call.current.onRenew?.();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [until]);
  return null;
}
