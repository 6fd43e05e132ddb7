/** Invite or move somebody: show what fits the chosen unit and role. Without scripts all is shown. */

const form = document.querySelector("[data-place]");

/** Hide the desks and sectors of other units, and the company of whoever is no contractor. */
function narrow() {
  const unit = form.elements.unit.value;
  for (const box of form.querySelectorAll("input[data-unit]")) {
    const fits = box.dataset.unit === unit;
    if (!fits) box.checked = false;
    box.closest("label").parentElement.hidden = !fits;
  }
  for (const set of form.querySelectorAll("fieldset")) {
    if (set.querySelector("input[data-unit]")) set.hidden = unit === "";
  }
  const company = form.elements.contractor;
  if (company) {
    const hides = form.elements.role.value !== "contractor";
    if (hides) company.value = "";
    company.closest(".field").hidden = hides;
  }
}

if (form) {
  form.addEventListener("change", (event) => {
    if (["unit", "role"].includes(event.target.name)) narrow();
  });
  narrow();
}
