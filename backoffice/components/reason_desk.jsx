import { useEffect, useState } from "react";
import { ReasonPicker } from "./reasons.jsx";

const MODES = {
  reject: { title: "Reject because", confirm: "Reject and next", tone: "danger" },
  resubmit: { title: "Ask again because", confirm: "Ask again and next", tone: "warn" },
};

/**
 * Opens the reasons in the browser the moment Reject or Ask again is pressed, so that the digit typed right after the
 * letter already counts; closes when another task appears. onDecide gets {mode, task, codes, message, note}.
 */
export function ReasonDesk({ reasons = [], task = "", version = 0, language = "", code = "en", disabled = false, onDecide }) {
  const [mode, setMode] = useState("");
  useEffect(() => setMode(""), [task, version]);
  useEffect(() => {
    const press = (event) => {
      const name = event.target.closest?.("button[data-command]")?.dataset.command;
      if (MODES[name] && !disabled) setMode(name);
    };
    document.addEventListener("click", press);
    return () => document.removeEventListener("click", press);
  }, [disabled]);
  if (!mode || disabled) return null;
  return (
    <ReasonPicker key={`${task}:${mode}`} reasons={reasons} {...MODES[mode]} draft={`${task}:${mode}`} message={language !== ""} language={language} code={code} onCancel={() => setMode("")}
      onConfirm={(chosen) => { setMode(""); onDecide?.({ ...chosen, mode, task }); }} />
  );
}
