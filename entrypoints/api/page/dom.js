// Builds the page. Text from answers is data: it becomes text nodes and plain attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";
// Controls, and marks that turn the direction of writing: they could make a text look like another one.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const HANDLED = /^(on|style$|srcdoc$|innerhtml$)/i;

/** Return a value as text that shows what it holds. */
export function plain(value) {
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    return text.replace(UNSEEN, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function made(node, properties, children) {
    for (const [name, value] of Object.entries(properties)) {
        if (name === "on") {
            for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
        } else if (HANDLED.test(name)) {
            throw new TypeError(`${name} is not set by name`);
        } else if (value !== null && value !== undefined && value !== false) {
            node.setAttribute(name, value === true ? "" : value);
        }
    }
    node.append(
        ...children
            .flat(Infinity)
            .filter((it) => it !== null && it !== undefined && it !== false)
            .map(leaf),
    );
    return node;
}

const leaf = (child) => (child instanceof Node ? child : document.createTextNode(plain(child)));

/** Return an element; `on` holds its listeners, null and false leave an attribute or a child out. */
export function el(name, properties = {}, ...children) {
    return made(document.createElement(name), properties, children);
}

/** Return an SVG element. */
export function svg(name, properties = {}, ...children) {
    return made(document.createElementNS(SVG, name), properties, children);
}

/** Return text of somebody else, kept from turning the direction of what stands around it. */
export function given(value, properties = {}) {
    return el("bdi", properties, value);
}

/** Return a button. `key` names it across renderings, so that it keeps the focus. */
export function button(label, key, click, properties = {}) {
    return el("button", { type: "button", "data-key": key, ...properties, on: { click } }, label);
}

/** Return a link to an external object, or its text alone where the address is none that a browser should follow. */
export function outerLink(url, label) {
    let parsed;
    try {
        parsed = new URL(url);
    } catch {
        return given(label);
    }
    const followed = (parsed.protocol === "https:" || parsed.protocol === "http:") && parsed.username === "";
    if (!followed) return given(label);
    return el("a", { href: parsed.href, rel: "noopener noreferrer", target: "_blank" }, given(label));
}

/** Replace what a container holds; the focus and opened details stay where they were. */
export function swap(container, ...nodes) {
    const active = document.activeElement;
    const hadFocus = container.contains(active) && active !== container;
    const held = hadFocus ? active.dataset.key : undefined;
    const open = new Set([...container.querySelectorAll("details[open][data-key]")].map((it) => it.dataset.key));
    container.replaceChildren(...nodes.flat(Infinity).filter(Boolean));
    for (const details of container.querySelectorAll("details[data-key]")) {
        if (open.has(details.dataset.key)) details.open = true;
    }
    if (!hadFocus) return;
    const same = [...container.querySelectorAll("[data-key]")].find((it) => it.dataset.key === held);
    (same ?? document.querySelector("main h1") ?? document.querySelector("main")).focus();
}

/** Return a place on the page that is built anew only when what it shows is another. */
export function place(name = "div", properties = {}) {
    const node = el(name, properties);
    let shown;
    return {
        node,
        show(data, build) {
            const now = JSON.stringify(data);
            if (now === shown) return;
            shown = now;
            swap(node, build(data));
        },
    };
}

/** Return a list of names and values; what is absent is left out. */
export function facts(pairs, properties = {}) {
    const rows = pairs
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) =>
            el("div", {}, el("dt", {}, name), el("dd", {}, value instanceof Node ? value : given(value))),
        );
    return el("dl", properties, rows);
}
