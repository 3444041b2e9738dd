// Counts what a person presses, not what a script clicks; like the design's `klm`.
window.hand = { keys: 0, clicks: 0, pointers: 0 };
addEventListener("keydown", (event) => {
  if (event.isTrusted && !event.repeat && !/^(Shift|Control|Alt|Meta)$/.test(event.key)) window.hand.keys += 1;
}, true);
addEventListener("click", (event) => { if (event.isTrusted && event.detail) window.hand.clicks += 1; }, true);
addEventListener("pointerdown", (event) => { if (event.isTrusted) window.hand.pointers += 1; }, true);
