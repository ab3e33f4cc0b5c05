/** Pages that join by a one-time code: the shopper's phone, the mirror, the survey. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Peer, post } from "./api";
import type { Text } from "./model";
import { Problem } from "./problem";

/** The code stands in the fragment, which never reaches a server or its log by itself. */
function codeOfAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("join");
}

/** Once a server has answered the code is of no more use; until then a reload tries it again. */
function dropCode(): void {
  history.replaceState(null, "", location.pathname);
}

interface Pass {
  token: string;
  role: string;
}

/**
 * Where a page keeps its pass.
 *
 * A tab has its own, so that one browser can be several phones. A page that `lasts` also keeps the
 * newest for tabs to come: who agreed to something must be able to take it back tomorrow. A page
 * that another one frames is somebody else's phone, and is not kept.
 */
class Pocket {
  readonly #name: string;
  readonly #stores: Storage[];

  constructor(page: string, lasts: boolean) {
    this.#name = `aisle.pass.${page}`;
    this.#stores = lasts && window === window.top ? [sessionStorage, localStorage] : [sessionStorage];
  }

  read(): Pass | null {
    const [own, kept] = this.#stores.map((store) => store.getItem(this.#name));
    const pass = own ?? kept;
    return pass == null ? null : (JSON.parse(pass) as Pass);
  }

  keep({ token, role }: Pass): void {
    for (const store of this.#stores) store.setItem(this.#name, JSON.stringify({ token, role }));
  }

  drop(): void {
    for (const store of this.#stores) store.removeItem(this.#name);
  }
}

export type Guest =
  | { state: "joining" }
  | { state: "outside"; refusal: Text | null }
  | { state: "inside"; peer: Peer; role: string };

export interface Stay {
  guest: Guest;
  /** Forgets the token, which the server no longer knows or is to be used no more. */
  leave(refusal?: Text): void;
  /** The same token opens more than it did. */
  become(role: string): void;
}

/**
 * Exchanges the code of the address for a token.
 *
 * `page` keeps the tokens of two pages of one origin apart; without `lasts` a token is kept for as
 * long as the tab lives.
 */
export function useGuest(page: string, { lasts = false } = {}): Stay {
  const [pocket] = useState(() => new Pocket(page, lasts));
  const [guest, setGuest] = useState<Guest>({ state: "joining" });
  const enter = ({ token, role }: Pass) =>
    setGuest({ state: "inside", peer: { base: "", token }, role });
  const join = async (code: string) => {
    setGuest({ state: "joining" });
    try {
      const pass = await post<Pass>("/v1/join", { code });
      dropCode();
      pocket.keep(pass);
      enter(pass);
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      if (failure.status !== 0) dropCode();
      setGuest({ state: "outside", refusal: failure.detail });
    }
  };
  const arrive = () => {
    const code = codeOfAddress();
    const pass = pocket.read();
    if (code !== null) void join(code);
    else if (pass !== null) enter(pass);
    else setGuest({ state: "outside", refusal: null });
  };
  useEffect(() => {
    arrive();
    const again = () => {
      if (codeOfAddress() !== null) arrive();
    };
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, []);
  const leave = (refusal: Text | null = null) => {
    pocket.drop();
    setGuest((before) =>
      before.state === "outside" && refusal === null ? before : { state: "outside", refusal },
    );
  };
  const become = (role: string) => {
    const pass = pocket.read();
    if (pass === null) return;
    pocket.keep({ ...pass, role });
    setGuest((before) => (before.state === "inside" ? { ...before, role } : before));
  };
  return { guest, leave, become };
}

export function Joining(props: {
  guest: Guest;
  outside: (refusal: Text | null) => ComponentChildren;
  children: (peer: Peer, role: string) => ComponentChildren;
}) {
  switch (props.guest.state) {
    case "joining":
      return null;
    case "outside":
      return <>{props.outside(props.guest.refusal)}</>;
    case "inside":
      return <>{props.children(props.guest.peer, props.guest.role)}</>;
  }
}
