import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

/**
 * Shows the API's own documentation: its text and its script come from the API, so that they are written once and no
 * page's bundle carries them. `apiKey` stands in every snippet as long as it is set; the children stand in the text's
 * own place for them, beside the first call.
 */
export function Docs({ address, script, apiKey = "", children }) {
  const root = useRef(null);
  const tools = useRef(null);
  const key = useRef(apiKey);
  key.current = apiKey;
  const [state, setState] = useState("loading");
  const [slot, setSlot] = useState(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let left = false;
    let stop = () => {};
    const load = async () => {
      try {
        const [answer, module] = await Promise.all([fetch(address), import(/* @vite-ignore */ script)]);
        if (!answer.ok) throw new Error(String(answer.status));
        const text = await answer.text();
        if (left) return;
        root.current.innerHTML = text;
        tools.current = module;
        module.fill(root.current, key.current);
        setSlot(root.current.querySelector("[data-slot]"));
        setState("ready");
        stop = module.start(root.current.firstElementChild);
      } catch {
        if (!left) setState("failed");
      }
    };
    load();
    return () => { left = true; stop(); };
  }, [address, script, attempt]);
  useEffect(() => { tools.current?.fill(root.current, apiKey); }, [apiKey]);
  const again = () => { setState("loading"); setAttempt(attempt + 1); };
  return (
    <>
      {state === "loading" && <div className="docs-loading" data-testid="loading" aria-busy="true"><span className="visually-hidden">Loading the documentation</span></div>}
      {state === "failed" && (
        <div className="state" data-testid="error-state" data-tone="red">
          <h2>The documentation did not come</h2>
          <p>Nothing was lost. Your network or the server may be away for a moment.</p>
          <div className="actions"><button type="button" className="button" onClick={again} data-testid="retry">Try again</button></div>
        </div>
      )}
      <div ref={root} data-state={state} />
      {slot && createPortal(children, slot)}
    </>
  );
}
