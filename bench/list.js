// What the browser measures by itself: from an input to the second frame after the list shows what was asked for.
(() => {
  const painted = (done, began) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  const rows = () => [...document.querySelectorAll("[data-testid=documents-row]")];
  const until = (holds, done, began) => (holds() ? painted(done, began) : requestAnimationFrame(() => until(holds, done, began)));

  /** Follows the navigation's link to the list; answers how long its rows took to show. */
  window.openList = () => new Promise((done) => {
    const began = performance.now();
    document.querySelector('nav a[href="/partner/documents"]').click();
    until(() => rows().length > 20, done, began);
  });
  /** Follows the pager to the next page; answers how long its rows took to show. */
  window.openOlder = () => new Promise((done) => {
    const first = rows()[0].dataset.id;
    const began = performance.now();
    [...document.querySelectorAll(".pager a")].at(-1).click();
    until(() => rows().length > 20 && rows()[0].dataset.id !== first, done, began);
  });
  /** Searches as a person does, by the form; answers how long it took until all that is shown begins with the words. */
  window.searchList = (words) => new Promise((done) => {
    const box = document.querySelector("input[name=q]");
    box.value = words;
    const began = performance.now();
    box.form.requestSubmit();
    const fits = () => rows().length > 0 && rows().every((row) => row.querySelector("[data-col=reference]").textContent.includes(words));
    until(() => new URLSearchParams(location.search).get("q") === words && fits(), done, began);
  });
})();
