// The token: it comes by the address' fragment, by hand or from a sign-in, stays in this tab, goes to this origin only.

const KEY = "actonce.token";
const FRAGMENT = /^#token=([^&]*)/;

/** Take out of the address the token that it bears, and return it, "" where there is none. */
export function takeToken() {
    const found = FRAGMENT.exec(location.hash);
    if (!found) return "";
    history.replaceState(null, "", `${location.pathname}${location.search}`);
    try {
        return decodeURIComponent(found[1]);
    } catch {
        return "";
    }
}

/** Keep a token for this tab. */
export const keep = (token) => sessionStorage.setItem(KEY, token.trim());

/** Return the token, "" when there is none. */
export const token = () => sessionStorage.getItem(KEY) ?? "";

/** Forget the token. */
export const forget = () => sessionStorage.removeItem(KEY);

/** Return who calls, as the token says; to show only, for the service judges by what it has verified. */
export function caller() {
    const claims = claimsOf(token());
    const role = claims["custom:role"];
    return {
        name: text(claims.sub),
        tenant: text(claims["custom:tenant_id"]),
        accounts: accounts(claims["custom:account_ids"]),
        role: text(role) || "reader",
        acts: role === "operator" || role === "installation-operator",
        actsGlobally: role === "installation-operator",
    };
}

const text = (value) => (typeof value === "string" ? value : "");

function accounts(claim) {
    try {
        const parsed = JSON.parse(claim);
        return Array.isArray(parsed) ? parsed.filter((it) => typeof it === "string") : [];
    } catch {
        return [];
    }
}

/** Return what a token says, unverified; nothing where it cannot be read. */
export function claimsOf(token) {
    try {
        const middle = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
        const bytes = Uint8Array.from(atob(middle), (it) => it.charCodeAt(0));
        return Object(JSON.parse(new TextDecoder().decode(bytes)));
    } catch {
        return {};
    }
}
