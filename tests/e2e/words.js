() => {
  const said = new Set(), skip = "script, style, pre, code, [translate=no], [data-testid=docs]";
  const add = (text) => { const words = (text ?? "").replace(/\s+/g, " ").trim(); if (/\p{L}{2}/u.test(words)) said.add(words); };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest(skip)) add(walker.currentNode.data);
  for (const name of ["aria-label", "title", "placeholder", "data-label"])
    for (const element of document.querySelectorAll(`[${name}]`)) if (!element.closest(skip)) add(element.getAttribute(name));
  return [...said];
}
