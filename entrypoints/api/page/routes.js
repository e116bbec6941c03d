// Addresses of views, in the location's hash, so that each can be sent to somebody.

const decoded = (text) => {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
};

/** Return what a hash names. */
export function parse(hash) {
    const [path, search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
    const parts = path.split("/").filter(Boolean).map(decoded);
    const query = Object.fromEntries(new URLSearchParams(search));
    if (parts.length === 0 || (parts[0] === "executions" && parts.length === 1)) return { view: "executions", query };
    if (parts[0] === "executions" && parts.length === 3)
        return { view: "execution", account: parts[1], id: parts[2], query };
    if (parts[0] === "in-doubt" && parts.length === 1) return { view: "in-doubt", query };
    if (parts[0] === "switches" && parts.length === 1) return { view: "switches", query };
    return { view: "unknown", query };
}

/** Return the address of a list of executions. */
export function toExecutions(query = {}) {
    const kept = Object.entries(query).filter(([, value]) => value);
    return kept.length === 0 ? "#/executions" : `#/executions?${new URLSearchParams(kept)}`;
}

/** Return the address of one execution. */
export const toExecution = (account, id) => `#/executions/${encodeURIComponent(account)}/${encodeURIComponent(id)}`;
