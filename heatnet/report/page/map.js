// The map: pipes and users by the classes of the chosen layers, arrows of flow, the path of the chosen user.
const shown = {home: null, pipe: null, path: null, node: null, spot: ""};
const ARROWS = 160, MANY = 3000;

function classOf(value, classes) {
  if (value === null) return -1;
  const at = classes.findIndex(one => one.to === null || value < one.to);
  return at < 0 ? classes.length - 1 : at;
}

function place(home) {
  const node = model.inlet.s[model.home.inlet[home]];
  return [model.node.x[node] === null ? null : model.node.x[node] + model.home.dx[home], model.node.y[node] === null ? null : model.node.y[node] + model.home.dy[home]];
}

function pipeTraces() {
  const {pipe, node} = model, layer = model.layers.pipe[shown.pipe], many = pipe.id.length > MANY && webgl;
  const traces = [...layer.classes, {label: words["map.unknown"], colour: "#d5d9de", width: 1}].map((one, at) => ({
    type: many ? "scattergl" : "scatter", mode: "lines", name: escaped(one.label), x: [], y: [], hoverinfo: "skip", legendgroup: "pipe",
    line: {color: one.colour, width: one.width}, legendgrouptitle: at ? undefined : {text: escaped(words["map.lines"] + ": " + layer.title)}, legendrank: 10 + at}));
  const points = {type: many ? "scattergl" : "scatter", mode: "markers", x: [], y: [], text: [], marker: {size: 9, opacity: 0, color: "#000"}, hoverinfo: "text", showlegend: false, meta: "pipe"};
  pipe.id.forEach((id, at) => {
    const a = pipe.a[at], b = pipe.b[at];
    if (!pipe.supply[at] || node.x[a] === null || node.x[b] === null || node.y[a] === null || node.y[b] === null) return;
    const found = classOf(pipe[layer.of][at], layer.classes), trace = traces[found < 0 ? traces.length - 1 : found];
    trace.x.push(node.x[a], node.x[b], null);
    trace.y.push(node.y[a], node.y[b], null);
    points.x.push((node.x[a] + node.x[b]) / 2);
    points.y.push((node.y[a] + node.y[b]) / 2);
    points.text.push("<b>" + escaped(words["map.pipe"] + " " + id) + "</b><br>" + escaped(words["map.by_diameter"]) + " " + quantity("d", pipe.d[at]) + ", " + quantity("length", pipe.l[at]) + "<br>" +
      quantity("flow", pipe.m[at] === null ? null : Math.abs(pipe.m[at])) + ", " + quantity("v", pipe.v[at]) + "<br>" + quantity("r", pipe.r[at]) + ", " + quantity("q", pipe.q[at]));
  });
  return [...traces.filter(trace => trace.x.length), points];
}

function arrowTrace() {
  const {pipe, node} = model;
  const found = pipe.id.map((_, at) => at).filter(at => pipe.supply[at] && Math.abs(pipe.m[at]) > 0.005 && pipe.l[at] > 0 && node.x[pipe.a[at]] !== null && node.x[pipe.b[at]] !== null);
  found.sort((one, other) => pipe.l[other] - pipe.l[one]);
  const trace = {type: "scatter", mode: "markers", name: escaped(words["map.arrows"]), x: [], y: [], hoverinfo: "skip", legendrank: 30,
    marker: {symbol: "arrow", size: 9, color: "#1c232d", angle: [], line: {width: 0}}};
  for (const at of found.slice(0, ARROWS)) {
    const [a, b] = pipe.m[at] >= 0 ? [pipe.a[at], pipe.b[at]] : [pipe.b[at], pipe.a[at]];
    trace.x.push(node.x[a] + 0.58 * (node.x[b] - node.x[a]));
    trace.y.push(node.y[a] + 0.58 * (node.y[b] - node.y[a]));
    trace.marker.angle.push(Math.atan2(node.x[b] - node.x[a], node.y[b] - node.y[a]) * 180 / Math.PI);
  }
  return trace;
}

function homeTraces() {
  const {home, inlet, node} = model, layer = model.layers.home[shown.home];
  const homes = home.id.length > 0, count = homes ? home.id.length : inlet.id.length, many = count > MANY;
  const size = many ? 5 : count > 600 ? 7 : 9;
  const traces = [...layer.classes, {label: words["map.unknown"], colour: "#9aa0a6", symbol: "cross"}].map((one, at) => ({
    type: many && webgl ? "scattergl" : "scatter", mode: "markers", name: escaped(one.label), x: [], y: [], text: [], customdata: [], hoverinfo: "text", legendgroup: "home", legendrank: 20 + at,
    marker: {symbol: one.symbol, color: one.colour, size: size + (one.symbol === "triangle-down" ? 2 : 0), line: {width: many ? 0 : 0.8, color: "#fff"}},
    legendgrouptitle: at ? undefined : {text: escaped(words["map.homes"] + ": " + layer.title)}, meta: homes ? "home" : "inlet"}));
  for (let at = 0; at < count; at++) {
    const [x, y] = homes ? place(at) : [node.x[inlet.s[at]], node.y[inlet.s[at]]];
    if (x === null || y === null) continue;
    const value = homes ? home[layer.of][at] : inlet.x[at], found = classOf(value, layer.classes), trace = traces[found < 0 ? traces.length - 1 : found];
    trace.x.push(x);
    trace.y.push(y);
    trace.customdata.push(at);
    trace.text.push(homes ? homeText(at) : "<b>" + escaped(inlet.id[at]) + "</b><br>" + escaped(words.x) + " " + quantity("x", inlet.x[at]));
  }
  return traces.filter(trace => trace.x.length);
}

function homeText(at) {
  const {home} = model;
  return "<b>" + escaped(home.id[at] + " " + home.name[at]) + "</b><br>" + escaped(words.room) + " " + quantity("t", home.room[at]) + "<br>" + escaped(words.x) + " " + quantity("x", home.ratio[at]) +
    "<br>" + escaped(words.households) + " " + quantity("count", home.households[at]) + (home.cause[at] ? "<br>" + escaped(model.causes[home.cause[at]]) : "");
}

function pathTraces() {
  const found = shown.path, {node} = model;
  const line = (nodes, name, colour, dash) => ({type: "scatter", mode: "lines", name: escaped(name), x: nodes.map(at => node.x[at]), y: nodes.map(at => node.y[at]),
    line: {color: colour, width: 5, dash}, opacity: 0.75, hoverinfo: "skip", legendrank: 40, visible: nodes.length > 0});
  const traces = [line(found ? found.out : [], words["map.path"], "#b3261e", "solid"), line(found ? found.back : [], words["map.path_back"], "#1d4f91", "dot")];
  if (shown.node !== null) traces.push({type: "scatter", mode: "markers", name: escaped(fill(words["pressure.node"], {id: node.id[shown.node]})), x: [node.x[shown.node]], y: [node.y[shown.node]],
    hoverinfo: "skip", legendrank: 42, marker: {symbol: "diamond-open", size: 18, color: "#000", line: {width: 3}}, meta: "marked"});
  const at = found ? found.home !== null ? place(found.home) : [node.x[model.inlet.s[found.inlet]], node.y[model.inlet.s[found.inlet]]] : [null, null];
  traces.push({type: "scatter", mode: "markers", name: escaped(words["map.chosen"]), x: [at[0]], y: [at[1]], hoverinfo: "skip", legendrank: 41, visible: found !== null,
    marker: {symbol: "circle-open", size: 22, color: "#000", line: {width: 3}}});
  return traces;
}

function plantTrace() {
  const {plant, node} = model;
  return {type: "scatter", mode: "markers", name: escaped(words["plants.plant"]), x: plant.s.map(at => node.x[at]), y: plant.s.map(at => node.y[at]), legendrank: 31,
    text: plant.id.map((id, at) => "<b>" + escaped(id) + "</b><br>" + quantity("heat", plant.q[at]) + "<br>" + quantity("plantFlow", plant.m[at]) + "<br>" + quantity("dp", plant.dp[at])),
    hoverinfo: "text", marker: {symbol: "star-square", size: 17, color: "#111", line: {width: 1.5, color: "#fff"}}};
}

// Density of deficit or complaints as shaded contours under everything else.
function spotTrace() {
  const found = model.spots[shown.spot], top = found ? Math.max(...found.z.map(line => Math.max(...line))) : 1;
  return {type: "contour", x: found ? found.x : [0, 1], y: found ? found.y : [0, 1], z: found ? found.z : [[0, 0], [0, 0]], visible: Boolean(found), hoverinfo: "skip", showscale: false,
    name: found ? escaped(words["map.spots"] + ": " + found.title) : "", showlegend: Boolean(found), legendrank: 42, zmin: 0, zmax: top, autocontour: false, contours: {start: 0.1 * top, end: 0.9 * top, size: 0.2 * top}, line: {width: 0.7, color: "rgba(110,50,10,0.7)", smoothing: 1},
    colorscale: [[0, "rgba(255,255,255,0)"], [0.08, "rgba(246,196,120,0.28)"], [1, "rgba(150,60,10,0.8)"]]};
}

function mapTraces() {
  const pipes = pipeTraces(), points = pipes.pop();
  return [spotTrace(), ...pipes, ...pathTraces(), arrowTrace(), points, ...homeTraces(), plantTrace()];
}

function tall(div, slim) {
  const x = model.node.x.filter(value => value !== null), y = model.node.y.filter(value => value !== null);
  const span = values => values.reduce((most, value) => Math.max(most, value), -Infinity) - values.reduce((least, value) => Math.min(least, value), Infinity);
  const ratio = span(y) / Math.max(span(x), 1), wide = (div.clientWidth || 1000) - (slim ? 20 : 190);
  return Math.round(Math.min(Math.max(ratio * wide * 1.1 + 50, slim ? 420 : 440), slim ? 560 : 760));
}

live.map = div => {
  aimFirst();
  shown.home = shown.home || Object.keys(model.layers.home)[0];
  shown.pipe = shown.pipe || Object.keys(model.layers.pipe)[0];
  layerButtons(div);
  const hidden = {visible: false, showgrid: false, zeroline: false}, slim = innerWidth < 720;
  const layout = {xaxis: hidden, yaxis: {...hidden, scaleanchor: "x"}, height: tall(div, slim), margin: {l: 6, r: 6, t: 30, b: 6}, hovermode: "closest", dragmode: "pan", uirevision: "map",
    font: {family: getComputedStyle(document.body).fontFamily, size: slim ? 11 : 13, color: "#2a313b"}, paper_bgcolor: "#fff", plot_bgcolor: "#fff",
    legend: slim ? {orientation: "h", y: -0.02, yanchor: "top", font: {size: 10}} : {x: 1.01, y: 1, bgcolor: "rgba(255,255,255,.85)", tracegroupgap: 12}};
  Plotly.newPlot(div, mapTraces(), layout, settings("map"));
  div.on("plotly_click", event => {
    const point = event.points.find(one => one.data.meta === "home" || one.data.meta === "inlet");
    if (point) choose((point.data.meta === "home" ? model.home : model.inlet).id[point.customdata]);
  });
};

function redrawMap() {
  const div = document.getElementById("figure-map");
  if (div && drawn.has("map")) Plotly.react(div, mapTraces(), div.layout, settings("map"));
}

function layerButtons(div) {
  const box = element("div", "maplayers");
  const titles = {home: words["map.homes"], pipe: words["map.lines"], spot: words["map.spots"]};
  const choices = {...model.layers, spot: {"": {title: words["map.spots_none"]}, ...model.spots}};
  for (const kind of ["home", "pipe", "spot"]) {
    if (Object.keys(choices[kind]).length < 2 && kind === "spot") continue;
    box.append(element("span", "", titles[kind]));
    for (const [key, layer] of Object.entries(choices[kind])) {
      const button = element("button", "", layer.title);
      button.type = "button";
      button.dataset.layer = kind + "." + key;
      button.setAttribute("aria-pressed", shown[kind] === key);
      button.addEventListener("click", () => {
        shown[kind] = key;
        for (const other of box.querySelectorAll("button")) if (other.dataset.layer.startsWith(kind + ".")) other.setAttribute("aria-pressed", other === button);
        redrawMap();
      });
      box.append(button);
    }
  }
  div.before(box);
}
