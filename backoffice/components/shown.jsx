import { useEffect, useRef } from "react";

const LATEST_MS = 400;
const SELECTOR = '[data-testid="viewer-image"]';
const isWaiting = () => document.querySelector(SELECTOR)?.dataset.state === "loading";

/** Tells once per task that it is painted, picture included; at the latest after 400 ms, also in a tab nobody looks at. */
export function Shown({ task = "", onShown }) {
  const call = useRef(onShown);
  call.current = onShown;
  useEffect(() => {
    if (!task) return;
    let frame = 0, quiet = 0;
    const tell = () => { stop(); call.current?.(task); };
    const timer = setTimeout(tell, LATEST_MS);
    const stop = () => { clearTimeout(timer); cancelAnimationFrame(frame); };
    const look = () => {
      quiet = isWaiting() ? 0 : quiet + 1;
      if (quiet > 2) tell();
      else frame = requestAnimationFrame(look);
    };
    frame = requestAnimationFrame(look);
    return stop;
  }, [task]);
  return null;
}
