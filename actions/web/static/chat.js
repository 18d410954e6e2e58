// The chat page's own script. The page is whole without it; with it, the same forms are sent without loading the page
// anew, and what comes back is drawn by the server: the script moves nodes and never makes HTML of a text.
//
// XMLHttpRequest, because it hands over a parsed document: fetch would need DOMParser, which Trusted Types forbid.

const PART = "X-Madoguchi-Part"; // asks for the new turn alone
const PATIENCE = 30_000; // ms; the desk itself answers within seconds, even without its dialogue engine
const NEAR = 100; // px: who has scrolled less than that while waiting follows the conversation

/** Whether a key press sends: Enter alone, and not the Enter that ends the composing of an input method. Safari tells
 *  of that one only by the key code, after the composition has ended. */
const sends = (event) =>
  event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey &&
  !event.isComposing && event.keyCode !== 229;

/** A random UUID (version 4), also on plain http, where crypto.randomUUID is not there. */
function makeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Send a form's data; resolves to the status and the parsed document, null where nothing came back. */
function post(path, data) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "document";
    request.timeout = PATIENCE;
    request.setRequestHeader(PART, "turn");
    const end = () => resolve({ status: request.status, page: request.response });
    request.onload = end;
    request.onerror = end;
    request.ontimeout = end;
    request.send(new URLSearchParams(data));
  });
}

class Chat extends HTMLElement {
  #sending = false;
  #failed = null; // what could not be sent: {data, text}

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#onSubmit(event));
    this.addEventListener("keydown", (event) => {
      if (event.target === this.#field && sends(event)) {
        event.preventDefault();
        this.#composer.requestSubmit();
      }
    });
    this.#field.addEventListener("input", () => this.#renew());
    addEventListener("scroll", () => this.#seesLatest() && this.#hideNewer(), { passive: true });
    if (parent !== window) {
      addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && parent.postMessage("madoguchi:close", "*"));
    }
    this.dataset.ready = "";
  }

  get #composer() { return this.querySelector("form.composer"); }
  get #field() { return this.#composer.elements.message; }
  get #log() { return this.querySelector(".log"); }
  get #status() { return this.querySelector(".typing"); }

  #onSubmit(event) {
    const form = event.target;
    const path = new URL(form.action).pathname;
    if (path === "/feedback") this.#rate(event, form);
    if (path !== "/") return; // restart, transcript, delete: pages of their own
    event.preventDefault();
    if (this.#sending) return;
    const data = new FormData(form, event.submitter);
    if (form === this.#composer && !this.#field.value.trim()) return;
    this.#send(data, form === this.#composer ? this.#field.value : "");
  }

  /** A vote leaves the page where it is; what cannot be noted is sent as without a script, which says why. */
  async #rate(event, form) {
    event.preventDefault();
    const box = form.closest(".rating-box");
    const data = new FormData(form, event.submitter);
    const { status, page } = await post(form.getAttribute("action"), data);
    const now = status === 200 && page.querySelector(".rating-box");
    if (!now) {
      const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: event.submitter.name, value: event.submitter.value });
      form.append(hidden);
      form.submit();
      return;
    }
    box.replaceWith(document.adoptNode(now));
    now.querySelector(".reasons button, button[aria-pressed='true']").focus();
  }

  async #send(data, text) {
    this.#sending = true;
    this.#retryButton?.remove();
    this.querySelector(".state > .problem")?.remove();
    const echo = this.#echo(text || titleOf(data, this));
    if (text) this.#field.value = "";
    this.#status.textContent = this.dataset.wordSending;
    echo.scrollIntoView({ block: "nearest" });
    const at = scrollY;
    const { status, page } = await post(this.#composer.getAttribute("action").split("#")[0], data);
    this.#sending = false;
    this.#status.textContent = "";
    echo.remove();
    const state = page?.querySelector(".state");
    // Who has scrolled away while waiting is reading something: the page stays there.
    if (state) this.#take(page, state, Math.abs(scrollY - at) < NEAR);
    if (status !== 200 || !state) this.#giveBack(data, text, Boolean(state));
  }

  /** Show the new turn and what stands around it now. */
  #take(page, state, follows) {
    const turn = page.querySelector(".turn");
    const had = this.contains(document.activeElement) ? document.activeElement : null;
    if (turn) {
      this.querySelectorAll("form.replies").forEach((form) => form.remove());
      this.querySelector("#latest")?.removeAttribute("id");
      this.#log.append(document.adoptNode(turn));
    }
    for (const name of [".state", ".record"]) this.querySelector(name).replaceWith(document.adoptNode(page.querySelector(name)));
    this.#renew(state.dataset.messageId);
    if (state.dataset.conversation) this.#carry(state.dataset.conversation);
    if (!turn) return;
    if (page.documentElement.lang !== document.documentElement.lang) {
      location.replace(`/?lang=${page.documentElement.lang}#latest`);
      return;
    }
    if (follows) turn.scrollIntoView({ block: "start" });
    else this.#showNewer(turn);
    // A button that was pressed is gone: who works with the keyboard goes on at the answer.
    if (had && had !== this.#field && !had.isConnected) turn.focus({ preventScroll: true });
  }

  /** Nothing is lost: the text is in the field again, and sending again sends the same message, which counts once. */
  #giveBack(data, text, worded) {
    if (text && !this.#field.value) this.#field.value = text;
    if (worded) return; // refused in words: those stand above the field
    this.#failed = { data, text };
    const problem = document.createElement("p");
    problem.className = "problem";
    problem.setAttribute("role", "alert");
    problem.textContent = this.dataset.wordFailed;
    const again = document.createElement("button");
    again.type = "button";
    again.dataset.retry = "";
    again.textContent = this.dataset.wordRetry;
    again.addEventListener("click", () => {
      if (this.#sending) return;
      if (this.#field.value === text) this.#field.value = "";
      this.#send(data, text);
    });
    this.querySelector(".state").append(problem, again);
  }

  get #retryButton() { return this.querySelector("[data-retry]"); }

  /** What was typed, shown at once, until the server's own drawing of it comes. */
  #echo(text) {
    const said = document.createElement("div");
    said.className = "asked pending";
    said.setAttribute("role", "group");
    said.setAttribute("aria-label", this.dataset.wordYou);
    const words = document.createElement("p");
    words.textContent = text;
    said.append(words);
    this.#log.after(said);
    return said;
  }

  /** Another text is another message: it gets a number of its own. */
  #renew(id = "") {
    if (!id && !this.#failed) return;
    if (!id && this.#field.value === this.#failed?.text) return;
    this.#failed = null;
    for (const field of this.querySelectorAll('input[name="message_id"]')) field.value = id || makeId();
  }

  /** Without cookies the forms carry the conversation. */
  #carry(conversation) {
    for (const field of this.querySelectorAll('input[name="conversation"]')) field.value = conversation;
  }

  #seesLatest() {
    const turn = this.querySelector("#latest");
    return turn !== null && turn.getBoundingClientRect().top < innerHeight - NEAR;
  }

  #showNewer(turn) {
    this.#hideNewer();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "newer";
    button.textContent = this.dataset.wordNewer;
    button.addEventListener("click", () => {
      this.#hideNewer();
      turn.scrollIntoView({ block: "start" });
      turn.focus({ preventScroll: true });
    });
    this.append(button);
  }

  #hideNewer() { this.querySelector(".newer")?.remove(); }
}

/** What a pressed button says, or what a card of fields holds. */
function titleOf(data, chat) {
  const sent = data.get("message");
  const button = [...chat.querySelectorAll('button[name="message"]')].find((one) => one.value === sent);
  return button?.textContent ?? ["name", "email", "phone"].map((name) => data.get(name)).filter(Boolean).join("\n");
}

customElements.define("madoguchi-chat", Chat);
