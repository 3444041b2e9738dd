import { useEffect, useRef } from "react";

/** What a person changed: whether single keys act, and by command the key that presses it ("" for none). */
const kept = { on: true, keys: {} };
const listeners = new Set();

const fromHere = () => { try { return localStorage.getItem("hotkeys") !== "off"; } catch { return true; } };
kept.on = typeof window === "undefined" || fromHere();

export const own = () => kept;

export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell() { listeners.forEach((listener) => listener()); }

/** Takes a change made on the sheet: it acts at once, and the server keeps it for every browser. */
export function change(next) {
  Object.assign(kept, next);
  try { localStorage.setItem("hotkeys", kept.on ? "on" : "off"); } catch { /* the server keeps it */ }
  tell();
  dispatchEvent(new CustomEvent("own-keys", { detail: { on: kept.on, keys: kept.keys } }));
}

/** The page's keys as this person has them: moved ones under their own key, switched-off ones gone. */
export function effective(keys) {
  const moved = kept.keys, taken = new Set(Object.values(moved).filter(Boolean)), all = {};
  for (const [key, command] of Object.entries(keys)) {
    if (command in moved) { if (moved[command]) all[moved[command]] = command; } else if (!taken.has(key)) all[key] = command;
  }
  return all;
}

const clean = (text) => text.replace(/["\\]/g, "\\$&");

/** Hands the server's copy to every listener, sends changes to it, and shows moved keys on the buttons. */
export function OwnKeys({ on = true, keys = {}, isRead = false, onKeep }) {
  const call = useRef(onKeep);
  call.current = onKeep;
  useEffect(() => { if (isRead) { kept.on = on; kept.keys = keys; tell(); } }, [on, JSON.stringify(keys), isRead]);
  useEffect(() => {
    const send = (event) => call.current?.(event.detail);
    addEventListener("own-keys", send);
    return () => removeEventListener("own-keys", send);
  }, []);
  const rules = Object.entries(keys).map(([command, key]) =>
    `[data-command="${command}"] kbd{${key ? "font-size:0" : "display:none"}}` + (key ? `[data-command="${command}"] kbd::after{content:"${clean(key.replace("shift+", "⇧").toUpperCase())}";font-size:12px}` : ""));
  return rules.length ? <style>{rules.join("\n")}</style> : null;
}
