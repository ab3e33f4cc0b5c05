import { useState } from "preact/hooks";
import { type Peer, post } from "../api";
import { useAct } from "../design/button";
import { Icon } from "../design/icons";
import { Switch } from "../design/parts";
import { Sheet } from "../design/sheet";
import { useSpeech } from "../i18n";
import type { Purpose } from "../model";
import { WORDS } from "./words";

interface Props {
  consents: Record<Purpose, boolean>;
  peer: Peer;
}

/** The place that coupons name for taking consent back; it is gone with the second tap, at once. */
export function Consents({ consents, peer }: Props) {
  const { say } = useSpeech();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class={consents.location ? "me-chip on" : "me-chip"}
        data-testid="consents"
        onClick={() => setOpen(true)}
      >
        <Icon name="person" size={18} />
        {say(WORDS.me)}
        <span class="unseen">, {say(consents.location ? WORDS.locationOn : WORDS.locationOff)}</span>
        {consents.location && <Icon name="pin" size={16} />}
      </button>
      {open && (
        <Sheet title={say(WORDS.me)} onClose={() => setOpen(false)}>
          <OneConsent purpose="location" consents={consents} peer={peer} />
          <OneConsent purpose="advertising" consents={consents} peer={peer} />
        </Sheet>
      )}
    </>
  );
}

function OneConsent({ purpose, consents, peer }: Props & { purpose: Purpose }) {
  const { say } = useSpeech();
  const { busy, act } = useAct();
  return (
    <Switch
      on={consents[purpose]}
      title={say(WORDS[purpose])}
      note={say(WORDS[`${purpose}Note`])}
      busy={busy}
      testid={`consent-${purpose}`}
      onChange={(given) => void act(() => post("/v1/me/consents", { purpose, given }, peer))}
    />
  );
}
