(() => {
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const light = {
    ink: "#1c2127", soft: "#545d68", line: "#dde1e6", link: "#0a55c4", paper: "#ffffff", chip: "#f0f2f4", nested: "#f7f8f9", code: "#9a1b1b",
    good: "#0d5a37", goodOn: "#e3f4ea", bad: "#9a1b1b", badOn: "#fdecea", info: "#0b4d90", infoOn: "#e5effa", warn: "#774900", warnOn: "#fcf1dc",
  };
  const dark = {
    ink: "#e3e7ec", soft: "#9fa9b5", line: "#2c333b", link: "#8ab9ff", paper: "#12161b", chip: "#20272e", nested: "#181d23", code: "#ffb4ae",
    good: "#97dab4", goodOn: "#132f1f", bad: "#ffb4ae", badOn: "#3b1d1d", info: "#a4ccff", infoOn: "#152c46", warn: "#f2cb86", warnOn: "#35290f",
  };
  const c = scheme.matches ? dark : light;
  const verb = "#3b434c"; // white on it is readable in both schemes
  const theme = {
    colors: {
      primary: { main: c.link, light: c.link }, text: { primary: c.ink, secondary: c.soft }, border: { light: c.line, dark: c.line },
      error: { main: c.bad }, warning: { main: c.warnOn, contrastText: c.warn }, gray: { 50: c.nested, 100: c.chip },
      responses: {
        success: { color: c.good, backgroundColor: c.goodOn, tabTextColor: "#97dab4" }, error: { color: c.bad, backgroundColor: c.badOn, tabTextColor: "#ffb4ae" },
        redirect: { color: c.warn, backgroundColor: c.warnOn, tabTextColor: "#f2cb86" }, info: { color: c.info, backgroundColor: c.infoOn, tabTextColor: "#a4ccff" },
      },
      http: { get: "#0d5a37", post: "#0b4d90", put: "#59299a", patch: "#59299a", delete: "#9a1b1b", options: verb, head: verb, link: verb, basic: verb },
    },
    schema: { linesColor: c.line, nestedBackground: c.nested, typeNameColor: c.soft, typeTitleColor: c.soft, requireLabelColor: c.bad, arrow: { color: c.soft } },
    typography: {
      fontFamily: "system-ui, sans-serif", headings: { fontFamily: "system-ui, sans-serif" },
      code: { fontFamily: "ui-monospace, Menlo, Consolas, monospace", color: c.code, backgroundColor: c.chip, wrap: true }, links: { color: c.link, visited: c.link, hover: c.link },
    },
    sidebar: { backgroundColor: c.nested, textColor: c.ink, activeTextColor: c.link, arrow: { color: c.ink } },
    rightPanel: { backgroundColor: "#20272e", textColor: "#ffffff", servers: { overlay: { backgroundColor: c.paper, textColor: c.ink }, url: { backgroundColor: c.chip } } },
    codeBlock: { backgroundColor: "#12161b" },
    fab: { backgroundColor: c.chip, color: c.link },
  };
  const options = { theme, hideDownloadButton: true, sortRequiredPropsFirst: true, nativeScrollbars: true };
  Redoc.init(JSON.parse(document.getElementById("spec").textContent), options, document.getElementById("reference"));
  scheme.addEventListener("change", () => location.reload()); // the renderer takes its colors once
})();
