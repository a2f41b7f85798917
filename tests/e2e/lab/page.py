"""A page that includes one of the daemon's scripts, as far as the script sees it: run by Node, which fetches for real, with as much
of a document as such a script uses. Nothing is parsed as HTML: an element has the text that it was given."""

import json
import subprocess

PAGE = """
const [source, url, dataset, places] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const events = [], shown = [];
class Element {
  attributes = {};
  setAttribute(name, value) { this.attributes[name] = value; }
  appendChild(child) { shown.push({ in: this.id, before: null, ...child }); }
  insertBefore(child, next) { shown.push({ in: this.id, before: next === script ? "script" : null, ...child }); }
}
const element = (id) => Object.assign(new Element(), { id });
const script = Object.assign(element("script"), { src: url, dataset, parentNode: element("body") });
globalThis.CustomEvent = class { constructor(type, init) { this.type = type; this.detail = init.detail; } };
globalThis.document = {
  currentScript: script,
  createElement: (name) => Object.assign(new Element(), { name }),
  getElementById: (id) => (places.includes(id) ? element(id) : null),
  dispatchEvent: (event) => events.push({ type: event.type, detail: event.detail }),
};
process.on("exit", () => console.log(JSON.stringify({ events, shown })));
new Function(source)();
"""


def run(source, url, dataset, places=()):
    """{"events": [{"type", "detail"}], "shown": [{"in", "before", "textContent", …}]} once the script has done all it wanted."""
    done = subprocess.run(["node", "-e", PAGE], input=json.dumps([source, url, dataset, list(places)]), capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)
