import { useEffect, useRef, useState } from "react";
import { Icon } from "./icon.jsx";

const LOOK = { success: ["green", "circle-check"], error: ["red", "circle-alert"], warning: ["amber", "triangle-alert"], info: ["blue", "info"] };
const LASTS = 6000;

/** The last message that this tab has shown: the state still holds it after a reload, but it is said once. */
const said = (seq) => { try { const before = sessionStorage.getItem("toast"); sessionStorage.setItem("toast", seq); return before === String(seq); } catch { return false; } };

/** Messages that the state sends as {seq, kind, text}; an error stays until it is closed. */
export function Toasts({ item, testId = "toasts" }) {
  const seen = useRef(0);
  const [shown, setShown] = useState([]);
  const drop = (seq) => setShown((all) => all.filter((one) => one.seq !== seq));
  useEffect(() => {
    if (!item?.seq || item.seq === seen.current) return;
    seen.current = item.seq;
    if (said(item.seq)) return;
    setShown((all) => [...all.slice(-3), item]);
    if (item.kind === "error") return;
    setTimeout(() => drop(item.seq), LASTS);
  }, [item?.seq]);
  return (
    <div className="toasts" role="status" aria-live="polite" data-testid={testId}>
      {shown.map((one) => {
        const [tone, icon] = LOOK[one.kind] ?? LOOK.info;
        return (
          <div className="toast" data-tone={tone} key={one.seq}>
            <Icon name={icon} />
            <p>{one.text}</p>
            <button type="button" className="button" data-tone="ghost" data-icon="only" data-size="sm" aria-label="Close message" onClick={() => drop(one.seq)}><Icon name="x" size={14} /></button>
          </div>
        );
      })}
    </div>
  );
}
