import { useEffect, useRef, useState } from "react";
import { useLost } from "./connection.jsx";
import { Icon } from "./icon.jsx";

const HOUR = 3600e3;
const nine = () => { const day = new Date(); day.setDate(day.getDate() + 1); day.setHours(9, 0, 0, 0); return day; };
const WAYS = [
  { how: "snooze", label: "In one hour", icon: "clock", until: () => new Date(Date.now() + HOUR) },
  { how: "snooze", label: "In four hours", icon: "clock", until: () => new Date(Date.now() + 4 * HOUR) },
  { how: "snooze", label: "Tomorrow at nine", icon: "clock", until: nine },
  { how: "snooze", label: "In three days", icon: "clock", until: () => new Date(Date.now() + 72 * HOUR) },
  { how: "ask", label: "Ask the partner…", icon: "circle-help" },
  { how: "second", label: "Have two people sign", icon: "users" },
];
const MOST = 2000, LEAST = 3;
const OFFLINE = "Nothing was sent: you are offline. Your words are kept; send them when the connection is back.";

/**
 * Opens in place when Wait is pressed: when to come back by digit, or a question to the partner whose draft is kept
 * until it is sent. onAside gets {how, task, until?, text?}.
 */
export function AsideDesk({ task = "", version = 0, disabled = false, onAside }) {
  const [open, setOpen] = useState(false), [asking, setAsking] = useState(false);
  const [text, setText] = useState(""), [wrong, setWrong] = useState("");
  const lost = useLost();
  const element = useRef(null), box = useRef(null);
  const draft = `question:${task}`;
  useEffect(() => { setOpen(false); setAsking(false); setWrong(""); try { setText(sessionStorage.getItem(draft) ?? ""); } catch { setText(""); } }, [task, version]);
  useEffect(() => { if (text) try { sessionStorage.setItem(draft, text); } catch { /* storage is full or refused */ } }, [text]);
  useEffect(() => {
    const press = (event) => {
      const name = event.target.closest?.("button[data-command]")?.dataset.command;
      if (name === "wait" && !disabled) setOpen(true);
      else if (name === "reject" || name === "resubmit") setOpen(false);
    };
    document.addEventListener("click", press);
    return () => document.removeEventListener("click", press);
  }, [disabled]);
  useEffect(() => { if (open) (asking ? box.current : element.current?.querySelector("button"))?.focus(); }, [open, asking]);
  if (!open || disabled) return null;
  const send = (way) => { if (lost) { setWrong(OFFLINE); return; } setOpen(false); onAside?.({ how: way.how, task, ...(way.until ? { until: way.until().toISOString() } : {}), ...(way.how === "ask" ? { text: text.trim() } : {}) }); };
  const choose = (way) => { if (way.how === "ask") setAsking(true); else send(way); };
  const ask = () => {
    if (text.trim().length < LEAST) { setWrong("Write what you need to know."); box.current?.focus(); return; }
    if (!lost) try { sessionStorage.removeItem(draft); } catch { /* nothing was kept */ }
    send(WAYS[4]);
  };
  const keys = (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); if (asking) setAsking(false); else setOpen(false); return; }
    if (asking) { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); ask(); } return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation();
    if (!event.repeat && WAYS[event.key - 1]) { event.preventDefault(); choose(WAYS[event.key - 1]); }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); const all = [...element.current.querySelectorAll(".reason")]; all[(all.indexOf(event.target) + step + all.length) % all.length]?.focus(); }
  };
  return (
    <section className="reasons" ref={element} onKeyDown={keys} aria-label="Wait" data-testid="aside-desk">
      <h2>{asking ? "Ask the partner" : "Put this aside"}</h2>
      {asking ? (
        <>
          <label className="field"><span className="label-text">Your question <span className="optional">(the partner reads it; the task comes back to you with the answer, or after three days)</span></span>
            <textarea className="input" rows={3} maxLength={MOST} ref={box} value={text} onChange={(event) => { setWrong(""); setText(event.target.value); }} data-testid="question-text" /></label>
          <div className="row" style={{ marginTop: 8 }}>
            <button type="button" className="button" data-tone="primary" onClick={ask} data-testid="question-send">Ask and next <kbd aria-hidden>Ctrl Enter</kbd></button>
            <button type="button" className="button" data-tone="ghost" onClick={() => setAsking(false)}>Back <kbd aria-hidden>Esc</kbd></button>
            {wrong ? <span className="field-error" role="alert"><Icon name="circle-alert" />{wrong}</span> : null}
          </div>
        </>
      ) : (
        <>
        <div className="reasons-grid" role="group" aria-label="Until when">
          {WAYS.map((way, index) => (
            <button key={way.label} type="button" className="reason" onClick={() => choose(way)} aria-keyshortcuts={String(index + 1)} data-testid={`aside-${index + 1}`}>
              <Icon name={way.icon} size={14} /><span className="words">{way.label}</span><kbd aria-hidden>{index + 1}</kbd>
            </button>
          ))}
        </div>
        {wrong ? <span className="field-error" role="alert"><Icon name="circle-alert" />{wrong}</span> : null}
        </>
      )}
    </section>
  );
}
