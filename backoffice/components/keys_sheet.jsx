import { useEffect, useState } from "react";
import { Dialog } from "./dialog.jsx";
import { Icon } from "./icon.jsx";
import { MOD } from "./modifier.jsx";
import { change, effective, own } from "./own_keys.jsx";
import { tr } from "./lang.jsx";

const NAMES = { mod: "Ctrl", shift: "Shift", alt: "Alt", escape: "Esc", enter: "Enter", space: "Space" };
export const cap = (part) => part.split(/(?<=.)\+(?=.)/).map((name) => NAMES[name] ?? name.toUpperCase()).join(" ");
const far = (command) => command.startsWith("go-");
const single = (key) => !/[ ]/.test(key) && !key.startsWith("mod+") && key !== "?";

/** Commands with the key that presses them now, those of this page first; places that it cannot reach are left out. */
function listed(keys) {
  const now = effective(keys), shown = new Map();
  for (const [key, command] of Object.entries(keys)) if (!shown.has(command)) shown.set(command, key);
  return [...shown]
    .filter(([command]) => !(far(command) || command === "search") || document.querySelector(`[data-command="${command}"]`))
    .sort(([one], [other]) => far(one) - far(other))
    .map(([command, shipped]) => ({ command, shipped, key: Object.keys(now).find((key) => now[key] === command) ?? "" }));
}

/** The `?` sheet: every key of the page, one switch for all of them, and another key for any of them. */
export function KeysSheet({ open, keys, words, combination, onClose }) {
  const [asking, setAsking] = useState("");
  const [wrong, setWrong] = useState("");
  const [, redraw] = useState(0);
  const put = (next) => { change(next); redraw((count) => count + 1); };
  const rows = open ? listed(keys) : [];
  useEffect(() => { if (!open) { setAsking(""); setWrong(""); } }, [open]);
  useEffect(() => {
    if (!asking) return;
    const press = (event) => {
      if (/^(Shift|Control|Alt|Meta|Tab)$/.test(event.key)) return;
      event.preventDefault(); event.stopPropagation();
      const key = combination(event);
      if (key === "escape") { setAsking(""); return; }
      const off = key === "delete" || key === "backspace";
      const other = rows.find((one) => one.key === key && one.command !== asking);
      if (!off && (key.startsWith("mod+") || key.length > 7 || (key.length > 1 && !/^(shift|alt)\+.$/.test(key)))) { setWrong("Use one letter, digit or sign, with Shift or without."); return; }
      if (!off && (other || key === "?")) { setWrong(tr("{key} is “{command}” already.", { key: cap(key), command: other ? words[other.command] ?? other.command : "this sheet" })); return; }
      put({ keys: { ...own().keys, [asking]: off ? "" : key } });
      setAsking(""); setWrong("");
    };
    addEventListener("keydown", press, true);
    return () => removeEventListener("keydown", press, true);
  }, [asking]);
  const moved = Object.keys(own().keys).length > 0;
  return (
    <Dialog open={open} title="Keyboard shortcuts" size="lg" onClose={onClose} testId="hotkeys-sheet">
      <label className="switch">
        <input type="checkbox" role="switch" checked={own().on} onChange={() => put({ on: !own().on })} data-testid="hotkeys-switch" />
        {"Single-key shortcuts"}
      </label>
      <p className="muted small">Keys never act while you type, while a key is held down, or in the first moment after a new task appears. Press a key below to give its command another one; Delete takes it away.</p>
      <button type="button" className="topbar-search in-sheet" onClick={() => { onClose?.(); dispatchEvent(new CustomEvent("command-menu")); }} data-testid="sheet-menu">
        <Icon name="search" size={15} /><span>Search or jump, anywhere</span><kbd>{MOD()} K</kbd>
      </button>
      <ul className="keys-sheet">
        {rows.map(({ command, shipped, key }) => (
          <li key={command}>
            <span>{words[command] ?? command}</span>
            {single(shipped) ? (
              <button type="button" className="key-cap" data-own={command in own().keys} aria-label={tr("{command}: {key}. Change.", { command: words[command] ?? command, key: key ? cap(key) : "no key" })} aria-pressed={asking === command} onClick={() => { setWrong(""); setAsking(asking === command ? "" : command); }} data-testid={`key-${command}`}>
                {asking === command ? "Press a key" : key ? <kbd>{cap(key)}</kbd> : tr("none")}
              </button>
            ) : <span className="nowrap">{shipped.split(" ").map((part) => <kbd key={part}>{cap(part)}</kbd>)}</span>}
          </li>
        ))}
      </ul>
      <div className="row" style={{ marginTop: 12 }}>
        {moved ? <button type="button" className="button" data-size="sm" onClick={() => put({ keys: {} })} data-testid="hotkeys-reset">As shipped</button> : null}
        <span className="field-error" role="alert">{wrong}</span>
      </div>
    </Dialog>
  );
}
