import { useEffect, useRef, useState } from "react";
import { Dialog } from "./dialog.jsx";
import { Icon } from "./icon.jsx";

const ADDRESS = "/auth/step-up";
const JSON_ONLY = { Accept: "application/json" };

/** A tab keeps its state over a reload and from page to page: it asks once for each time it was asked to. */
const done = (asked) => { try { const before = sessionStorage.getItem("step-up"); sessionStorage.setItem("step-up", asked); return before === String(asked); } catch { return false; } };

const script = () => new Promise((loaded, failed) => {
  if (window.passkey || !window.PublicKeyCredential || !window.isSecureContext) { loaded(); return; }
  const one = Object.assign(document.createElement("script"), { src: "/passkey.js", onload: loaded, onerror: failed });
  document.head.append(one);
});

const ask = async (address, body) => {
  const answer = await fetch(address, { method: body ? "POST" : "GET", headers: JSON_ONLY, body });
  if (answer.status === 401) { location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`); throw new Error(""); }
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
};

/** Shorter together than the door waits (RENEWAL_SECONDS in state/door.py). */
const WAITS_MS = [0, 300, 600, 1000, 1000, 1000];
/** Of this tab, whichever of its pages is open: the last question that was answered. */
let shownFor = 0;

/** Gets what lets this tab go on under the session's new secret: a moment ago the cookie may still be on its way. */
const fetchPass = async () => {
  for (const wait of WAITS_MS) {
    await new Promise((over) => setTimeout(over, wait));
    const answer = await fetch(`${ADDRESS}/pass`, { method: "POST", headers: JSON_ONLY }).catch(() => null);
    if (answer?.ok) return (await answer.json()).pass;
  }
  return "";
};

/** "Confirm that it is you": over whatever is open, which stays as it was, with what was typed there. */
export function StepUp({ asked, renewed, onPass }) {
  const seen = useRef(0), field = useRef(null);
  const [stage, setStage] = useState("");
  const [ways, setWays] = useState({});
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const fail = (error) => setWrong(error.name === "NotAllowedError" ? "No passkey was used. Try again, or take another way." : error.message);
  useEffect(() => {
    if (!asked || asked === seen.current) return;
    seen.current = asked;
    if (done(asked)) return;
    setWrong(""); setWays({}); setStage("asking");
    Promise.all([ask(ADDRESS), script()]).then(([told]) => setWays({ ...told, passkey: told.passkey && Boolean(window.passkey) })).catch(fail);
  }, [asked]);
  const goOn = async () => { const token = await fetchPass(); if (token) onPass?.(token); };
  useEffect(() => {
    if (renewed > shownFor) { shownFor = renewed; goOn(); }
  }, [renewed]);
  useEffect(() => { field.current?.focus(); }, [ways]);
  const send = async (name, read) => {
    if (busy) return;
    setBusy(true); setWrong("");
    try {
      await ask(ADDRESS, new URLSearchParams({ [name]: await read() }));
      await goOn();
      setStage("confirmed");
    } catch (error) { fail(error); field.current?.select(); } finally { setBusy(false); }
  };
  const typed = ways.code ? "code" : "password";
  const submit = (event) => { event.preventDefault(); event.stopPropagation(); send(typed, () => field.current.value); };
  const touch = () => send("passkey", () => window.passkey("get", "/auth/step-up/options"));
  const close = () => setStage("");
  const last = <button type="button" className="button" data-tone="primary" autoFocus onClick={close} data-testid="step-up-done">Go on</button>;
  return (
    <Dialog open={Boolean(stage)} title="Confirm that it is you" size="sm" foot={stage === "asking" ? null : last} onClose={close} testId="step-up">
      {stage === "elsewhere"
        ? <p className="muted" role="status" data-testid="step-up-elsewhere">Your company's provider asks you in a new tab. When it has, press again what you wanted to do.</p>
        : stage === "confirmed"
        ? <p className="step-up-done" role="status" data-testid="step-up-confirmed"><Icon name="circle-check" />Confirmed. Press again what you wanted to do.</p>
        : <div className="step-up">
            <p className="muted">This needs a fresh proof. What you have typed stays where it is.</p>
            {wrong ? <p className="field-error" role="alert" data-testid="step-up-wrong">{wrong}</p> : null}
            {ways.passkey ? <button type="button" className="button" data-tone={ways.code ? undefined : "primary"} disabled={busy} onClick={touch} data-testid="step-up-passkey"><Icon name="key-round" />Use a passkey</button> : null}
            {ways.code || ways.password
              ? <form onSubmit={submit}>
                  <label className="label" htmlFor="step-up-field">{ways.code ? "The six digits that your app shows" : "Your password"}</label>
                  <input ref={field} id="step-up-field" className="input" type={ways.code ? "text" : "password"} inputMode={ways.code ? "numeric" : undefined} autoComplete={ways.code ? "one-time-code" : "current-password"} maxLength={ways.code ? 7 : 1000} required aria-invalid={wrong ? true : undefined} data-testid="step-up-field" />
                  <button type="submit" className="button" data-tone="primary" disabled={busy} data-testid="step-up-submit">Confirm</button>
                </form>
              : null}
            {ways.sso
              ? <p><a className="button" data-tone={ways.code || ways.passkey ? undefined : "primary"} href="/auth/sso/confirm?next=%2Fauth%2Fsso%2Fconfirmed" target="_blank" rel="noopener" onClick={() => { setTimeout(() => setStage("elsewhere")); }} data-testid="step-up-sso">Confirm at your company's provider</a></p>
              : null}
            {ways.none ? <p className="muted">Passkeys work at the address of this installation only. Sign out, and sign in there.</p> : null}
          </div>}
    </Dialog>
  );
}
