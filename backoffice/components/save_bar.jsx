import { useEffect, useRef, useState } from "react";
import { useBlocker } from "react-router";
import { Dialog } from "./dialog.jsx";
import { count } from "./lang.jsx";

const fields = (form) => [...form.elements].filter((one) => one.name && !one.disabled && /^(INPUT|TEXTAREA|SELECT)$/.test(one.tagName));
const differs = (one) => (/^(checkbox|radio)$/.test(one.type) ? one.checked !== one.defaultChecked : one.tagName === "SELECT" ? [...one.options].some((option) => option.selected !== option.defaultSelected) : one.value !== one.defaultValue);

/** Stands at the end of a form: marks what differs from how it began, saves all at once, and asks before that is lost. */
export function SaveBar({ label = "Review and save", testId = "save-bar" }) {
  const bar = useRef(null);
  const [changed, setChanged] = useState([]);
  useEffect(() => {
    const form = bar.current?.closest("form");
    if (!form) return;
    const look = () => {
      const found = fields(form).filter(differs);
      for (const one of fields(form)) one.closest(".field, .check")?.toggleAttribute("data-changed", found.includes(one));
      setChanged((before) => { const now = found.map((one) => one.name); return before.join() === now.join() ? before : now; });
    };
    const reset = () => requestAnimationFrame(look);
    look();
    form.addEventListener("input", look);
    form.addEventListener("change", look);
    form.addEventListener("reset", reset);
    return () => { form.removeEventListener("input", look); form.removeEventListener("change", look); form.removeEventListener("reset", reset); };
  }, []);
  const dirty = changed.length > 0;
  useEffect(() => {
    if (!dirty) return;
    const leave = (event) => { event.preventDefault(); event.returnValue = ""; };
    addEventListener("beforeunload", leave);
    return () => removeEventListener("beforeunload", leave);
  }, [dirty]);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && currentLocation.pathname !== nextLocation.pathname);
  const stay = () => blocker.reset?.();
  const foot = (
    <>
      <button type="button" className="button" data-tone="danger" onClick={() => blocker.proceed?.()} data-testid="leave-anyway">Leave without saving</button>
      <button type="button" className="button" data-tone="primary" onClick={stay} data-testid="leave-stay">Stay</button>
    </>
  );
  return (
    <div ref={bar} className="save-bar" data-dirty={dirty} data-testid={testId}>
      {dirty ? <>
        <span className="strong" role="status">{count(changed.length, "{count} change, not saved", "{count} changes, not saved")}</span>
        <button type="reset" className="button" data-tone="ghost" data-testid="save-discard">Discard</button>
        <button type="submit" className="button" data-tone="primary" data-testid="save-review">{label}</button>
      </> : null}
      <Dialog open={blocker.state === "blocked"} title="Leave without saving?" onClose={stay} foot={foot} testId="leave-dialog">
        <p>What you changed on this page would be lost.</p>
      </Dialog>
    </div>
  );
}
