import { useEffect, useRef, useState } from "react";
import { KeysSheet } from "./keys_sheet.jsx";
import { effective, listen as listenToOwn, own } from "./own_keys.jsx";

const TYPING = /^(INPUT|TEXTAREA|SELECT)$/;
const ARMING_MS = 400;
const SEQUENCE_MS = 1000;
const LATE_MS = 1000;
/** What these elements do by themselves; a link knows nothing of the space bar. */
const OWN = { BUTTON: ["enter", "space"], SUMMARY: ["enter", "space"], A: ["enter"], INPUT: ["space"] };
const typing = (target) => target?.isContentEditable || (TYPING.test(target?.tagName ?? "") && !/^(checkbox|radio|button|range)$/.test(target.type));
const usable = (element) => element && !element.disabled && element.getAttribute("aria-disabled") !== "true" && element.offsetParent !== null;

/** "mod+k", "shift+d", "?", "g d": how a key press is written in the map. */
function combination(event) {
  const name = event.key === " " ? "space" : event.key.toLowerCase();
  const shift = event.shiftKey && (event.key.length > 1 || /^[a-z]$/i.test(event.key)) && "shift";
  return [(event.ctrlKey || event.metaKey) && "mod", event.altKey && "alt", shift, name].filter(Boolean).join("+");
}

const within = (root, command) => root && [...root.querySelectorAll(`[data-command="${CSS.escape(command)}"]`)].find(usable);
/** The row in focus goes before the page: where each row has its own button, the key means this row's. */
const button = (command) => within(document.activeElement?.closest("tr"), command) ?? within(document, command);

function press(target) {
  if (TYPING.test(target.tagName)) { target.focus(); target.select?.(); } else target.click();
}

/** The keys of the page on screen, for the command menu; null where a page has none. */
let page = null;
const MOVES = /^(go-|(next|previous)-row$|pick-(next|previous)$|help$)/;
/** What stands on a button, without its key. */
function label(target) {
  if (!target.matches(".button") || target.closest(".visually-hidden")) return "";
  const copy = target.cloneNode(true);
  copy.querySelectorAll("kbd, svg, .count").forEach((one) => one.remove());
  return target.getAttribute("aria-label") ?? copy.textContent.trim();
}
/** The words on the button, where the sheet of keys does not say the same in more words. */
function said(words, command, target) {
  const here = label(target), there = words[command] ?? "";
  const says = here && there.toLowerCase().includes(here.replace(/…$/, "").toLowerCase());
  return (says ? there : here || there) || target.getAttribute("aria-label") || target.textContent.trim();
}
/** What nobody may do by the first letters of its name: decisions, and what is published. */
const isGrave = (command, target) => command !== "undo" && (command === "publish" || target.closest(".decision-bar") !== null);
/** Commands without a look of their own mean the row in focus. */
const reaches = (target, origin) => !target.closest(".visually-hidden, tr") || (origin?.closest?.("tr") && (!target.closest("tr") || target.closest("tr") === origin.closest("tr")));

export const hasKeys = () => page !== null;

/** What the page's keys would do now, seen from the element that has the focus: only what could be pressed. */
export function offered(origin) {
  if (!page) return [];
  const { all, words } = page.current, now = effective(all), arm = page.current.arm;
  return [...new Set(Object.values(all))].filter((command) => !MOVES.test(command) && !command.startsWith("/")).flatMap((command) => {
    const target = within(origin?.closest?.("tr"), command) ?? within(document, command);
    if (!target || !reaches(target, origin)) return [];
    return [{ command, arm, target, isGrave: isGrave(command, target), words: said(words, command, target), key: Object.keys(now).find((key) => now[key] === command) ?? "" }];
  });
}

/** Whether another task has come on the screen since, or came so lately that nobody has seen it. */
const isOther = ({ command, arm }) => !page || page.current.arm !== arm || (document.documentElement.hasAttribute("data-arming") && command !== "undo");

/** Presses the button that was offered and no other: its row or its task may be gone, and the next one's is not meant. */
export function act(offer) {
  if (isOther(offer) || !offer.target.isConnected || !usable(offer.target)) return;
  press(offer.target);
}

/** A key that follows another at once, as X and then M, waits a moment for the button that the first one brings. */
function later(command, arm, until = performance.now() + LATE_MS) {
  if (isOther({ command, arm })) return;
  const target = button(command);
  if (target) press(target);
  else if (performance.now() < until && !document.querySelector("dialog[open]")) requestAnimationFrame(() => later(command, arm, until));
}

/**
 * Single keys press the real button that carries data-command, so that disabled, labels and audit stay true.
 * Typing, key repeat and open dialogs are left alone; after `arm` changes nothing acts for 400 ms.
 */
export function Hotkeys({ keys = {}, words = {}, arm = "", enabled = true, onCommand }) {
  const [, redraw] = useState(0);
  const [sheet, setSheet] = useState(false);
  const state = useRef({});
  state.current = { keys: effective(keys), on: own().on && enabled, onCommand, all: keys, words, arm };
  useEffect(() => listenToOwn(() => redraw((count) => count + 1)), []);
  useEffect(() => { page = state; return () => { if (page === state) page = null; }; }, []);
  useEffect(() => {
    if (!arm) return;
    const root = document.documentElement;
    root.setAttribute("data-arming", "");
    const done = setTimeout(() => root.removeAttribute("data-arming"), ARMING_MS);
    return () => { clearTimeout(done); root.removeAttribute("data-arming"); };
  }, [arm]);
  useEffect(() => {
    let first = "", timer;
    const listen = (event) => {
      const { keys, on, onCommand } = state.current;
      if (event.repeat || event.isComposing || event.defaultPrevented) return;
      const pressed = combination(event);
      const modified = pressed.startsWith("mod+");
      if (typing(event.target) && !modified) return;
      if (document.querySelector("dialog[open]")) return;
      if (pressed === "?" || pressed === "shift+?") { event.preventDefault(); setSheet(true); return; }
      if (!on && !modified) return;
      const both = first ? `${first} ${pressed}` : "";
      const command = keys[both] ?? keys[pressed];
      clearTimeout(timer);
      first = command ? "" : pressed;
      timer = setTimeout(() => { first = ""; }, SEQUENCE_MS);
      if (!command) return;
      if (!modified && OWN[event.target?.tagName]?.includes(pressed)) return;
      event.preventDefault();
      if (document.documentElement.hasAttribute("data-arming") && command !== "undo") return;
      if (command.startsWith("/")) { document.querySelector(`a[href="${command}"], a[href="${command}/"]`)?.click() ?? location.assign(command); return; }
      const target = button(command);
      if (target) press(target);
      else if (onCommand) onCommand(command);
      else later(command, state.current.arm);
    };
    const open = (event) => { if (event.target.closest?.("[data-hotkeys-sheet]")) setSheet(true); };
    addEventListener("keydown", listen);
    const show = () => setSheet(true);
    addEventListener("click", open);
    addEventListener("hotkeys-sheet", show);
    return () => { removeEventListener("keydown", listen); removeEventListener("click", open); removeEventListener("hotkeys-sheet", show); clearTimeout(timer); };
  }, []);
  return <KeysSheet open={sheet} keys={keys} words={words} combination={combination} onClose={() => setSheet(false)} />;
}
