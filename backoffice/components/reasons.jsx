import { useEffect, useMemo, useRef, useState } from "react";
import { Icon } from "./icon.jsx";

const MOST = { message: 1000, note: 4000 };
const WHERE = { message: "message to the applicant", note: "internal note" };

/** How much of a text's room is used, once little is left: nothing that somebody typed or pasted is cut off in silence. */
function Room({ text, most }) {
  if (text.length < most * 0.9) return null;
  const over = text.length - most;
  return <span className={over > 0 ? "field-error" : "muted small"} role="status" data-testid="room">{over > 0 ? `${over.toLocaleString("en")} characters too long: ${most.toLocaleString("en")} fit. Shorten it to send.` : `${text.length.toLocaleString("en")} of ${most.toLocaleString("en")} characters`}</span>;
}

/**
 * Reasons by digit: 1-9 tick the first nine shown, / searches the rest, Enter confirms, Esc leaves.
 * Drafts stay in the browser under `draft` until they are sent, and on if onConfirm answers false. It gets
 * {codes, message, note}; `waits` says why what was confirmed has not gone out yet, onEdit that it is being changed.
 */
export function ReasonPicker({ reasons = [], title, confirm = "Confirm", tone = "danger", draft = "", least = 1, comments = true, message = true, language = "", code = "", waits = "", onConfirm, onCancel, onEdit }) {
  const [codes, setCodes] = useState([]);
  const [find, setFind] = useState("");
  const [texts, setTexts] = useState({ message: "", note: "" });
  const [wrong, setWrong] = useState("");
  const element = useRef(null), search = useRef(null), grid = useRef(null);
  const key = draft && `draft:${draft}`;
  const given = (code) => reasons.some((one) => one.code === code);
  useEffect(() => {
    if (key) try { const kept = JSON.parse(sessionStorage.getItem(key)); if (kept) { setCodes((kept.codes ?? []).filter(given)); setTexts(kept.texts ?? texts); } } catch { /* nothing was kept */ }
    const before = document.activeElement;
    grid.current?.querySelector("button")?.focus();
    return () => { if (before?.isConnected) before.focus(); };
  }, []);
  useEffect(() => { if (key && (codes.length || texts.message || texts.note)) try { sessionStorage.setItem(key, JSON.stringify({ codes, texts })); } catch { /* storage is full or refused */ } }, [codes, texts]);
  const shown = useMemo(() => {
    const words = find.trim().toLowerCase();
    if (!words) return reasons;
    return reasons.filter((one) => `${one.code} ${one.label} ${one.category ?? ""}`.toLowerCase().includes(words));
  }, [reasons, find]);
  const needsNote = reasons.some((one) => one.needs_note && codes.includes(one.code)) && !texts.note.trim();
  const said = [...new Set(reasons.filter((one) => codes.includes(one.code)).map((one) => one.applicant_message)), ...[texts.message.trim()].filter(Boolean)];
  const write = (changed) => { setWrong(""); onEdit?.(); setTexts({ ...texts, ...changed }); };
  const toggle = (code) => { setWrong(""); onEdit?.(); setCodes((all) => (all.includes(code) ? all.filter((one) => one !== code) : [...all, code])); };
  const send = () => {
    if (!codes.every(given)) { setCodes(codes.filter(given)); setWrong("A reason that you chose has been removed from the list. Choose again."); return; }
    if (codes.length < least) { setWrong(`Choose at least ${least} reason.`); grid.current?.querySelector("button")?.focus(); return; }
    if (needsNote) { setWrong("This reason needs an internal note."); element.current.querySelector("textarea[name=note]")?.focus(); return; }
    const long = Object.keys(MOST).find((name) => texts[name].length > MOST[name]);
    if (long) { setWrong(`The ${WHERE[long]} is too long.`); element.current.querySelector(`textarea[name=${long}]`)?.focus(); return; }
    const isKept = onConfirm?.({ codes, ...texts }) === false;
    if (key && !isKept) try { sessionStorage.removeItem(key); } catch { /* as above */ }
  };
  const keys = (event) => {
    if (event.isComposing) return;
    const box = event.target.tagName === "TEXTAREA" || event.target === search.current;
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); if (event.target === search.current && find) setFind(""); else onCancel?.(); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.target.getAttribute("role") === "checkbox")) { event.preventDefault(); event.stopPropagation(); if (!event.repeat) send(); return; }
    if (event.key === "Enter" && event.target === search.current) { event.preventDefault(); if (shown.length) { toggle(shown[0].code); setFind(""); grid.current?.querySelector("button")?.focus(); requestAnimationFrame(() => document.activeElement?.scrollIntoView({ block: "nearest" })); } return; }
    if (box || event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation();
    if (event.repeat) return;
    if (/^[1-9]$/.test(event.key) && shown[event.key - 1]) { event.preventDefault(); toggle(shown[event.key - 1].code); }
    if (event.key === "/") { event.preventDefault(); search.current?.focus(); }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step && event.target.getAttribute("role") === "checkbox") { event.preventDefault(); const all = [...grid.current.querySelectorAll("button")]; all[(all.indexOf(event.target) + step + all.length) % all.length]?.focus(); }
  };
  const stopNative = (node) => { element.current = node; };
  return (
    <section className="reasons" ref={stopNative} onKeyDown={keys} aria-label={title} data-testid="reason-picker">
      <div className="row" data-justify="between">
        <h2>{title}</h2>
        <div className="search"><Icon name="search" size={15} /><input ref={search} type="search" className="input" data-size="sm" placeholder={`Search ${reasons.length} reasons`} aria-label="Search reasons" value={find} onChange={(event) => setFind(event.target.value)} /></div>
      </div>
      <div className="reasons-grid" ref={grid} role="group" aria-label="Reasons">
        {shown.map((one, index) => (
          <button key={one.code} type="button" role="checkbox" aria-checked={codes.includes(one.code)} className="reason" title={one.applicant_message} onClick={() => toggle(one.code)} data-testid={`reason-${one.code}`}
            aria-keyshortcuts={index < 9 ? String(index + 1) : undefined}>
            <span className="box"><Icon name="check" size={12} /></span><span className="words">{one.label}</span>{index < 9 ? <kbd aria-hidden>{index + 1}</kbd> : null}
          </button>
        ))}
        {shown.length ? null : <p className="muted">No reason matches.</p>}
      </div>
      {comments ? (
        <div className="grid" style={{ "--min": "260px", gap: 12 }}>
          {message ? <label className="field"><span className="label-text">To the applicant <span className="optional">(optional{language ? `, reads ${language}` : ""})</span></span><textarea className="input" name="message" rows={1} dir="auto" aria-invalid={texts.message.length > MOST.message} value={texts.message} onChange={(event) => write({ message: event.target.value })} data-testid="message-text" /><Room text={texts.message} most={MOST.message} /></label> : null}
          <label className="field"><span className="label-text">Internal note <span className="optional">(never leaves the team)</span></span><textarea className="input" name="note" rows={1} dir="auto" aria-invalid={texts.note.length > MOST.note} value={texts.note} onChange={(event) => write({ note: event.target.value })} data-testid="note-text" /><Room text={texts.note} most={MOST.note} /></label>
        </div>
      ) : null}
      {message && language && said.length ? (
        <div className="preview" data-testid="message-preview"><span className="muted small">The applicant reads</span>{" "}<span lang={code} dir="auto">{said.join(" ")}</span></div>
      ) : null}
      <div className="row" style={{ marginTop: 8 }}>
        <button type="button" className="button" data-tone={tone} onClick={send} data-testid="decision-confirm">{confirm} <kbd aria-hidden>Enter</kbd></button>
        <button type="button" className="button" data-tone="ghost" onClick={() => onCancel?.()}>Cancel <kbd aria-hidden>Esc</kbd></button>
        {wrong ? <span className="field-error" role="alert"><Icon name="circle-alert" />{wrong}</span> : null}
        <span className={waits ? "strong small" : "muted small"} role="status" data-testid="reasons-said">{waits || (codes.length ? `${codes.length} chosen` : "")}</span>
      </div>
    </section>
  );
}
