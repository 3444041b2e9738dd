import { useContext, useEffect, useRef, useState } from "react";
import { EventLoopContext } from "$/utils/context";
import { Icon } from "./icon.jsx";
import { chosenLanguage, locale, tr } from "./lang.jsx";

/** True while the network is gone, or an attempt to connect has failed and none has succeeded since. */
export function useLost() {
  const failed = (useContext(EventLoopContext)?.[1]?.length ?? 0) > 0;
  const [gone, setGone] = useState(false);
  useEffect(() => {
    const look = () => setGone(!navigator.onLine);
    look();
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => { removeEventListener("online", look); removeEventListener("offline", look); };
  }, []);
  return failed || gone;
}
const ASK_MS = 600, SPREAD_MS = 600, PATIENCE_MS = 2000;

/**
 * Asks by plain HTTP whether the product is ready again, and lets the socket try at once: its own pauses grow.
 * One question at a time, spread over the tabs, and none from a tab that nobody sees.
 */
function useEagerReturn(lost) {
  useEffect(() => {
    if (!lost) return;
    let timer, isOver = false;
    const ask = async () => {
      if (!document.hidden && navigator.onLine) {
        const answer = await fetch("/readyz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
        if (answer?.ok && !isOver) document.dispatchEvent(new Event("visibilitychange"));
      }
      if (!isOver) later();
    };
    const later = () => { timer = setTimeout(ask, ASK_MS + Math.random() * SPREAD_MS); };
    later();
    return () => { isOver = true; clearTimeout(timer); };
  }, [lost]);
}
const clock = (moment) => new Intl.DateTimeFormat(locale(), { timeStyle: "medium" }).format(moment);

export function LiveStatus({ paused = false }) {
  const lost = useLost();
  const state = lost ? "reconnecting" : paused ? "paused" : "live";
  const word = { reconnecting: "Reconnecting", paused: "Paused", live: "Live" }[state];
  return <span className="live" role="status" data-testid="live-status" data-state={state}>{word}</span>;
}

/** The strip that tells that the connection is gone, how old the data are, and when it came back. */
export function Overlay({ children }) {
  const lost = useLost();
  useEagerReturn(lost);
  const [shown, setShown] = useState("");
  const [since, setSince] = useState(null);
  const was = useRef(false);
  useEffect(() => {
    if (lost) {
      setSince((moment) => moment ?? Date.now());
      const late = setTimeout(() => { was.current = true; setShown("lost"); }, 1500);
      return () => clearTimeout(late);
    }
    setSince(null);
    if (!was.current) return;
    was.current = false;
    if (chosenLanguage() !== document.documentElement.lang) location.reload();
    setShown("back");
    const gone = setTimeout(() => setShown(""), 3000);
    return () => clearTimeout(gone);
  }, [lost]);
  useEffect(() => { document.documentElement.toggleAttribute("data-offline", shown === "lost"); document.documentElement.toggleAttribute("data-strip", shown !== ""); }, [shown]);
  return (
    <>
      {children}
      <div role="status" aria-live="polite">
        {shown === "lost" ? (
          <div className="overlay-strip" data-state="lost" data-testid="connection-lost">
            <Icon name="wifi-off" />
            <span>Live updates paused. Showing data from {since ? clock(since) : tr("before")}. Reconnecting…</span>
            <button type="button" onClick={() => location.reload()}>Reload now</button>
          </div>
        ) : shown === "back" ? (
          <div className="overlay-strip" data-state="back"><Icon name="circle-check" /><span>Up to date again</span></div>
        ) : null}
      </div>
    </>
  );
}
