// The path of water to any user and back, walked along the nodes before and after each one; pressure diagram and temperatures along it.
function walk(from, next, length) {
  const nodes = [from], far = [0], seen = new Set([from]);
  for (let at = from; next[at] >= 0 && !seen.has(next[at]); at = next[at]) {
    far.push(far[far.length - 1] + length[at]);
    nodes.push(next[at]);
    seen.add(next[at]);
  }
  const all = far[far.length - 1];
  return [nodes.reverse(), far.map(x => all - x).reverse()];
}

function pathTo(kind, at) {
  const {inlet, home, node} = model, row = kind === "home" ? home.inlet[at] : at;
  if (!(inlet.m[row] > 0) || node.head[inlet.s[row]] === null) return null;
  const [out, outX] = walk(inlet.s[row], node.up, node.upLength), [back, backX] = walk(inlet.r[row], node.down, node.downLength);
  return {inlet: row, home: kind === "home" ? at : null, out, outX, back, backX};
}

function pointText(nodes, x) {
  const {node} = model;
  return nodes.map((at, index) => "<b>" + escaped(fill(words["pressure.node"], {id: node.id[at]})) + "</b><br>" + escaped(words.distance) + " " + quantity("length", x[index]) + "<br>" + escaped(words["pressure.y"].replace(/\s*[（(].*$/, "")) + " " + quantity("head", node.head[at]) + "<br>" +
    quantity("p", node.p[at]) + "<br>" + quantity("t", node.t[at]));
}

function pressureTraces(path) {
  const {node, inlet} = model, of = nodes => nodes.map(at => node.head[at]), end = Math.max(path.outX[path.outX.length - 1], path.backX[path.backX.length - 1]);
  const heads = [...of(path.out), ...of(path.back)].filter(value => value !== null), ground = path.out.map(at => node.z[at]);
  const all = [...heads, ...ground, ...path.out.map(at => node.z[at] + node.vapour[at])];
  const floor = Math.min(...all) - 0.04 * (Math.max(...all) - Math.min(...all)) - 1;
  const line = (name, x, y, colour, width, dash, more) => ({type: "scatter", mode: "lines", name: escaped(name), x, y, line: {color: colour, width, dash: dash || "solid"}, hoverinfo: "skip", ...more});
  const traces = [line("", [0, path.outX[path.outX.length - 1]], [floor, floor], "rgba(0,0,0,0)", 0, "solid", {showlegend: false}),
    line(words["pressure.ground"], path.outX, ground, "#7a6a4f", 1.6, "solid", {fill: "tonexty", fillcolor: "rgba(122,106,79,0.18)"})];
  const users = {x: [], y: [], customdata: [], text: []}, tops = {x: [], y: []};
  const far = new Map(path.out.map((at, index) => [at, path.outX[index]]));
  for (const [row, x] of nearby(far)) {
    const at = inlet.s[row], end = inlet.r[row];
    if (row !== path.inlet && node.head[at] !== null && node.head[end] !== null) {
      const told = "<b>" + escaped(inlet.id[row]) + "</b><br>" + escaped(words["balance.available"]) + " " + quantity("p", inlet.dp[row]) + "<br>" + escaped(words.x) + " " + quantity("x", inlet.x[row]);
      users.x.push(x, x, x, null);  // the middle is what a pointer finds: the ends may be points of the lines
      users.y.push(node.head[at], (node.head[at] + node.head[end]) / 2, node.head[end], null);
      users.customdata.push(row, row, row, null);
      users.text.push(told, told, told, "");
    }
    const tall = Math.max(0, ...homesAt(row).map(home => model.home.height[home] || 0));
    if (tall) { tops.x.push(x, x, null); tops.y.push(node.z[at], node.z[at] + tall, null); }
  }
  if (tops.x.length) traces.push(line(words["pressure.tops"], tops.x, tops.y, "#9aa1ab", 5));
  traces.push(line(words["pressure.vapour"], path.outX, path.out.map(at => node.z[at] + node.vapour[at]), "#8e44ad", 1.4, "dot"));
  staticLines(path, end).forEach(([from, to, head], index) => traces.push(line(words["pressure.static"], [from, to], [head, head], "#333", 1.3, "dash", {showlegend: !index})));
  if (users.x.length) traces.push(line(words["pressure.others"], users.x, users.y, "#d9b26a", 2, "solid", {customdata: users.customdata, text: users.text, hoverinfo: "text", meta: "inlet"}));
  traces.push(line(words["pressure.supply"], path.outX, of(path.out), "#b3261e", 2.8, "solid", {mode: "lines+markers", marker: {symbol: "circle", size: 5}, text: pointText(path.out, path.outX), hoverinfo: "text", customdata: path.out, meta: "node"}));
  traces.push(line(words["pressure.return"], path.backX, of(path.back), "#1d4f91", 2.8, "solid", {mode: "lines+markers", marker: {symbol: "square-open", size: 6}, text: pointText(path.back, path.backX), hoverinfo: "text", customdata: path.back, meta: "node"}));
  traces.push(line(fill(words["pressure.differential"], {dp: quantity("dp", inlet.dp[path.inlet])}), [path.backX[path.backX.length - 1], path.outX[path.outX.length - 1]],
    [node.head[inlet.r[path.inlet]], node.head[inlet.s[path.inlet]]], "#e08a1e", 5));
  return traces;
}

// Static lines of the zones that the path runs through: where each begins and ends, and its head; two where points of a zone hold different heads.
function staticLines(path, end) {
  const found = [], seen = new Set();
  for (const [nodes, x] of [[path.out, path.outX], [path.back, path.backX]]) {
    const runs = [];
    nodes.forEach((at, index) => {
      const line = model.node.line[at], last = runs[runs.length - 1];
      if (last && last.line === line) last.to = x[index];
      else runs.push({line, from: x[index], to: x[index]});
    });
    if (runs.length === 1) runs[0].to = end;
    for (const {line, from, to} of runs) {
      if (seen.has(line) && nodes === path.back) continue;
      seen.add(line);
      for (const head of new Set(model.lines[line])) if (head !== null) found.push([from, to, head]);
    }
  }
  return found;
}

function temperatureTraces(path) {
  const line = (name, nodes, x, colour, symbol) => ({type: "scatter", mode: "lines+markers", name: escaped(name), x, y: nodes.map(at => model.node.t[at]), line: {color: colour, width: 2.4},
    marker: {symbol, size: 6}, text: pointText(nodes, x), hoverinfo: "text", customdata: nodes, meta: "node"});
  return [line(words["pressure.supply"], path.out, path.outX, "#b3261e", "circle"), line(words["pressure.return"], path.back, path.backX, "#1d4f91", "square-open")];
}

function pathLayout(title, tall) {
  const axis = {gridcolor: "#e4e7eb", zeroline: false, linecolor: "#8c949e", showline: true, ticks: "outside", tickcolor: "#8c949e", automargin: true};
  const layout = {xaxis: {...axis, title: {text: escaped(words["pressure.x"]), standoff: 8}}, yaxis: {...axis, title: {text: escaped(title), standoff: 8}}, height: tall, margin: {l: 64, r: 20, t: 56, b: 56},
    font: {family: getComputedStyle(document.body).fontFamily, size: 13, color: "#2a313b"}, hovermode: "closest", paper_bgcolor: "#fff", plot_bgcolor: "#fff",
    legend: {orientation: "h", y: 1.02, yanchor: "bottom", x: 0, xanchor: "left", traceorder: "normal"}};
  if (innerWidth < 720) narrow(layout);
  return layout;
}

function drawPath(name, div) {
  if (!shown.path) { div.textContent = ""; return; }
  const fresh = !div.on, traces = name === "pressure" ? pressureTraces(shown.path) : temperatureTraces(shown.path);
  Plotly.react(div, traces, div.layout || pathLayout(words[name === "pressure" ? "pressure.y" : "pressure.water"], name === "pressure" ? 500 : 320), settings(name));
  if (fresh) div.on("plotly_click", clicked);
}

// A click on another user's bar leads to that user, one on a point of a line marks its node on the map.
function clicked(event) {
  const {data, customdata} = event.points[0];
  if (customdata === null || customdata === undefined) return;
  if (data.meta === "inlet") choose(model.inlet.id[customdata], "inlet");
  if (data.meta === "node") { shown.node = customdata; redrawMap(); }
}

live.pressure = div => { aimFirst(); drawPath("pressure", div); };
live.temperature = div => { aimFirst(); drawPath("temperature", div); };

// Inlets that stand at a node of the path or a short branch off it, and where along the path.
function nearby(far) {
  const found = [];
  model.inlet.s.forEach((from, row) => {
    let at = from;
    for (let step = 0; at >= 0 && step <= BRANCH; step++, at = model.node.up[at]) if (far.has(at)) { found.push([row, far.get(at)]); return; }
  });
  return found;
}

const BRANCH = 2;
const behind = {};
function index(key, of) {
  if (!behind[key]) { behind[key] = new Map(); of.forEach((at, row) => behind[key].has(at) ? behind[key].get(at).push(row) : behind[key].set(at, [row])); }
  return behind[key];
}
const homesAt = inlet => index("home", model.home.inlet).get(inlet) || [];
