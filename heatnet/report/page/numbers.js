// Data of the page, words, and numbers as they are printed.
const page = JSON.parse(document.getElementById("data").textContent);
const words = page.labels, lang = document.documentElement.lang, model = page.model;
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
