// What the browser measures by itself: from an input to the second frame after the screen shows what was asked for.
(() => {
  const painted = (done, began) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  const task = () => document.querySelector("[data-testid=workspace]")?.dataset.taskId;
  const hasPicture = () => document.querySelector("[data-testid=viewer-image]")?.dataset.state === "ready";
  const rows = () => document.querySelectorAll("[data-testid=queue-row]").length;
  const until = (holds, done, began) => (holds() ? painted(done, began) : requestAnimationFrame(() => until(holds, done, began)));

  /** Listens for the key and keeps, as window.took, how long the next task with its picture took to show. */
  window.awaitNext = (key) => {
    const before = task();
    window.took = new Promise((done) => {
      const heard = (event) => {
        if (event.key !== key) return;
        removeEventListener("keydown", heard, true);
        until(() => task() && task() !== before && hasPicture(), done, event.timeStamp);
      };
      addEventListener("keydown", heard, true);
    });
  };
  /** Follows a link of the page to the queue; answers how long its rows took to show. */
  window.openQueue = (link) => new Promise((done) => {
    const began = performance.now();
    document.querySelector(link).click();
    until(() => rows() > 20, done, began);
  });
})();
