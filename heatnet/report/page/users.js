// Finding and choosing a user: search box, links in tables, clicks on charts, the part of the address after #.
const rows = {};
function find(kind, id) {
  const key = kind === "inlet" ? "inlet" : "home";
  rows[key] = rows[key] || new Map(model[key].id.map((name, at) => [name, at]));
  return rows[key].has(id) ? {kind: key, at: rows[key].get(id)} : null;
}

function nameOf(user) {
  return user.kind === "home" ? [model.home.id[user.at], model.home.name[user.at]].filter(Boolean).join(" ") : model.inlet.id[user.at];
}

function choose(id, kind) {
  const user = kind ? find(kind, id) : find("building", id) || find("inlet", id);
  if (!user) return;
  const address = "#" + (user.kind === "home" ? "building" : "inlet") + "=" + encodeURIComponent(id);
  if (location.hash !== address) history.replaceState(null, "", address);
  show(user);
  card(user);
}

// Makes a user the one whose path is drawn; whether water comes to it.
function aim(user) {
  shown.aimed = true;
  shown.node = null;
  shown.path = pathTo(user.kind, user.at);
  const dry = shown.path === null, title = fill(words[dry ? "pressure.dry" : "pressure.user"], {user: nameOf(user)});
  const div = document.getElementById("figure-pressure");
  if (div) div.closest("figure").querySelector("h3").textContent = title;
  return !dry;
}

function aimFirst() {
  if (!shown.aimed && page.chosen) aim({kind: page.chosen[0], at: page.chosen[1]});
}

function show(user) {
  const wet = aim(user);
  for (const name of ["pressure", "temperature"]) {
    const div = document.getElementById("figure-" + name);
    if (drawn.has(name)) wet ? drawPath(name, div) : Plotly.purge(div);
  }
  redrawMap();
}

function card(user) {
  const box = document.getElementById("user"), list = element("dl"), {home, inlet} = model;
  const fact = (label, text) => { list.append(element("dt", "", label), element("dd", "", text)); };
  const row = user.kind === "home" ? home.inlet[user.at] : user.at;
  if (user.kind === "home") {
    fact(words.room, quantity("t", home.room[user.at]));
    if (home.deficit[user.at]) fact(words.deficit, quantity("deficit", home.deficit[user.at]));
    fact(words.households, quantity("count", home.households[user.at]));
    if (home.cause[user.at]) fact(words.cause, model.causes[home.cause[user.at]]);
    fact(words.inlet, inlet.id[row]);
  }
  fact(words.x, quantity("x", inlet.x[row]));
  fact(words["balance.available"], quantity("dp", inlet.dp[row]));
  if (shown.path) fact(words.distance, quantity("length", shown.path.outX[shown.path.outX.length - 1]));
  const close = element("button", "close", "×"), go = element("div", "go");
  close.type = "button";
  close.setAttribute("aria-label", words.close);
  close.addEventListener("click", () => { box.hidden = true; });
  for (const [name, label] of [["map", words.on_map], ["pressure", words.in_diagram]]) {
    const div = document.getElementById("figure-" + name);
    if (!div) continue;
    const button = element("button", "", label);
    button.type = "button";
    button.dataset.go = name;
    button.addEventListener("click", () => { figure(name); div.closest("figure").scrollIntoView({block: "start"}); });
    go.append(button);
  }
  box.replaceChildren(close, element("h4", "", nameOf(user)), list, go);
  box.hidden = false;
}

function search() {
  const input = document.getElementById("find"), list = document.getElementById("found");
  if (!input) return;
  let all = null, on = -1;
  const everyone = () => [...model.home.id.map((id, at) => ["building", id, model.home.name[at]]), ...model.inlet.id.map(id => ["inlet", id, words.inlet])];
  const pick = button => { list.hidden = true; input.setAttribute("aria-expanded", false); input.value = button.dataset.id; choose(button.dataset.id, button.dataset.kind); };
  const mark = step => {
    const buttons = [...list.querySelectorAll("button")];
    on = Math.max(0, Math.min(buttons.length - 1, on + step));
    buttons.forEach((button, at) => { button.classList.toggle("on", at === on); button.setAttribute("aria-selected", at === on); });
    input.setAttribute("aria-activedescendant", buttons[on]?.id || "");
    buttons[on]?.scrollIntoView({block: "nearest"});
  };
  input.addEventListener("input", () => {
    const parts = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    list.replaceChildren();
    on = -1;
    list.hidden = !parts.length;
    input.setAttribute("aria-expanded", !list.hidden);
    if (!parts.length) return;
    const found = [];
    all = all || everyone();
    for (const entry of all) {
      const text = (entry[1] + " " + entry[2]).toLowerCase();
      if (parts.every(part => text.includes(part))) found.push(entry);
      if (found.length >= 400) break;
    }
    found.sort((one, other) => (one[1].toLowerCase() !== parts[0]) - (other[1].toLowerCase() !== parts[0]));
    for (const [kind, id, name] of found.slice(0, 14)) {
      const button = element("button", "", id);
      button.type = "button";
      button.setAttribute("role", "option");
      button.id = "found-" + list.children.length;
      button.tabIndex = -1;
      button.dataset.id = id;
      button.dataset.kind = kind;
      button.append(element("small", "", name));
      button.addEventListener("click", () => pick(button));
      list.append(button);
    }
    if (!found.length) list.append(element("p", "", words["find.none"]));
  });
  input.addEventListener("keydown", event => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Enter") { const button = list.querySelectorAll("button")[Math.max(on, 0)]; if (button) pick(button); }
    if (event.key === "Escape") list.hidden = true;
  });
  document.addEventListener("click", event => { if (!event.target.closest(".find")) list.hidden = true; });
}

function byAddress() {
  const match = location.hash.match(/^#(building|inlet)=(.+)$/);
  if (!match || !document.getElementById("data-model")) return;
  let id = match[2];
  try { id = decodeURIComponent(id); } catch (error) { if (!(error instanceof URIError)) throw error; }  // an address cut short names nobody
  choose(id, match[1]);
}

const near = new IntersectionObserver(entries => {
  for (const entry of entries) if (entry.isIntersecting) { near.unobserve(entry.target); tables[entry.target.id.replace("table-", "")].more(); }
}, {rootMargin: "700px"});
for (const name of page.tables) near.observe(document.getElementById("table-" + name));
addEventListener("keydown", event => { if (event.key === "Escape") document.getElementById("user").hidden = true; });
if (document.getElementById("find")) { search(); addEventListener("hashchange", byAddress); }
if (location.hash.includes("=")) byAddress();
addEventListener("beforeprint", () => { Object.values(tables).forEach(table => table.print(true)); if (typeof Plotly !== "undefined") printFigures(true); });
addEventListener("afterprint", () => { Object.values(tables).forEach(table => table.print(false)); if (typeof Plotly !== "undefined") printFigures(false); });
const links = new Map([...document.querySelectorAll("nav a")].map(link => [link.hash.slice(1), link]));
const spy = new IntersectionObserver(entries => {
  for (const entry of entries) if (entry.isIntersecting) { links.forEach(link => link.classList.remove("here")); links.get(entry.target.id)?.classList.add("here"); }
}, {rootMargin: "-10% 0px -80% 0px"});
document.querySelectorAll("main section").forEach(section => spy.observe(section));
