export type Category = "auth" | "permission" | "invalid_request" | "not_found" | "conflict" | "declined" | "rate_limit" | "unavailable" | "provider" | "unknown_outcome" | "unknown";
/** What the caller can do next, as docs/errgen.md explains. */
export type Advice = "never" | "change" | "same" | "backoff" | "inquire";
/** The effect of a call: "failed" is none. */
export type Outcome = "failed" | "unknown" | "pending" | "ok";

export interface Text { readonly lang: string; readonly text: string }

/** CodeInfo is the catalog's entry for a code. docs/errors/schema.json of errgen has its other members. */
export interface CodeInfo {
  readonly [member: string]: unknown;
  readonly value: string;
  readonly aliases?: readonly string[];
  readonly http: readonly number[];
  readonly type?: string;
  readonly category?: string;
  readonly outcome?: string;
  readonly advice?: string;
  readonly advice_by_status?: readonly { readonly status: number; readonly advice: string }[];
  readonly title?: string;
  readonly description?: string;
  readonly resolution?: string;
  readonly customer?: readonly Text[];
  readonly doc_url: string;
}

/** FieldError is a problem of one field of the request. */
export interface FieldError { readonly field: string; readonly type: string; readonly message: string }

/** Failure is what a response says about a failed call. Texts that it does not have are "". */
export interface Failure {
  readonly status: number;
  /** the code, if the catalog has it; an alias is replaced by its code */
  readonly code: Code | undefined;
  /** the code as it was received */
  readonly rawCode: string;
  /** id of the catalog of the code */
  readonly catalog: string;
  readonly info: CodeInfo | undefined;
  readonly type: string;
  /** the API's message for developers; do not show it to end users */
  readonly message: string;
  readonly param: string;
  readonly requestId: string;
  readonly docUrl: string;
  readonly fields: readonly FieldError[];
  readonly captures: Readonly<Record<string, string>>;
  readonly category: Category;
  readonly outcome: Outcome;
  readonly advice: Advice;
  /** returns a sentence that may be shown to an end user; lang is a BCP 47 tag, "en" by default */
  customerMessage(lang?: string): string;
}

interface TextRule {
  readonly [member: string]: unknown;
  readonly code: string;
  readonly http?: readonly number[];
  readonly exact?: string;
  readonly prefix?: string;
  readonly capture?: string;
  readonly parts?: readonly { readonly literal?: string; readonly capture?: string; readonly spaces?: boolean }[];
}

interface Envelope {
  readonly schema?: string;
  readonly catalog?: string;
  readonly at?: string;
  readonly code?: readonly string[];
  readonly type?: readonly string[];
  readonly message?: readonly string[];
  readonly param?: readonly string[];
  readonly request_id?: readonly string[];
  readonly doc_url?: readonly string[];
  readonly doc_hosts?: readonly string[];
  readonly fields?: { readonly at: string; readonly type?: string; readonly message?: string };
  readonly success?: string;
  readonly outcome?: { readonly from: string; readonly map: readonly { readonly word: string; readonly outcome: string }[] };
  readonly text?: { readonly rules: readonly TextRule[]; readonly fallback?: string; readonly max_bytes?: number };
}

interface Operation {
  readonly [member: string]: unknown;
  readonly id?: string;
  readonly method: string;
  readonly class?: string;
  readonly successes?: readonly { readonly [member: string]: unknown; readonly status: number }[];
  readonly shapes?: readonly { readonly [member: string]: unknown; readonly status: number; readonly envelope: number }[];
}

interface Api {
  readonly [member: string]: unknown;
  readonly catalogs: readonly { readonly [member: string]: unknown; readonly id: string; readonly codes: readonly CodeInfo[] }[];
  readonly envelopes: readonly Envelope[];
  readonly operations: readonly Operation[];
  readonly unknown_outcomes: readonly { readonly [member: string]: unknown; readonly operation: string; readonly advice: string; readonly doc_url?: string; readonly customer?: readonly Text[] }[];
  readonly statuses: readonly { readonly from: number; readonly to: number; readonly category: string; readonly outcome: string; readonly advice: string }[];
  readonly categories: readonly { readonly [member: string]: unknown; readonly name: string; readonly customer: string }[];
}

const codesById = new Map(api.catalogs.map((c) => {
  const codes = new Map<string, CodeInfo>();
  for (const code of c.codes) {
    for (const value of [code.value, ...(code.aliases ?? [])]) codes.set(value, code);
  }
  return [c.id, codes] as const;
}));

interface Found {
  envelope?: Envelope;
  rawCode: string;
  info?: CodeInfo | undefined;
  word: string;
  /** of the status word; "" without one */
  outcome: string;
  text?: string;
  captures?: Record<string, string>;
  /** the part of a JSON body that the envelope describes */
  part?: unknown;
}

/**
 * parse reads a response and returns undefined if it is a success: a 2xx whose body does not say that the call failed, or
 * a 3xx that the operation declares. headers is a Headers object or a plain object. Without an operation (its operationId),
 * the outcome is that of a write.
 */
export function parse(status: number, headers: Headers | Readonly<Record<string, string>>, body: string, operation = ""): Failure | undefined {
  const op = operation === "" ? undefined : api.operations.find((o) => o.id === operation);
  const doc = json(body);
  if (status >= 200 && status < 300) {
    for (const envelope of declared(op, status)) {
      if (envelope.text || !(envelope.success === "scan" || envelope.outcome) || doc === undefined) continue;
      const found = readCode(envelope, doc);
      if (envelope.outcome ? found.word !== "" && !succeeded(found) : found.rawCode !== "") return failure(status, headers, op, found);
    }
    return undefined;
  }
  if (op && status >= 300 && status < 400 && !op.shapes?.some((s) => rank(s.status, status) > 1)
    && op.successes?.some((s) => s.status === status || s.status === 3)) return undefined;
  return failure(status, headers, op, readFailure(op, status, body, doc));
}

function readFailure(op: Operation | undefined, status: number, body: string, doc: unknown): Found {
  const all = candidates(op, status);
  const best = bestJSON(all, status, doc);
  if (best) return best;
  const own = all.filter((c) => c.rank >= 0).map((c) => c.envelope);
  for (const envelope of own) {
    const match = envelope.text && matchText(envelope, status, body);
    if (match) return textFound(envelope, match.code, match.captures, body);
  }
  const first = own.find((v) => !v.text);
  if (first && typeof doc === "object" && doc !== null) return readCode(first, doc);
  const text = own.find((v) => v.text);
  if (text) return textFound(text, text.text?.fallback ?? "", {}, body);
  return { rawCode: "", word: "", outcome: "" };
}

function json(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\ufeff/, "")) as unknown;
  } catch {
    return undefined;
  }
}

function rank(declared: number, status: number): number {
  return declared === status ? 3 : declared === Math.floor(status / 100) ? 2 : declared === 0 ? 1 : 0;
}

/** The envelopes that a response may have, the most specific declaration first. */
function declared(op: Operation | undefined, status: number): readonly Envelope[] {
  if (!op?.shapes?.length) return api.envelopes;
  const ranked = op.shapes.map((s) => ({ envelope: api.envelopes[s.envelope], rank: rank(s.status, status) })).sort((a, b) => b.rank - a.rank);
  return [...new Set(ranked.flatMap((r) => r.envelope ?? []))];
}

interface Candidate { readonly envelope: Envelope; rank: number }

/** All envelopes, the most specific declaration first. Those that only other operations declare have rank -1. */
function candidates(op: Operation | undefined, status: number): Candidate[] {
  const own = op?.shapes?.length ? op.shapes : undefined;
  const all: Candidate[] = api.envelopes.map((envelope) => ({ envelope, rank: own ? -1 : 0 }));
  for (const shapes of own ? [own] : api.operations.map((o) => o.shapes ?? [])) {
    for (const s of shapes) {
      const c = all[s.envelope];
      if (c) c.rank = Math.max(c.rank, rank(s.status, status));
    }
  }
  const order = [...new Set([...(own ?? []).flatMap((s) => all[s.envelope] ?? []), ...all])];
  return order.sort((a, b) => b.rank - a.rank);
}

function bestJSON(all: readonly Candidate[], status: number, doc: unknown): Found | undefined {
  let best: Found | undefined;
  let bestScore = -1;
  if (doc === undefined) return undefined;
  for (const c of all) {
    if (c.envelope.text) continue;
    const found = readCode(c.envelope, doc);
    if (found.rawCode === "" && found.word === "") continue;
    if (c.rank < 0 && !(found.info && best && found.rawCode === best.rawCode)) continue;
    const score = 2 * c.rank + (found.info ? 100 : 0) + (found.info?.http.includes(status) ? 1 : 0);
    if (score > bestScore) [best, bestScore] = [found, score];
  }
  return best;
}

function readCode(envelope: Envelope, doc: unknown): Found {
  const part = find(doc, envelope.at ?? "");
  const rawCode = first(part, envelope.code);
  const info = lookup(envelope, rawCode);
  const word = envelope.outcome ? text(find(part, envelope.outcome.from)) : "";
  let outcome = "";
  if (word !== "") outcome = info?.outcome ?? envelope.outcome?.map.find((w) => w.word === word)?.outcome ?? "unknown";
  return { envelope, rawCode, info, word, outcome, part };
}

function lookup(envelope: Envelope, value: string): CodeInfo | undefined {
  return codesById.get(envelope.catalog ?? "")?.get(value);
}

function succeeded(found: Found): boolean {
  return found.outcome === "ok" || found.outcome === "pending";
}

function find(doc: unknown, pointer: string): unknown {
  if (pointer !== "" && !pointer.startsWith("/")) return undefined;
  let value = doc;
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9][0-9]*)$/.test(name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function first(doc: unknown, pointers: readonly string[] | undefined): string {
  for (const p of pointers ?? []) {
    const s = text(find(doc, p));
    if (s !== "") return s;
  }
  return "";
}

/** Cuts a text after n bytes of UTF-8, at the end of a character. */
function limit(s: string, n: number): string {
  const bytes = new TextEncoder().encode(s);
  if (bytes.length <= n) return s;
  while (n > 0 && ((bytes[n] ?? 0) & 0xc0) === 0x80) n--;
  return new TextDecoder().decode(bytes.subarray(0, n));
}

function matchText(envelope: Envelope, status: number, body: string): { code: string; captures: Record<string, string> } | undefined {
  const rules = envelope.text;
  if (!rules) return undefined;
  const whole = (rules.max_bytes ? limit(body, rules.max_bytes) : body).replace(/^\ufeff/, "").trim();
  for (const r of rules.rules) {
    if (r.http?.length && !r.http.includes(status)) continue;
    const captures = matchRule(r, whole);
    if (captures) return { code: r.code, captures };
  }
  return undefined;
}

function matchRule(r: TextRule, whole: string): Record<string, string> | undefined {
  if (r.exact) return whole === r.exact ? {} : undefined;
  if (r.prefix) {
    if (!whole.startsWith(r.prefix)) return undefined;
    return r.capture ? { [r.capture]: limit(whole.slice(r.prefix.length), 2048) } : {};
  }
  if (!r.parts?.length) return {};
  const captures: Record<string, string> = {};
  let rest = whole;
  for (const [i, p] of r.parts.entries()) {
    if (!p.capture) {
      if (!rest.startsWith(p.literal ?? "")) return undefined;
      rest = rest.slice((p.literal ?? "").length);
      continue;
    }
    const next = r.parts[i + 1];
    const end = next ? rest.indexOf(next.literal ?? "") : rest.length;
    if (end <= 0 || !p.spaces && /\s/.test(rest.slice(0, end))) return undefined;
    captures[p.capture] = limit(rest.slice(0, end), 2048);
    rest = rest.slice(end);
  }
  return rest === "" ? captures : undefined;
}

function textFound(envelope: Envelope, code: string, captures: Record<string, string>, body: string): Found {
  return { envelope, rawCode: code, info: lookup(envelope, code), word: "", outcome: "", captures, text: limit(body.trim(), 2048) };
}

function failure(status: number, headers: Headers | Readonly<Record<string, string>>, op: Operation | undefined, found: Found): Failure {
  const v = found.envelope ?? {};
  const info = found.info;
  const meaning = info?.category === "unknown" ? undefined : info; // the status says more than a catch-all code
  const rule = api.statuses.find((s) => status >= s.from && status <= s.to);
  const outcome = outcomeOf(status, op, found, meaning, rule?.outcome ?? "unknown");
  const unread = outcome === "unknown" && info?.outcome !== "unknown" && info?.category !== "unknown_outcome";
  const texts = unread ? api.unknown_outcomes.find((u) => op?.id !== undefined && u.operation === op.id) : undefined;
  const category = outcome === "unknown" ? "unknown_outcome" : meaning?.category ?? rule?.category ?? "unknown";
  let advice = meaning ? meaning.advice_by_status?.find((a) => a.status === status)?.advice ?? meaning.advice ?? "never" : rule?.advice ?? "never";
  if (unread) advice = texts ? texts.advice : op?.class === "keyed" ? "backoff" : "inquire";
  return {
    status, code: info?.value as Code | undefined, rawCode: found.rawCode, catalog: v.catalog ?? "", info,
    type: first(found.part, v.type), message: found.text ?? limit(first(found.part, v.message), 2048), param: first(found.part, v.param),
    requestId: first(found.part, v.request_id) || header(headers, "x-request-id"),
    docUrl: texts ? texts.doc_url ?? "" : info ? info.doc_url : trusted(first(found.part, v.doc_url), v.doc_hosts),
    fields: fieldsOf(v, found.part), captures: found.captures ?? {},
    category: category as Category, outcome: outcome as Outcome, advice: advice as Advice,
    customerMessage: (lang = "en") =>
      inLanguage(texts ? texts.customer : unread ? undefined : info?.customer, lang) || (api.categories.find((c) => c.name === category)?.customer ?? ""),
  };
}

function outcomeOf(status: number, op: Operation | undefined, found: Found, meaning: CodeInfo | undefined, byStatus: string): string {
  if (op && (op.class ? op.class === "safe" : ["GET", "HEAD", "OPTIONS", "TRACE"].includes(op.method.toUpperCase()))) return "failed";
  if (succeeded(found)) {
    if (!found.info?.outcome) return "unknown"; // the word contradicts the status
  } else if (found.outcome !== "") {
    return found.outcome;
  }
  if (meaning?.outcome) return meaning.outcome;
  if (meaning?.category === "unknown_outcome" || (meaning?.http[0] ?? 0) >= 500) return "unknown";
  return meaning && status < 500 && status !== 408 ? "failed" : byStatus;
}

function header(headers: Headers | Readonly<Record<string, string>>, name: string): string {
  if (typeof Headers !== "undefined" && headers instanceof Headers) return headers.get(name) ?? "";
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
}

function trusted(address: string, hosts: readonly string[] | undefined): string {
  try {
    const url = new URL(address);
    return url.protocol === "https:" && url.username === "" && url.password === "" && hosts?.includes(url.hostname) && address.length <= 2048 ? address : "";
  } catch {
    return "";
  }
}

function fieldsOf(v: Envelope, part: unknown): FieldError[] {
  const at = v.fields && find(part, v.fields.at);
  if (!v.fields || typeof at !== "object" || at === null || Array.isArray(at)) return [];
  const { type, message } = v.fields;
  const member = (entry: unknown, name: string | undefined) => text(name && find(entry, "/" + name.replaceAll("~", "~0").replaceAll("/", "~1")));
  return Object.entries(at)
    .map(([field, entry]) => ({ field, type: member(entry, type), message: limit(member(entry, message), 512) }))
    .sort((a, b) => (a.field < b.field ? -1 : 1));
}

function inLanguage(texts: readonly Text[] | undefined, lang: string): string {
  const tag = lang.toLowerCase().replaceAll("_", "-");
  for (const want of [tag, tag.split("-")[0], "en"]) {
    const found = texts?.find((t) => t.lang.toLowerCase() === want);
    if (found) return found.text;
  }
  return "";
}
