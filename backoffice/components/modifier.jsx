/** The key that goes with letters on this machine; call it in effects and handlers, not while a page is built ahead. */
const isApple = () => typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

export const MOD = () => (isApple() ? "⌘" : "Ctrl");

/** On a Mac, Ctrl with a letter moves in a text and stays the text's own. */
export const hasMod = (event) => !event.altKey && (isApple() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey);
