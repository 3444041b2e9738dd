const LINK = "table .row-link";
const step = (by) => () => {
  const links = [...document.querySelectorAll(LINK)];
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by))]?.focus();
};
const row = () => document.activeElement?.closest("tr");
const tick = () => row()?.querySelector("input[type=checkbox]:not(:disabled)");
const pick = () => tick()?.click();
const pickOn = (by) => () => {
  step(by)();
  if (tick() && !tick().checked) pick();
};
const take = () => row()?.querySelector("[data-row-action]")?.click();

/** Lets hotkeys move the focus from row to row of the page's table; no round trip, nothing to see. */
export function RowKeys() {
  return (
    <span className="visually-hidden" aria-hidden="true">
      <button type="button" tabIndex={-1} data-command="next-row" onClick={step(1)}>Next row</button>
      <button type="button" tabIndex={-1} data-command="previous-row" onClick={step(-1)}>Previous row</button>
      <button type="button" tabIndex={-1} data-command="pick-row" onClick={pick}>Select the row</button>
      <button type="button" tabIndex={-1} data-command="pick-next" onClick={pickOn(1)}>Select on</button>
      <button type="button" tabIndex={-1} data-command="pick-previous" onClick={pickOn(-1)}>Select back</button>
      <button type="button" tabIndex={-1} data-command="assign-me" onClick={take}>Take the row</button>
    </span>
  );
}
