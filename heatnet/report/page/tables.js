// Tables: rows are drawn when they are looked at; sorting and filtering work on the data, not on what is drawn.
const FIRST = 30, STEP = 80, PRINTED = 30, NARROW = 720;
const LONG = /.{17}|[\u2e80-\uffff].{7}/, BRIEF = /^[^\u2e80-\uffff\s]{0,9}$|^.{0,5}$/;  // texts that keep room for a few words a line, and those never broken
const TIGHTER = ["many", "tight", "tightest", "broken"];  // how a table is set that is wider than the page
const tables = lazily(page.tables, name => new PageTable(name, read("data-table-" + name)));

class PageTable {
  constructor(name, data) {
    this.name = name;
    this.data = data;
    this.table = document.getElementById("table-" + name);
    this.body = this.table.tBodies[0];
    this.heads = [...this.table.tHead.rows[0].cells];
    this.box = this.table.parentElement;
    this.block = this.table.closest(".block");
    this.tools = this.block.querySelector(".tools");
    this.order = Array.from({length: data.rows}, (_, row) => row);
    this.chosen = this.order;
    this.column = -1;
    this.up = true;
    this.filters = data.heads.map(() => "");
    this.word = "";
    this.heads.forEach((head, column) => {
      const name = head.querySelector("[role=button]");
      name.addEventListener("click", () => this.sort(column));
      name.addEventListener("keydown", event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.sort(column); } });
    });
    this.box.addEventListener("scroll", () => this.more(), {passive: true});
    addEventListener("scroll", () => this.more(), {passive: true});
    if (this.tools) {
      this.tools.querySelector("input").addEventListener("input", event => { this.word = event.target.value.trim().toLowerCase(); this.filter(); });
      this.tools.querySelector("button").addEventListener("click", event => this.inputs(event.currentTarget));
    }
    this.draw(FIRST);
  }

  value(row, column) {
    const of = this.data.columns[column];
    if (this.data.heads[column].n) return of[row];
    const entry = of.of[of.at ? of.at[row] : row];
    return typeof entry === "string" ? entry : entry[0];
  }

  tone(row, column) {
    const head = this.data.heads[column], of = this.data.columns[column];
    if (!head.n) { const entry = of.of[of.at ? of.at[row] : row]; return typeof entry === "string" ? "" : entry[1]; }
    const value = of[row];
    if (typeof value !== "number") return "";
    return head.low !== undefined && value < head.low ? "low" : head.high !== undefined && value > head.high ? "high" : "";
  }

  text(row, column) {
    const head = this.data.heads[column], value = this.value(row, column);
    return head.n ? printed(value, head.d) : value;
  }

  sort(column) {
    const numeric = this.data.heads[column].n;
    this.up = this.column === column ? !this.up : !numeric;
    this.column = column;
    const compare = new Intl.Collator(lang, {numeric: true}).compare, sign = this.up ? 1 : -1;
    const empty = value => value === null || value === "" || value === "–" || (numeric && typeof value !== "number");
    const keys = Array.from({length: this.data.rows}, (_, row) => this.value(row, column));
    this.order = Array.from({length: this.data.rows}, (_, row) => row).sort((a, b) => {
      const one = keys[a], other = keys[b];
      if (empty(one) || empty(other)) return empty(one) - empty(other) || a - b;
      return (numeric ? one - other : compare(one, other)) * sign || a - b;
    });
    this.heads.forEach((head, at) => at === column ? head.setAttribute("aria-sort", this.up ? "ascending" : "descending") : head.removeAttribute("aria-sort"));
    this.filter();
  }

  filter() {
    const tests = this.filters.map((text, column) => this.test(text, column)).filter(Boolean);
    if (this.word) {
      const columns = this.data.heads.map((_, column) => column);
      tests.push(row => columns.some(column => String(this.text(row, column)).toLowerCase().includes(this.word)));
    }
    this.chosen = tests.length ? this.order.filter(row => tests.every(test => test(row))) : this.order;
    this.draw(STEP);
    this.box.scrollTop = 0;
  }

  test(text, column) {
    text = text.trim();
    if (!text) return null;
    if (!this.data.heads[column].n) { const word = text.toLowerCase(); return row => this.value(row, column).toLowerCase().includes(word); }
    const range = text.match(/^(-?[\d.]+)\s*(?:-|–|~|\.\.)\s*(-?[\d.]+)$/), limit = text.match(/^([<>]=?|≤|≥)\s*(-?[\d.]+)$/);
    const number = row => typeof this.value(row, column) === "number" ? this.value(row, column) : NaN;
    if (range) return row => number(row) >= +range[1] && number(row) <= +range[2];
    if (limit) {
      const of = +limit[2], sign = limit[1].replace("≤", "<=").replace("≥", ">=");
      return row => sign === "<" ? number(row) < of : sign === "<=" ? number(row) <= of : sign === ">" ? number(row) > of : number(row) >= of;
    }
    return row => this.text(row, column).includes(text);
  }

  inputs(button) {
    const open = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", open);
    this.heads.forEach((head, column) => {
      head.querySelector("input")?.remove();
      if (!open) return;
      const input = element("input");
      input.placeholder = words[this.data.heads[column].n ? "filters.number" : "filters.text"];
      input.setAttribute("aria-label", head.querySelector("[role=button]").textContent + ": " + input.placeholder);
      input.addEventListener("input", () => { this.filters[column] = input.value; this.filter(); });
      head.append(input);
    });
    if (!open) { this.filters.fill(""); this.filter(); }
  }

  draw(count) {
    this.body.replaceChildren();
    this.drawn = 0;
    this.add(count);
  }

  add(count) {
    const rows = document.createDocumentFragment(), end = Math.min(this.drawn + count, this.chosen.length);
    for (; this.drawn < end; this.drawn++) rows.append(this.row(this.chosen[this.drawn]));
    this.body.append(rows);
    this.fit();
    if (this.tools) this.tools.querySelector("output").textContent = fill(words.shown, {shown: printed(this.chosen.length, 0), all: printed(this.data.all, 0)});
  }

  // Sets the table narrower, step by step, until it is no wider than the page; a small screen scrolls it instead.
  fit() {
    if (innerWidth < NARROW) return;
    for (const step of TIGHTER) {
      if (this.box.scrollWidth <= this.box.clientWidth) return;
      this.box.classList.add(step);
    }
  }

  row(row) {
    const made = element("tr");
    this.data.heads.forEach((head, column) => {
      const text = this.text(row, column), tone = this.tone(row, column), cell = element("td", head.n ? "n" : LONG.test(text) ? "long" : BRIEF.test(text) ? "brief" : "");
      if (head.link && model && find(head.link, text)) {
        const link = element("a", tone, text);
        link.href = "#" + head.link + "=" + encodeURIComponent(text);
        cell.append(link);
      } else if (tone) cell.append(element("span", tone, text));
      else cell.textContent = text;
      if (!head.n && text.length > 24) cell.title = text;
      made.append(cell);
    });
    return made;
  }

  more() {
    if (this.drawn >= this.chosen.length) return;
    const near = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 400;
    const seen = this.box.getBoundingClientRect();
    if (near && seen.top < innerHeight + 400 && seen.bottom > -400) this.add(STEP);
  }

  print(on) {
    const note = this.block.querySelector(".printed");
    if (!on) { note.hidden = true; this.draw(STEP); return; }
    this.draw(PRINTED);
    note.hidden = this.chosen.length <= PRINTED;
    note.textContent = fill(words.printed, {shown: printed(PRINTED, 0), all: printed(this.chosen.length, 0)});
  }
}
