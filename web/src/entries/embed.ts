// The programme in a page of somebody else:
//   <script async src="https://…/{event}/schedule/embed.js" data-language="ar" data-day="2025-10-25"></script>
// In a shadow root, so that neither page's styles reach the other's. Plain old script: it must know its own tag.

(() => {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return;
  const { language = document.documentElement.lang.slice(0, 2), day, track, room } = script.dataset;
  const address = new URL("embed", script.src);
  for (const [name, value] of Object.entries({ lang: language, day, track, room })) {
    if (value) address.searchParams.set(name, value);
  }
  const host = document.createElement("div");
  script.after(host);

  const show = (html: string): void => {
    // Taken out before it is parsed: where the other page forbids style elements, even an unused one is reported.
    const [element, styles = ""] = /<style>([^<]*)<\/style>/.exec(html) ?? [""];
    const page = new DOMParser().parseFromString(html.replace(element, ""), "text/html");
    const main = page.querySelector("main");
    if (!main) return;
    const shadow = host.attachShadow({ mode: "open" });
    if ("adoptedStyleSheets" in shadow) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
      shadow.adoptedStyleSheets = [sheet];
    } else {
      const inside = document.createElement("style");
      inside.textContent = styles;
      (shadow as ShadowRoot).append(inside);
    }
    shadow.append(document.adoptNode(main));
  };

  const link = (): void => {
    const there = document.createElement("a");
    there.href = there.textContent = new URL("../schedule", script.src).href;
    host.append(there);
  };

  fetch(address, { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
    .then(show)
    .catch(link);
})();
