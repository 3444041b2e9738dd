import { useEffect, useState } from "react";
import { useLost } from "./connection.jsx";
import { Icon } from "./icon.jsx";

const OPENS = new Set(["reject", "resubmit", "wait"]);

/** Says at the decisions that nothing leaves now, and lets none of them begin that could not be taken back. */
export function DeskOffline() {
  const lost = useLost();
  const [pressed, setPressed] = useState(false);
  useEffect(() => {
    if (!lost) { setPressed(false); return; }
    const stop = (event) => {
      const button = event.target.closest?.(".decision-bar button[data-command]");
      if (!button || OPENS.has(button.dataset.command)) return;
      event.preventDefault();
      event.stopPropagation();
      setPressed(true);
    };
    // Before React: its events wait in a queue and would all leave at once on return.
    document.addEventListener("click", stop, true);
    return () => document.removeEventListener("click", stop, true);
  }, [lost]);
  return (
    <div role="status" className="desk-offline" data-testid="desk-offline" hidden={!lost}>
      {lost ? <><Icon name="wifi-off" size={15} /><span>{pressed ? "Nothing was sent: you are offline. Press again when the connection is back." : "You are offline. Nothing is sent; what you write is kept here."}</span></> : null}
    </div>
  );
}
