// An operator's act: say why, see what it would do, then do it.

import * as api from "./api.js";
import { line, quoted, shown } from "./commands.js";
import { openDialog } from "./dialog.js";
import { el, given } from "./dom.js";

/** What each act is called, and what it means. */
export const WORDS = {
  cancel: { verb: "Cancel", means: "It is kept from being sent. What is prepared already may be written, and is not cancelled." },
  retry: { verb: "Retry", means: "A new run is opened for what is proved not to have happened. A worker sends it." },
  resolve: { verb: "Resolve", means: "You settle the doubt by your word. What the provider proves later outranks it." },
  undo: { verb: "Undo", means: "What was written is removed by the tool that the registry names. A worker sends it." },
};
const LIMITS = { reason: 500, evidence: 2000 };

/** Open the dialog of an act on the execution that a status document tells of. */
export function openAct(app, act, status) {
  const key = { id: status.action_intent_id, account: status.account_id };
  openDialog(`${WORDS[act].verb}: ${status.action_intent_id}`, (close) => {
    const form = fieldsOf(act);
    const verdict = el("div", { class: "verdict", role: "status", "aria-live": "polite" });
    const check = el("button", { type: "submit", "data-key": "dialog-check" }, "Check first");
    const confirm = el("button", { type: "button", "data-key": "dialog-confirm", class: "sure", disabled: true }, confirmed(act, {}));
    const state = { checked: null };
    const same = el("p", { class: "quiet same" });
    const tellSame = () => same.replaceChildren("The same on the command line: ", shown(line(act, status, form.options())));
    tellSame();
    const forget = () => {
      tellSame();
      state.checked = null;
      confirm.disabled = true;
      verdict.replaceChildren();
    };
    form.node.addEventListener("input", forget);
    form.node.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(async () => {
        const body = form.body();
        const told = await api.rehearse(act, key, body);
        state.checked = told.allowed ? body : null;
        confirm.textContent = confirmed(act, body);
        verdict.replaceChildren(judged(told));
      });
    });
    confirm.addEventListener("click", () => ask(async () => {
      const done = await api.perform(act, key, state.checked);
      close();
      app.done(typeof done.told === "string" && done.told ? done.told : `${WORDS[act].verb}: done.`);
    }));
    async function ask(work) {
      check.disabled = confirm.disabled = true;
      verdict.replaceChildren(el("p", { class: "quiet" }, "Asking…"));
      try {
        await work();
      } catch (fault) {
        state.checked = null;
        verdict.replaceChildren(failure(app, close, fault));
      }
      check.disabled = false;
      confirm.disabled = state.checked === null;
      if (!confirm.disabled) confirm.focus();
      else if (document.activeElement === document.body) check.focus();
    }
    form.node.append(verdict, el("div", { class: "buttons" }, check, confirm));
    return [el("p", {}, WORDS[act].means), form.node, same];
  });
}

function confirmed(act, body) {
  if (act !== "resolve") return `${WORDS[act].verb} it`;
  return body.happened === undefined ? "Resolve" : body.happened ? "Resolve: it happened" : "Resolve: it did not happen";
}

function fieldsOf(act) {
  const reason = area("Reason", "reason", act === "resolve" ? "optional; goes into the ledger" : "goes into the ledger", act !== "resolve");
  if (act === "resolve") return resolveFields(reason);
  const stopped = act === "undo" ? el("input", { type: "checkbox", name: "while_stopped" }) : null;
  reason.input.setAttribute("data-first", "");
  return {
    node: el("form", {}, reason.node, stopped ? el("label", { class: "check" }, stopped, " Even though a kill switch is closed") : null),
    body: () => ({ reason: reason.input.value.trim(), ...(stopped?.checked ? { while_stopped: true } : {}) }),
    options: () => `--reason ${typed(reason.input)}${stopped?.checked ? " --while-stopped" : ""}`,
  };
}

const typed = (input) => (input.value.trim() ? quoted(input.value.trim()) : '"…"');

function resolveFields(reason) {
  const yes = el("input", { type: "radio", name: "happened", value: "yes", required: true, "data-first": true });
  const no = el("input", { type: "radio", name: "happened", value: "no", required: true });
  const evidence = area("Evidence", "evidence", "how you know; look at the external system itself", true);
  return {
    node: el("form", {},
      el("fieldset", {}, el("legend", {}, "What did you find?"), el("label", { class: "check" }, yes, " It happened"), el("label", { class: "check" }, no, " It did not happen")),
      evidence.node, reason.node),
    body: () => {
      const why = reason.input.value.trim();
      return { happened: yes.checked, evidence: evidence.input.value.trim(), ...(why ? { reason: why } : {}) };
    },
    options: () => {
      const found = yes.checked ? "--happened" : no.checked ? "--did-not-happen" : "…";
      return `${found} --evidence ${typed(evidence.input)}${reason.input.value.trim() ? ` --reason ${typed(reason.input)}` : ""}`;
    },
  };
}

/** Return a text field that is bounded as the service bounds it; blanks alone are no text. */
export function area(label, name, hint, isRequired) {
  const id = `field-${name}`;
  const input = el("textarea", { id, name, rows: name === "evidence" ? "3" : "2", maxlength: String(LIMITS[name]), required: isRequired, "aria-describedby": `${id}-hint` });
  const judge = () => input.setCustomValidity(isRequired && input.value.trim() === "" ? `${label} is needed.` : "");
  input.addEventListener("input", judge);
  judge();
  return { input, node: el("div", { class: "field" }, el("label", { for: id }, label), input, el("p", { class: "quiet", id: `${id}-hint` }, hint)) };
}

function judged(told) {
  const repeats = told.would_repeat_a_write === true;
  return el(
    "div",
    { class: told.allowed ? (repeats ? "warned" : "allowed") : "refused" },
    el("p", {}, el("strong", {}, told.allowed ? "Allowed." : "Refused."), " ", given(told.reason ?? "")),
    el("p", {}, "Would it repeat a write? ", el("strong", {}, repeats ? "It could." : "No.")),
    el("p", { class: "quiet" }, "Nothing was written by this check."),
  );
}

/** Return what went wrong with an act, in words. */
export function failure(app, close, fault) {
  if (fault instanceof api.NoAnswer) {
    return el("div", { class: "refused" }, el("p", {}, el("strong", {}, "No answer. "), fault.message),
      el("p", {}, "Whether it was done is not known by this: look at the timeline before you try again."));
  }
  if (!(fault instanceof api.Refused)) throw fault;
  if (fault.status === 401) {
    close();
    app.failed(fault);
    return "";
  }
  const title = { 403: "Forbidden.", 404: "Not found.", 409: "Refused.", 429: "Too many asks.", 503: "The store cannot be used now." }[fault.status] ?? "It did not work.";
  const code = fault.code ? el("code", {}, given(fault.code)) : null;
  return el("div", { class: "refused" }, el("p", {}, el("strong", {}, title), " ", given(fault.message), " ", code),
    el("p", { class: "quiet" }, fault.status >= 500 ? "Whether it was done: look at the timeline before you try again." : "Nothing was written."));
}
