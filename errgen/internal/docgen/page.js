// The filter. The page is complete without it.
(() => {
  "use strict";
  const all = (css) => [...document.querySelectorAll(css)];
  const fold = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const form = document.querySelector("form"), box = form.elements.q, said = form.querySelector("output");
  const textOf = (el) => {
    const copy = el.cloneNode(true);
    copy.querySelectorAll("[data-skip]").forEach((n) => n.remove());
    return fold(copy.textContent + " " + (el.dataset.also ?? ""));
  };
  const entries = all("[data-find]").map((el) => ({ el, text: textOf(el) }));
  const contents = new Map(all("[data-entry]").map((el) => [el.dataset.entry, el]));
  const groups = new Map(all("[data-group]").map((el) => [el.dataset.group, el]));
  const show = (el, yes) => el?.classList.toggle("out", !yes);

  const apply = () => {
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    let left = 0;
    for (const { el, text } of entries) {
      const hit = words.every((w) => text.includes(w));
      show(el, hit);
      show(contents.get(el.id), hit);
      left += hit;
    }
    for (const group of all(".group")) show(group, group.querySelector("[data-find]:not(.out), [data-entry]:not(.out)"));
    for (const n of all("[data-of]")) n.textContent = groups.get(n.dataset.of).querySelectorAll("[data-find]:not(.out)").length;
    said.value = words.length ? `${left} of ${entries.length} match` : `${entries.length} entries`;
  };
  let timer;
  const save = () => { // browsers refuse too many of these in a short time
    clearTimeout(timer);
    const url = new URL(location), q = box.value.trim();
    if (q) url.searchParams.set("q", q); else url.searchParams.delete("q");
    if (url.href !== location.href) history.replaceState(null, "", url);
  };
  const clear = () => { box.value = ""; apply(); save(); };
  const reveal = () => { // a link to an entry is stronger than the filter
    const target = document.querySelector(":target");
    if (target?.closest(".out")) { clear(); target.scrollIntoView(); }
  };

  box.addEventListener("input", () => { apply(); clearTimeout(timer); timer = setTimeout(save, 300); });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    save();
    entries.find(({ el }) => !el.classList.contains("out"))?.el.querySelector("a").click();
  });
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.key === "/" && e.target !== box) { e.preventDefault(); box.select(); }
    if (e.key === "Escape" && box.value) { e.preventDefault(); clear(); }
  });
  addEventListener("hashchange", reveal);
  addEventListener("load", reveal);
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  form.hidden = false;
  apply();
})();
