// The launcher for a shop's pages: one script tag, no other file, nothing loaded, stored or asked for before it is opened.
//
//   <script src="https://privacy.shop.example.com/static/widget.js" data-lang="ja" defer></script>
//
// data-lang (ja, en; else the page's own), data-label, data-side (right, left), data-bottom, data-inset (distances, "1rem"),
// data-z (stacking). The page's policy needs script-src and frame-src for the desk's origin, nothing else.
// `document.querySelector("madoguchi-launcher")` has open(), close() and hidden.
(() => {
  const script = document.currentScript;
  const desk = new URL(script.src).origin;
  const told = script.dataset;
  const language = ["ja", "en"].find((one) => (told.lang || document.documentElement.lang || "ja").startsWith(one)) || "ja";
  const WORDS = {
    ja: { open: "プライバシー窓口", close: "閉じる", title: "プライバシー窓口(自動応答)" },
    en: { open: "Privacy desk", close: "Close", title: "Privacy desk (automatic answers)" },
  }[language];
  const PHONE = matchMedia("(max-width: 40rem), (max-height: 30rem)");
  const STYLE = `
    :host { all: initial; position: fixed; bottom: var(--bottom, 1rem); right: var(--inset, 1rem); z-index: var(--z, 1000);
      color-scheme: light dark; font: 1rem/1.5 "Noto Sans JP", "Hiragino Sans", "Yu Gothic UI", Meiryo, system-ui, sans-serif; }
    :host([data-side="left"]) { right: auto; left: var(--inset, 1rem); }
    :host([hidden]) { display: none !important; }
    button, a { font: inherit; font-weight: 700; box-sizing: border-box; display: inline-block; min-height: 3rem; padding: 0.625rem 1.25rem;
      border-radius: 1.5rem; border: 2px solid #fff; background: #0017c1; color: #fff; cursor: pointer; text-decoration: none; }
    :focus-visible { outline: 3px solid #0017c1; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    section { position: absolute; right: 0; bottom: 3.75rem; width: 26rem; max-width: calc(100vw - 2rem); height: min(42rem, calc(100vh - 7rem));
      border: 1px solid #767680; border-radius: 0.75rem; overflow: hidden; background: Canvas; box-shadow: 0 4px 24px rgb(0 0 0 / 0.25); }
    :host([data-side="left"]) section { right: auto; left: 0; }
    [hidden] { display: none; }
    iframe { border: 0; width: 100%; height: 100%; display: block; }
    @media print { :host { display: none !important; } }`;

  class Launcher extends HTMLElement {
    #panel = null; // made when it is first opened
    #button;
    #link;

    connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
      if (told.side === "left") this.dataset.side = "left";
      for (const name of ["bottom", "inset", "z"]) if (told[name]) this.style.setProperty(`--${name}`, told[name]);
      // Themes hide empty boxes ("div:empty"), and this one is empty outside its shadow.
      if (!this.hidden) this.style.setProperty("display", "block", "important");
      this.#link = Object.assign(document.createElement("a"), { href: this.#address, target: "_blank", rel: "noopener" });
      this.#button = Object.assign(document.createElement("button"), { type: "button" });
      this.#button.setAttribute("aria-expanded", "false");
      this.#link.textContent = this.#button.textContent = told.label || WORDS.open;
      this.#button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
      root.append(this.#link, this.#button);
      PHONE.addEventListener("change", () => this.#fit());
      this.#fit();
      this.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
      addEventListener("message", (event) => {
        const frame = this.#panel?.firstChild;
        if (event.origin === desk && event.source === frame?.contentWindow && event.data === "madoguchi:close") this.close();
      });
    }

    get #address() { return `${desk}/?lang=${language}`; }

    get isOpen() { return this.#panel !== null && !this.#panel.hidden; }

    /** On a phone a frame would fight with the keyboard for the screen: there the launcher is a link to the page. */
    #fit() {
      this.#link.hidden = !PHONE.matches;
      this.#button.hidden = PHONE.matches;
      if (PHONE.matches) this.close();
    }

    open() {
      if (PHONE.matches) return;
      this.#panel ??= this.#makePanel();
      this.#panel.hidden = false;
      this.#button.setAttribute("aria-expanded", "true");
      this.#button.textContent = WORDS.close;
      this.#panel.firstChild.focus();
    }

    close() {
      if (!this.isOpen) return;
      this.#panel.hidden = true;
      this.#button.setAttribute("aria-expanded", "false");
      this.#button.textContent = told.label || WORDS.open;
      this.#button.focus();
    }

    #makePanel() {
      const panel = document.createElement("section");
      panel.setAttribute("aria-label", WORDS.title);
      panel.append(Object.assign(document.createElement("iframe"), { src: this.#address, title: WORDS.title }));
      this.shadowRoot.insertBefore(panel, this.#link);
      return panel;
    }
  }

  if (!customElements.get("madoguchi-launcher")) customElements.define("madoguchi-launcher", Launcher);
  const place = () => document.querySelector("madoguchi-launcher") ?? document.body.append(document.createElement("madoguchi-launcher"));
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
})();
