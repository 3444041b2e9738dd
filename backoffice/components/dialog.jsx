import { useEffect, useId, useRef, useState } from "react";
import { Icon } from "./icon.jsx";

const Close = ({ onClick, label = "Close" }) => (
  <button type="button" className="button" data-tone="ghost" data-icon="only" aria-label={label} title={`${label} (Esc)`} onClick={onClick}>
    <Icon name="x" />
  </button>
);

/** A modal dialog: the browser keeps the focus inside, makes the rest inert and gives the focus back. */
export function Dialog({ open, title, foot, size, kind, onClose, children, testId }) {
  const element = useRef(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    if (open && !dialog.open) {
      dialog.showModal();
      dialog.querySelector(".dialog-body :is(input, select, textarea)")?.focus();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);
  const cancel = (event) => { event.preventDefault(); onClose?.(); };
  const outside = (event) => { if (event.target === element.current) onClose?.(); };
  return (
    <dialog ref={element} className="dialog" data-size={size} data-kind={kind} aria-labelledby={heading} onCancel={cancel} onMouseDown={outside} data-testid={testId}>
      <div className="dialog-head"><h2 id={heading}>{title}</h2><Close onClick={() => onClose?.()} /></div>
      <div className="dialog-body">{open || kind === "nav" ? children : null}</div>
      {foot && open ? <div className="dialog-foot">{foot}</div> : null}
    </dialog>
  );
}

/** A side panel that leaves the page usable: Esc closes it and the focus goes back. */
export function Peek({ title, onClose, children, testId }) {
  const element = useRef(null), close = useRef(onClose);
  close.current = onClose;
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement, panel = element.current;
    panel?.focus({ preventScroll: true });
    const isOurs = () => document.activeElement === document.body || panel?.contains(document.activeElement);
    const busy = () => document.querySelector("dialog[open], .menu-list:not([hidden])");
    const escape = (event) => { if (event.key === "Escape" && !event.defaultPrevented && !busy()) { event.preventDefault(); close.current?.(); } };
    // Before the page's own keys: the panel in front goes first.
    addEventListener("keydown", escape, true);
    return () => { removeEventListener("keydown", escape, true); if (before?.isConnected && isOurs()) before.focus({ preventScroll: true }); };
  }, []);
  return (
    <aside ref={element} className="peek" tabIndex={-1} aria-labelledby={heading} data-testid={testId}>
      <div className="peek-head"><h2 id={heading} className="truncate">{title}</h2><Close onClick={() => onClose?.()} /></div>
      <div className="peek-body region" tabIndex={0} role="group" aria-labelledby={heading}>{children}</div>
    </aside>
  );
}

/** A button that opens a list of links and buttons; arrows move, Esc closes. */
export function Menu({ label, icon, caret, text, side, count, kind, command, children, testId, onOpen, className = "button", tone = "ghost" }) {
  const [open, setOpen] = useState(false);
  const element = useRef(null);
  const id = useId();
  const items = () => [...element.current.querySelectorAll(".menu-list a, .menu-list button, .menu-list input")];
  const close = (focus) => { setOpen(false); if (focus) element.current.querySelector("button").focus(); };
  useEffect(() => {
    if (!open) return;
    const away = (event) => { if (!element.current.contains(event.target)) setOpen(false); };
    addEventListener("pointerdown", away);
    items()[0]?.focus();
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  const keys = (event) => {
    if (!open) return;
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(true); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); const all = items(); all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus(); }
  };
  const left = (event) => { if (open && event.relatedTarget && !element.current.contains(event.relatedTarget)) setOpen(false); };
  return (
    <div className="menu" ref={element} onKeyDown={keys} onBlur={left} data-side={side} data-kind={kind}>
      <button type="button" className={className} data-tone={tone} data-icon={text ? undefined : "only"} aria-label={label} title={text ? undefined : label}
        aria-expanded={open} aria-controls={id} onClick={() => { if (!open) onOpen?.(); setOpen(!open); }} data-command={command} data-testid={testId} data-value={count}>
        {icon && icon.length > 2 ? <Icon name={icon} /> : icon ? <span className="avatar" aria-hidden>{icon}</span> : null}
        {text}{count ? <span className="count" data-tone="alert">{count}</span> : null}
        {caret ? <Icon name="chevron-down" size={14} /> : null}
      </button>
      <div id={id} className="menu-list" hidden={!open} onClick={(event) => { if (event.target.closest("a, [data-closes]")) setOpen(false); }}>{children}</div>
    </div>
  );
}

/** The navigation of narrow screens: a menu button and a modal drawer. */
export function NavDrawer({ title, children, testId }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button menu-button" data-tone="ghost" data-icon="only" aria-label="Menu" aria-expanded={open} onClick={() => setOpen(true)} data-testid={testId}>
        <Icon name="menu" size={18} />
      </button>
      <div onClick={(event) => { if (event.target.closest("a")) setOpen(false); }}>
        <Dialog open={open} title={title} kind="nav" onClose={() => setOpen(false)}>{open ? children : null}</Dialog>
      </div>
    </>
  );
}
