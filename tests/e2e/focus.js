// Says why nobody sees where the focus is; "" when it is seen, or when the page itself has it.
() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return "";
  const name = one.outerHTML.slice(0, 200), box = one.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) return `has no size: ${name}`;
  if (one.closest('[inert], [aria-hidden="true"]')) return `is hidden: ${name}`;
  const away = box.bottom < 1 || box.right < 1 || box.top > innerHeight - 1 || box.left > innerWidth - 1;
  if (away) return `is outside the window: ${name}`;
  const looks = ["", "::before", "::after"].map((part) => getComputedStyle(one, part || undefined));
  const isRinged = (look) => (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== "none";
  if (!looks.some(isRinged) && !(one instanceof SVGElement) && one.id !== "main") return `has no ring: ${name}`;
  const shares = [[0.5, 0.5], [0.08, 0.5], [0.92, 0.5], [0.5, 0.1], [0.5, 0.9]];
  const isSeen = shares.some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    const isOwn = top && (one.contains(top) || [...(one.labels ?? [])].some((label) => label.contains(top)));
    // A row's link lies over the whole row, and boxes of a page over each other: one sees through both.
    const through = one.closest("tr") ?? one.ownerSVGElement;
    return isOwn || (top && through?.contains(top)) || (top && top.contains(one) && !["HTML", "BODY", "MAIN"].includes(top.tagName));
  });
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)?.outerHTML.slice(0, 120);
  return isSeen ? "" : `is covered by ${over}: ${name}`;
}
