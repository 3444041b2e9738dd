import { useEffect, useRef } from "react";

const LINK = ".row-link";
const looking = () => document.querySelector(".peek");
let last = null;
/** The focused row; while a peek has the focus, the row that it belongs to. */
const here = () => { const link = document.activeElement?.closest("tr")?.querySelector(LINK); return link ?? (looking() && last?.isConnected ? last : null); };
const step = (by) => () => {
  const links = [...document.querySelectorAll(`table ${LINK}`)];
  const at = links.indexOf(here());
  last = links[Math.max(0, Math.min(links.length - 1, at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by))];
  last?.focus();
  if (looking() && links.indexOf(last) !== at) peek();
};
const row = () => here()?.closest("tr");
const peek = () => { last = here(); row()?.querySelector("[data-row-action=peek]")?.click(); };
const tick = () => row()?.querySelector("input[type=checkbox]:not(:disabled)");
const pick = () => tick()?.click();
const pickOn = (by) => () => {
  step(by)();
  if (tick() && !tick().checked) pick();
};
const take = () => row()?.querySelector("[data-row-action=take]")?.click();

const BOXES = "table input.tick:not(:disabled)";

/** Shift and click selects, or lets go of, every row since the last click; ours are told from a person's by trust. */
function useRanges() {
  const last = useRef(null);
  useEffect(() => {
    const clicked = (event) => {
      const box = event.isTrusted && event.target.closest?.(BOXES);
      if (!box) return;
      const boxes = [...document.querySelectorAll(BOXES)];
      const [from, to] = [boxes.indexOf(last.current), boxes.indexOf(box)].sort((a, b) => a - b);
      last.current = box;
      if (!event.shiftKey || from < 0) return;
      const wanted = box.checked;
      const others = boxes.slice(from, to + 1).filter((one) => one !== box && one.checked !== wanted);
      setTimeout(() => others.forEach((one) => one.click()));
    };
    // Before React, which puts a box back until the server has answered.
    document.addEventListener("click", clicked, true);
    return () => document.removeEventListener("click", clicked, true);
  }, []);
}

/** Lets hotkeys move the focus from row to row of the page's table; no round trip, nothing to see. */
export function RowKeys() {
  useRanges();
  return (
    <span className="visually-hidden" aria-hidden="true">
      <button type="button" tabIndex={-1} data-command="next-row" onClick={step(1)}>Next row</button>
      <button type="button" tabIndex={-1} data-command="previous-row" onClick={step(-1)}>Previous row</button>
      <button type="button" tabIndex={-1} data-command="pick-row" onClick={pick}>Select the row</button>
      <button type="button" tabIndex={-1} data-command="pick-next" onClick={pickOn(1)}>Select on</button>
      <button type="button" tabIndex={-1} data-command="pick-previous" onClick={pickOn(-1)}>Select back</button>
      <button type="button" tabIndex={-1} data-command="peek-row" onClick={peek}>Look at the row</button>
      <button type="button" tabIndex={-1} data-command="assign-me" onClick={take}>Take the row</button>
    </span>
  );
}
