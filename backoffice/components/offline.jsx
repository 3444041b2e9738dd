import { useEffect, useState } from "react";
import { useLost } from "./connection.jsx";
import { Icon } from "./icon.jsx";
import { tr } from "./lang.jsx";

const OPENS = new Set(["reject", "resubmit", "wait", "select-none"]);

/** Says beside buttons that nothing leaves now, and lets none of them begin that could not be taken back. */
export function DeskOffline({ guard = ".decision-bar button[data-command]", words = "what you write is kept here", name = "desk-offline" }) {
  const lost = useLost();
  const [pressed, setPressed] = useState(false);
  useEffect(() => {
    if (!lost) { setPressed(false); return; }
    const stop = (event) => {
      const button = event.target.closest?.(guard);
      if (!button || OPENS.has(button.dataset.command)) return;
      event.preventDefault();
      event.stopPropagation();
      setPressed(true);
    };
    // Before React: its events wait in a queue and would all leave at once on return.
    document.addEventListener("click", stop, true);
    return () => document.removeEventListener("click", stop, true);
  }, [lost, guard]);
  return (
    <div role="status" className="desk-offline" data-testid={name} hidden={!lost}>
      {lost ? <><Icon name="wifi-off" size={15} /><span>{pressed ? "Nothing was sent: you are offline. Press again when the connection is back." : tr("You are offline. Nothing is sent; {words}.", { words })}</span></> : null}
    </div>
  );
}
