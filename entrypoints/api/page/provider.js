// Signing in at the identity provider: an authorization code, bound to this tab by PKCE, a state and a nonce.

import { answered, signIn } from "./api.js";
import { claimsOf } from "./session.js";

const KEY = "actonce.signin";
const RETURNED = ["code", "state", "error"];
const SECRET_BYTES = 32;
const MOST_MS = 30 * 60_000;
const MOST_BYTES = 64 * 1024;
const MOST_TOKEN = 16_000;
const MOST_TOLD = 500;
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Nobody was signed in; the message says why. It may hold the provider's own words. */
export class NotSignedIn extends Error {}

let asked = null;

/** Return the provider that the service names, null where it names none. */
export function provider() {
    asked ??= signIn().then(
        (told) => told.provider,
        (fault) => {
            asked = null;
            throw fault;
        },
    );
    return asked;
}

/** Leave for the provider. Only the hash of the verifier goes with it; the verifier itself stays in this tab. */
export async function begin(it) {
    if (!crypto.subtle) throw new NotSignedIn("The browser does this only on a page that came by https.");
    const [verifier, state, nonce] = [random(), random(), random()];
    const request = {
        response_type: "code",
        client_id: it.client_id,
        redirect_uri: here(),
        scope: it.scopes,
        state,
        nonce,
        code_challenge: await challengeOf(verifier),
        code_challenge_method: "S256",
    };
    const url = new URL(it.authorize_url);
    for (const [name, value] of Object.entries(request)) url.searchParams.set(name, value);
    const begun = { verifier, state, nonce, at: Date.now(), hash: location.hash };
    sessionStorage.setItem(KEY, JSON.stringify(begun));
    location.assign(url);
}

/** Take what the provider sent out of the address, null where it sent nothing; it is good for one try. */
export function takeReturn() {
    const query = new URLSearchParams(location.search);
    if (!RETURNED.some((name) => query.has(name))) return null;
    const begun = takeBegun();
    const isOurs = begun !== null && sole(query, "state") === begun.state;
    history.replaceState(null, "", `${location.pathname}${isOurs ? begun.hash : ""}`);
    return { query, begun: isOurs ? begun : null };
}

/** Return the ID token for what `takeReturn` took. */
export async function redeem({ query, begun }) {
    // Before anything else: the words of an address that somebody made up are not shown either.
    if (begun === null) throw new NotSignedIn("It was not taken, for this tab did not ask for it. Sign in anew.");
    if (Date.now() - begun.at > MOST_MS) throw new NotSignedIn("It took too long. Sign in anew.");
    if (query.has("error")) throw new NotSignedIn(refusal(query.get("error"), query.get("error_description")));
    const code = sole(query, "code");
    if (!code) throw new NotSignedIn("The provider sent no code.");
    const it = await provider();
    if (it === null) throw new NotSignedIn("The service names no provider any more.");
    return tokenOf(await exchanged(it, code, begun.verifier), begun.nonce);
}

async function exchanged(it, code, verifier) {
    const grant = {
        grant_type: "authorization_code",
        client_id: it.client_id,
        redirect_uri: here(),
        code,
        code_verifier: verifier,
    };
    const request = {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(grant),
    };
    const response = await answered(new URL(it.token_url), request, "The provider");
    const document = parsed(await bounded(response));
    if (response.ok && document !== null) return document;
    if (response.ok) throw new NotSignedIn("The provider gave an answer that cannot be read.");
    const told = typeof document?.error === "string" ? refusal(document.error, document.error_description) : null;
    throw new NotSignedIn(told ?? `The provider answered ${response.status}.`);
}

/** Return the text of an answer; of one that is too large no more is read. */
async function bounded(response) {
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let [text, size] = ["", 0];
    while (reader) {
        const { done, value } = await reader.read().catch((fault) => {
            throw new NotSignedIn("The provider's answer broke off.", { cause: fault });
        });
        if (done) break;
        size += value.length;
        if (size > MOST_BYTES) {
            reader.cancel().catch(() => {});
            throw new NotSignedIn("The provider's answer is too large.");
        }
        text += decoder.decode(value, { stream: true });
    }
    return text + decoder.decode();
}

/** The service verifies the token; that it is the one that this tab asked for only this tab can know. */
function tokenOf(document, nonce) {
    const token = document.id_token;
    if (typeof token !== "string") throw new NotSignedIn("The provider gave no ID token.");
    if (token.length > MOST_TOKEN || !TOKEN.test(token)) throw new NotSignedIn("The provider's ID token is none.");
    if (claimsOf(token).nonce !== nonce) throw new NotSignedIn("The provider's ID token is not for this sign-in.");
    return token;
}

function refusal(error, description) {
    const words = [error, description].filter((it) => typeof it === "string" && it !== "");
    return `The provider refused: ${words.join(": ").slice(0, MOST_TOLD)}`;
}

function takeBegun() {
    const begun = parsed(sessionStorage.getItem(KEY) ?? "");
    sessionStorage.removeItem(KEY);
    return begun;
}

function parsed(text) {
    try {
        const document = JSON.parse(text);
        return typeof document === "object" ? document : null;
    } catch {
        return null;
    }
}

/** Return a parameter that is there once. */
function sole(query, name) {
    const values = query.getAll(name);
    return values.length === 1 ? values[0] : null;
}

const here = () => `${location.origin}${location.pathname}`;

const random = () => encoded(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));

async function challengeOf(verifier) {
    return encoded(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function encoded(bytes) {
    return btoa(String.fromCharCode(...bytes))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");
}
