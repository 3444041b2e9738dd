import { useState } from "react";
import { Icon } from "./icon.jsx";

export function Copyable({ value, shown, label = "Copy", visible, command, testId }) {
  const [copied, setCopied] = useState(false);
  const copy = async (event) => {
    event.stopPropagation();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(event.currentTarget.querySelector("code"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <button type="button" className="copyable" onClick={copy} data-copied={copied} data-shown={visible} data-command={command}
      data-testid={testId} data-value={value} title={copied ? "Copied" : shown && !value?.includes("\n") ? `${label} ${value}` : label} aria-label={`${copied ? "Copied" : label} ${shown || value}`}>
      <code translate="no">{shown || value}</code>
      <Icon name={copied ? "check" : "copy"} size={13} />
    </button>
  );
}
