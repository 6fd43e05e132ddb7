/** Files dropped on <form data-drop> go into its file input. Without it the input works as ever. */

function acceptDrops(form) {
  const input = form.querySelector("input[type=file]");
  // Moving over a child enters the child before it leaves the parent: count both.
  let entered = 0;
  const count = (change) => {
    entered = Math.max(0, entered + change);
    form.classList.toggle("is-over", entered > 0);
  };
  form.addEventListener("dragenter", (event) => {
    event.preventDefault();
    count(1);
  });
  form.addEventListener("dragleave", () => count(-1));
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    count(-entered);
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.focus();
  });
}

for (const form of document.querySelectorAll("form[data-drop]")) acceptDrops(form);
