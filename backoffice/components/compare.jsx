import { useEffect, useState } from "react";
import { Icon } from "./icon.jsx";

const BLINK_MS = 800;
const STILL = "(prefers-reduced-motion: reduce)";

/** One of the two pictures; one that cannot be loaded says so and can be asked for again. */
function Picture({ src, label, style }) {
  const [state, setState] = useState("loading");
  const [tries, setTries] = useState(0);
  useEffect(() => { setState("loading"); setTries(0); }, [src]);
  if (!src) return null;
  return (
    <>
      <img key={tries} src={src} alt={label} style={{ ...style, visibility: state === "failed" ? "hidden" : undefined }} onLoad={() => setState("ready")} onError={() => setState("failed")} data-state={state} draggable={false} />
      {state === "failed" ? <div className="viewer-message" role="alert"><div className="stack"><Icon name="file-x" size={24} /><p>“{label}” could not be loaded. You can still ask the applicant again.</p><button type="button" className="button" onClick={() => { setState("loading"); setTries(tries + 1); }}>Try again</button></div></div> : null}
    </>
  );
}

/**
 * Two pictures in one place: laid over each other with a slider, or in turn. They change every 0.8 s (WCAG 2.3.1 allows
 * three flashes a second), pause on demand, and never by themselves for who asked for less motion.
 */
export function Comparison({ mode = "overlay", src = "", label = "", other = "", otherLabel = "" }) {
  const [share, setShare] = useState(50);
  const [second, setSecond] = useState(false);
  const [running, setRunning] = useState(false);
  useEffect(() => { setRunning(mode === "blink" && !matchMedia(STILL).matches); setSecond(false); }, [mode]);
  useEffect(() => {
    if (mode !== "blink" || !running) return;
    const timer = setInterval(() => setSecond((now) => !now), BLINK_MS);
    return () => clearInterval(timer);
  }, [mode, running]);
  const blinks = mode === "blink";
  const above = blinks ? (second ? 1 : 0) : share / 100;
  return (
    <div className="viewer comparison" data-testid="comparison" data-mode={mode}>
      <div className="viewer-stage">
        <Picture src={src} label={label} style={{ opacity: blinks && second ? 0 : 1 }} />
        <Picture src={other} label={otherLabel} style={{ opacity: above }} />
      </div>
      <div className="viewer-tools" role="toolbar" aria-label="Comparison">
        {blinks ? (
          <>
            <button type="button" className="button" data-size="sm" data-tone="ghost" aria-pressed={running} onClick={() => setRunning(!running)}><Icon name={running ? "pause" : "play"} />{running ? "Pause" : "Blink"}</button>
            <button type="button" className="button" data-size="sm" data-tone="ghost" onClick={() => { setRunning(false); setSecond(!second); }} data-testid="comparison-swap">Show the other</button>
            <span className="muted small">{second ? otherLabel : label}</span>
          </>
        ) : (
          <label>{label} <input type="range" min="0" max="100" step="5" value={share} aria-label={`How much of “${otherLabel}” lies over “${label}”`} onChange={(event) => setShare(Number(event.target.value))} /> {otherLabel}</label>
        )}
      </div>
    </div>
  );
}
