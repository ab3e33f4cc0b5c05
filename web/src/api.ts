/** Requests to an agent, a hub or the simulator. */
import { currentLanguage } from "./i18n";
import { problemOf, UNREACHABLE } from "./problem";

/** Whom to ask, and as whom: without a token the browser's session cookie speaks. */
export interface Peer {
  base: string;
  token?: string;
}

export const SERVER: Peer = { base: "" };

/** A repeat of one POST carries the same key; 128 random bits. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function requestHeaders(peer: Peer): Record<string, string> {
  const headers: Record<string, string> = { "Accept-Language": currentLanguage() };
  if (peer.token !== undefined) headers.Authorization = `Bearer ${peer.token}`;
  return headers;
}

async function once(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw UNREACHABLE;
  }
}

/** One more try with the same Idempotency-Key when the network swallowed the first. */
async function repeated(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    return once(url, init);
  }
}

async function checked(response: Response): Promise<Response> {
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** `key` is given by who may want to ask the same again. */
export async function send<A>(
  method: string,
  path: string,
  body: unknown,
  peer: Peer,
  key = freshKey(),
): Promise<A> {
  const response = await repeated(peer.base + path, {
    method,
    credentials: "same-origin",
    headers: {
      ...requestHeaders(peer),
      "Content-Type": "application/json",
      "Idempotency-Key": key,
    },
    body: JSON.stringify(body),
  });
  const text = await (await checked(response)).text();
  return (text === "" ? undefined : JSON.parse(text)) as A;
}

export function post<A = void>(
  path: string,
  body: unknown = {},
  peer: Peer = SERVER,
  key = freshKey(),
): Promise<A> {
  return send<A>("POST", path, body, peer, key);
}

export function put<A = void>(path: string, body: unknown, peer: Peer = SERVER): Promise<A> {
  return send<A>("PUT", path, body, peer);
}

export function remove(path: string, peer: Peer = SERVER): Promise<void> {
  return send<void>("DELETE", path, {}, peer);
}

export async function get(path: string, peer: Peer = SERVER): Promise<Response> {
  const init: RequestInit = { credentials: "same-origin", headers: requestHeaders(peer) };
  return checked(await once(peer.base + path, init));
}
