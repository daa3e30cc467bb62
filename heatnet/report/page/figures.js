// Figures: drawn when they come near the window, what is in sight first; all of them before printing.
const BUTTONS = [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]];
const SHEET = 1018;  // px, width of an A4 sheet lying on its side, without margins
const ON_SHEET = {map: 343, rooms: 245}, SMALL = 8, OTHERS = 265;  // px: the first sheet holds the verdict, figures and rooms, the second the map and the conditions
const drawn = new Set(), live = {};

const webgl = (() => { try { return !!document.createElement("canvas").getContext("webgl"); } catch (error) { return false; } })();

function settings(name) {
  return {responsive: true, displaylogo: false, scrollZoom: name === "map", locale: "page", modeBarButtons: BUTTONS,
    toImageButtonOptions: {filename: name, scale: 2}};
}

function figure(name) {
  const div = document.getElementById("figure-" + name);
  if (!div || drawn.has(name)) return;
  drawn.add(name);
  if (live[name]) { live[name](div); return; }
  const {data, layout} = page.figures[name];
  for (const trace of data) if (trace.type === "scattergl" && !webgl) trace.type = "scatter";
  if (innerWidth < 720) narrow(layout);
  Plotly.newPlot(div, data, layout, settings(name));
  div.on("plotly_click", event => { const point = event.points[0]; if (point.data.meta === "link") choose(point.text); });
}

function narrow(layout) {
  layout.margin = {...layout.margin, l: 52, r: layout.yaxis2 ? 52 : 10, t: 24};
  layout.legend = {...layout.legend, y: -0.22, yanchor: "top", font: {size: 11}};
  layout.font = {...layout.font, size: 11};
  for (const word of layout.annotations || []) word.font = {...word.font, size: 10};
}

function figureNames() {
  return [...document.querySelectorAll(".plot")].map(div => div.id.replace("figure-", ""));
}

function startFigures() {
  if (typeof Plotly === "undefined") return;
  Plotly.register({moduleType: "locale", name: "page", format: {}, dictionary: {
    "Download plot as a PNG": words["plot.png"], "Zoom": words["plot.zoom"], "Pan": words["plot.pan"], "Zoom in": words["plot.in"],
    "Zoom out": words["plot.out"], "Reset axes": words["plot.reset"]}});
  const waiting = new Set();
  const away = div => { const box = div.getBoundingClientRect(); return Math.max(box.top - innerHeight, -box.bottom, 0); };
  const next = () => {
    const [div] = [...waiting].sort((one, other) => away(one) - away(other));
    if (!div) return;
    waiting.delete(div);
    figure(div.id.replace("figure-", ""));
    setTimeout(next);
  };
  const seen = new IntersectionObserver(entries => {
    if (!waiting.size) setTimeout(next);
    for (const entry of entries) entry.isIntersecting ? waiting.add(entry.target) : waiting.delete(entry.target);
  }, {rootMargin: "500px"});
  for (const div of document.querySelectorAll(".plot")) seen.observe(div);
}

function printFigures(on) {
  for (const name of figureNames()) {
    figure(name);
    const div = document.getElementById("figure-" + name);
    if (!div.layout) continue;
    const tall = ON_SHEET[name] || Math.min(div.layout.height || 400, OTHERS), legend = div.layout.legend || {};
    const margin = div.layout.margin || {};
    if (on) {
      div.screen = {height: div.layout.height, "font.size": div.layout.font.size, "legend.font.size": legend.font?.size || null, "legend.tracegroupgap": legend.tracegroupgap ?? null,
        "legend.grouptitlefont.size": legend.grouptitlefont?.size || null, "margin.t": margin.t, "margin.b": margin.b};
      const tight = name === "map" ? {"margin.t": 4, "margin.b": 2} : {};
      Plotly.relayout(div, {width: SHEET, height: tall, autosize: false, "font.size": 10.5, "legend.font.size": SMALL, "legend.tracegroupgap": 2, "legend.grouptitlefont.size": SMALL, ...tight});
    }
    else Plotly.relayout(div, {width: null, autosize: true, ...div.screen});
  }
}
