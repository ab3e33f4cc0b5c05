/** Pages that join by a one-time code: the shopper's phone and the mirror. */
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

interface Joined {
  token: string;
  role: string;
  subject: string;
}

export type Guest =
  | { state: "joining" }
  | { state: "outside"; refusal: Text | null }
  | { state: "inside"; peer: Peer };

/**
 * Exchanges the code of the address for a token, kept for as long as the tab lives.
 *
 * `page` keeps the tokens of two pages of one origin apart.
 */
export function useGuest(page: string): [Guest, () => void] {
  const kept = `aisle.token.${page}`;
  const [guest, setGuest] = useState<Guest>({ state: "joining" });
  const enter = (token: string) => setGuest({ state: "inside", peer: { base: "", token } });
  const join = async (code: string) => {
    setGuest({ state: "joining" });
    try {
      const { token } = await post<Joined>("/v1/join", { code });
      dropCode();
      sessionStorage.setItem(kept, token);
      enter(token);
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      if (failure.status !== 0) dropCode();
      setGuest({ state: "outside", refusal: failure.detail });
    }
  };
  const arrive = () => {
    const code = codeOfAddress();
    const token = sessionStorage.getItem(kept);
    if (code !== null) void join(code);
    else if (token !== null) enter(token);
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
  const leave = () => {
    sessionStorage.removeItem(kept);
    setGuest({ state: "outside", refusal: null });
  };
  return [guest, leave];
}

export function Joining(props: {
  guest: Guest;
  outside: (refusal: Text | null) => ComponentChildren;
  children: (peer: Peer) => ComponentChildren;
}) {
  switch (props.guest.state) {
    case "joining":
      return null;
    case "outside":
      return <>{props.outside(props.guest.refusal)}</>;
    case "inside":
      return <>{props.children(props.guest.peer)}</>;
  }
}
