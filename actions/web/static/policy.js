// A clause's sign is a link to it; with this script a press also puts the whole address into the clipboard and says so.
const told = document.querySelector("[data-copied]");

document.addEventListener("click", async (event) => {
  const anchor = event.target.closest?.("a.anchor");
  if (!anchor || !navigator.clipboard) return; // plain http has no clipboard; the address is in the bar all the same
  try {
    await navigator.clipboard.writeText(anchor.href);
    told.textContent = told.dataset.copied;
  } catch {
    told.textContent = "";
  }
});
