// Narrows the page to what mentions every typed word; without a script the page is whole and the browser searches it.
const field = document.getElementById("find");
const found = document.getElementById("found");
const parts = [...document.querySelectorAll(".find")].map((element) => ({ element, text: element.textContent.toLowerCase() }));

field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { element, text } of parts) {
    const hit = words.every((word) => text.includes(word));
    element.hidden = !hit;
    count += hit ? 1 : 0;
  }
  found.textContent = words.length ? `${count} found` : "";
});
