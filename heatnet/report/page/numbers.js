// Data of the page, read part by part when they are needed; words, and numbers as they are printed.
const parts = {};
function read(name) {
  if (!(name in parts)) {
    const found = document.getElementById(name);
    parts[name] = found && unpacked(JSON.parse(found.textContent));
  }
  return parts[name];
}

// Columns of numbers come as scaled integers, little end first; the least one stands for none.
function unpacked(data) {
  if (data === null || typeof data !== "object") return data;
  if (Array.isArray(data)) return data.some(value => value !== null && typeof value === "object") ? data.map(unpacked) : data;
  if (!data.bits) return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, unpacked(value)]));
  const bytes = Uint8Array.from(atob(data.of), sign => sign.charCodeAt(0)), scale = 10 ** data.decimals, none = -(2 ** (data.bits - 1));
  const whole = new {8: Int8Array, 16: Int16Array, 32: Int32Array}[data.bits](bytes.buffer);
  return Array.from(whole, value => value === none ? null : value / scale);
}

// An object that makes each of its entries when it is asked for.
function lazily(names, make) {
  const made = {};
  for (const name of names) {
    Object.defineProperty(made, name, {configurable: true, enumerable: true, get: () => {
      const value = make(name);
      Object.defineProperty(made, name, {value, enumerable: true});
      return value;
    }});
  }
  return made;
}

const page = read("data"), words = page.labels, lang = document.documentElement.lang;
page.figures = lazily(page.figures, name => read("data-figure-" + name));
Object.defineProperty(window, "model", {get: () => read("data-model")});
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
const escaped = text => String(text).replace(/[&<>"']/g, sign => "&#" + sign.charCodeAt(0) + ";");

function printed(value, digits) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  const text = Math.abs(value).toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, (comma, _, at, whole) => {
    const point = whole.indexOf(".");
    return point >= 0 && at > point ? "" : ",";
  });
  return value < 0 && /[1-9]/.test(text) ? "−" + text : text;
}

// A number of the model with its unit, as the tables print it.
function quantity(form, value) {
  const [digits, unit] = model.forms[form], text = printed(value, digits);
  return unit && text !== "–" ? text + " " + unit : text;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
