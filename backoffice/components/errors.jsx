import { useEffect, useRef } from "react";

/** The list of problems above a form: it takes the focus when it appears, each line goes to its field. */
export function ErrorSummary({ errors = [], title = "There is a problem" }) {
  const element = useRef(null);
  const all = errors ?? [];
  const text = all.map((one) => one.message).join("|");
  useEffect(() => { if (text) element.current?.focus(); }, [text]);
  if (!all.length) return null;
  const go = (event, field) => { event.preventDefault(); document.getElementById(field)?.focus(); };
  return (
    <div className="error-summary" role="alert" tabIndex={-1} ref={element} data-testid="error-summary">
      <h2>{title}</h2>
      <ul>{all.map((one) => <li key={one.field + one.message}><a href={`#${one.field}`} onClick={(event) => go(event, one.field)}>{one.message}</a></li>)}</ul>
    </div>
  );
}
