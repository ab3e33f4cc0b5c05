import { useEffect, useMemo } from "preact/hooks";
import type { Peer } from "./api";
import { useCell } from "./cell";
import { Live } from "./live";

/** A live view for as long as the component is there; `refused` is called when the server forgot us. */
export function useLive<V extends object>(path: string, peer: Peer, refused: () => void): Live<V> {
  const live = useMemo(() => new Live<V>(path, peer), [path, peer.base, peer.token]);
  useEffect(() => live.start(), [live]);
  const connection = useCell(live.connection);
  useEffect(() => {
    if (connection === "refused") refused();
  }, [connection]);
  return live;
}
