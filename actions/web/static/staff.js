// Copy buttons, and keys while a clause's heading has the focus. Without this everything can be followed, selected and copied.
// A reply with an open slot has nothing to copy on the page, so there is no button for it either.

const NEXT = new Set(["ArrowDown", "j"]);
const BACK = new Set(["ArrowUp", "k"]);

function findText(place) {
  const source = place.dataset.copyFrom;
  return source ? document.getElementById(source).value : place.dataset.copy;
}

async function copy(place, told) {
  const words = place.closest("[data-copied]").dataset;
  try {
    await navigator.clipboard.writeText(findText(place));
    told.textContent = words.copied;
  } catch {
    told.textContent = words.failed;
    document.getElementById(place.dataset.copyFrom)?.select();
  }
}

function addButton(place) {
  const row = document.createElement("div");
  const button = document.createElement("button");
  const told = document.createElement("span");
  row.className = "copying";
  button.type = "button";
  button.textContent = place.dataset.label;
  told.setAttribute("role", "status");
  button.addEventListener("click", () => copy(place, told));
  row.append(button, told);
  place.append(row);
}

function press(event) {
  // An input method's keys are its own: Safari ends a composition before the key, which then has the code 229.
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...document.querySelectorAll(".clause-link")];
  const at = links.indexOf(document.activeElement);
  if (at < 0) return;
  if (event.key === "c") {
    event.preventDefault();
    links[at].closest("[data-copy]").querySelector(".copying button")?.click();
  } else if (NEXT.has(event.key) || BACK.has(event.key)) {
    event.preventDefault();
    links[at + (NEXT.has(event.key) ? 1 : -1)]?.focus();
  }
}

if (navigator.clipboard) document.querySelectorAll("[data-label]").forEach(addButton);
const keys = document.querySelector(".keys");
if (keys) {
  keys.hidden = false;
  document.addEventListener("keydown", press);
}
