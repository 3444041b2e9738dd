import { useEffect, useRef, useState } from "react";
import { useLost } from "./connection.jsx";
import { ReasonPicker } from "./reasons.jsx";

const MODES = {
  reject: { title: "Reject because", confirm: "Reject and next", tone: "danger" },
  resubmit: { title: "Ask again because", confirm: "Ask again and next", tone: "warn" },
};
const ANSWER_MS = 3000;
const WAITS = "You are offline. This is kept here and nothing was sent. It goes out once, when the connection is back and the task is still yours.";
const forget = (name) => { try { sessionStorage.removeItem(`draft:${name}`); } catch { /* storage is refused */ } };

/** Holds a decision until the connection is back and the page has been read again; only then it is known to be right. */
function useReturn(isRead, waiting, go) {
  const lost = useLost();
  const call = useRef(go), seen = useRef({});
  call.current = go;
  seen.current = { isRead, wasUnread: seen.current.wasUnread || !isRead };
  useEffect(() => {
    if (lost || !waiting) return;
    seen.current.wasUnread = false;
    const until = Date.now() + ANSWER_MS;
    const timer = setInterval(() => {
      if (!seen.current.isRead || (!seen.current.wasUnread && Date.now() < until)) return;
      clearInterval(timer);
      call.current();
    }, 100);
    return () => clearInterval(timer);
  }, [lost, Boolean(waiting)]);
  return lost;
}

/**
 * Opens the reasons in the browser the moment Reject or Ask again is pressed, so that the digit typed right after the
 * letter already counts; closes when another task appears. onDecide gets {mode, task, codes, message, note}; onRefused
 * is called when the task still stands a while later. Without a connection the decision waits here, and goes out once.
 */
export function ReasonDesk({ reasons = [], task = "", version = 0, language = "", code = "en", disabled = false, isRead = true, onDecide, onRefused }) {
  const [mode, setMode] = useState("");
  const [waiting, setWaiting] = useState(null);
  const [lapsed, setLapsed] = useState("");
  const sent = useRef(null), shown = useRef({}), call = useRef(onRefused);
  call.current = onRefused;
  const decide = (choice) => {
    sent.current = `${choice.task}:${choice.mode}`;
    setMode(""); setWaiting(null);
    onDecide?.(choice);
  };
  const lost = useReturn(isRead, waiting, () => { if (waiting.task === task && !disabled) decide(waiting); });
  useEffect(() => {
    const before = shown.current;
    shown.current = { task, mode: "" };
    if (before.task !== task && sent.current) forget(sent.current);
    // A task that changes twice, as when a lease ends and another takes it, has still left the draft behind.
    setLapsed((kept) => (before.task === task && (before.mode || kept === task) && !sent.current ? task : ""));
    sent.current = null;
    setMode(""); setWaiting(null);
  }, [task, version]);
  useEffect(() => { shown.current.mode = mode; if (mode) setLapsed(""); }, [mode]);
  useEffect(() => () => { if (sent.current) forget(sent.current); }, []);
  useEffect(() => {
    if (mode || !sent.current) return;
    const late = setTimeout(() => { if (sent.current) { sent.current = null; call.current?.(); } }, ANSWER_MS);
    return () => clearTimeout(late);
  }, [mode, task, version]);
  useEffect(() => {
    const press = (event) => {
      const name = event.target.closest?.("button[data-command]")?.dataset.command;
      if (MODES[name] && !disabled) { setWaiting(null); setMode(name); }
    };
    document.addEventListener("click", press);
    return () => document.removeEventListener("click", press);
  }, [disabled]);
  if (lapsed === task && !mode && task) return <p className="desk-word" role="status" data-testid="draft-kept">This task has changed: nothing was sent. Your draft is kept and opens with the same key, if the task is yours.</p>;
  if (!mode || disabled) return null;
  const confirm = (chosen) => {
    const choice = { ...chosen, mode, task };
    if (lost) setWaiting(choice); else decide(choice);
    return false;
  };
  return (
    <ReasonPicker key={`${task}:${mode}`} reasons={reasons} {...MODES[mode]} draft={`${task}:${mode}`} message={language !== ""} language={language} code={code} waits={waiting ? WAITS : ""}
      onEdit={() => setWaiting(null)} onCancel={() => { setMode(""); setWaiting(null); }} onConfirm={confirm} />
  );
}
