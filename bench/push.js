// When each value of one number was painted: the second frame after the document first held it.
(() => {
  window.shown = {};
  const painted = (done) => requestAnimationFrame(() => requestAnimationFrame(done));
  window.watchNumber = (selector, attribute) => {
    const read = () => {
      const found = document.querySelector(selector);
      return Number(attribute ? found?.getAttribute(attribute) : found?.textContent);
    };
    const look = () => {
      const value = read();
      if (Number.isNaN(value) || value in window.shown) return;
      window.shown[value] = Infinity;
      painted(() => { window.shown[value] = performance.timeOrigin + performance.now(); });
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
    return read();
  };
})();
