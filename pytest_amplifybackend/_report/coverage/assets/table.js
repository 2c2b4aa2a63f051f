"use strict";
const table = document.querySelector("table");
const rows = () => [...table.tBodies[0].rows];
const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent;

function compare(first, second) {
  const [one, two] = [Number(first), Number(second)];
  return Number.isNaN(one) || Number.isNaN(two) ? first.localeCompare(second) : one - two;
}

table.querySelectorAll("th button").forEach((button, column) => {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    const sorted = rows().sort((a, b) => sign * compare(value(a, column), value(b, column)));
    table.tBodies[0].append(...sorted);
  });
});

const filter = document.querySelector("#filter");
filter.addEventListener("input", () => {
  const text = filter.value.toLowerCase();
  let shown = 0;
  for (const row of rows()) {
    row.hidden = !row.cells[0].textContent.toLowerCase().includes(text);
    shown += row.hidden ? 0 : 1;
  }
  document.querySelector("#shown").textContent = `${shown} of ${rows().length} operations`;
});
