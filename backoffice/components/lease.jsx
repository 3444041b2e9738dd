import { useEffect, useRef } from "react";

const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel"];
const LOOK_MS = 2000;

/** Asks for a longer lease once half of it is gone, but only while somebody is there: an abandoned tab lets go. */
export function LeaseKeeper({ until = "", onRenew }) {
  const seen = useRef(0), call = useRef(onRenew);
  call.current = onRenew;
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
      if (now < half || now > end || seen.current < begun) return;
      clearInterval(timer);
      call.current?.();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [until]);
  return null;
}
