/** A claim is made, shown once, copied, and gone. */
import { useState } from "preact/hooks";
import { post } from "../api";
import { useNow } from "../clock";
import { Button, useAct } from "../design/button";
import { Icon } from "../design/icons";
import { Field } from "../design/parts";
import { toast } from "../design/toasts";
import { duration, useSpeech } from "../i18n";
import type { Time } from "../model";
import { titleCase } from "../names";
import { CARE } from "./words-care";
import { WORDS } from "./words";

/** `POST /v1/gateways/claims`. */
interface Made {
  claim: string;
  until: Time;
}

/** From the desk to the store by tomorrow; the longest the hub allows is a week. */
const HOURS = 24;
const MOST_HOURS = 168;

export function ClaimForm({ stores, onDone }: { stores: string[]; onDone(): void }) {
  const { say } = useSpeech();
  const [store, setStore] = useState(stores[0] ?? "");
  const [gateway, setGateway] = useState("");
  const [hours, setHours] = useState(HOURS);
  const [made, setMade] = useState<Made>();
  const { busy, act } = useAct();
  if (made) return <Claim made={made} onDone={onDone} />;
  const make = async () => setMade(await post<Made>("/v1/gateways/claims", { store, gateway, hours }));
  return (
    <form
      class="form"
      data-testid="claim-form"
      onSubmit={(event) => {
        event.preventDefault();
        void act(make);
      }}
    >
      <p class="soft">{say(CARE.claimHow)}</p>
      <Field label={say(WORDS.store)}>
        <select
          class="input"
          value={store}
          data-testid="claim-store"
          onChange={(event) => setStore(event.currentTarget.value)}
        >
          {stores.map((id) => (
            <option key={id} value={id}>
              {titleCase(id)}
            </option>
          ))}
        </select>
      </Field>
      <div class="pair">
        <Field label={say(CARE.gateway)}>
          <input
            class="input code"
            required
            pattern="[a-z0-9][a-z0-9\-]{0,62}"
            placeholder={`${store}-b`}
            value={gateway}
            data-testid="claim-gateway"
            onInput={(event) => setGateway(event.currentTarget.value)}
          />
        </Field>
        <Field label={say(CARE.hours)}>
          <input
            class="input"
            type="number"
            min={1}
            max={MOST_HOURS}
            required
            value={hours}
            data-testid="claim-hours"
            onInput={(event) => setHours(event.currentTarget.valueAsNumber)}
          />
        </Field>
      </div>
      <Button kind="primary" size="large" type="submit" busy={busy} testid="claim-make">
        {say(CARE.makeClaim)}
      </Button>
    </form>
  );
}

function Claim({ made, onDone }: { made: Made; onDone(): void }) {
  const { say, day } = useSpeech();
  const left = duration(Date.parse(made.until) - useNow());
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(made.claim);
      toast(CARE.copied);
    } catch {
      toast(CARE.notCopied, "bad"); // a page without HTTPS has no clipboard
    }
  };
  return (
    <div class="form" data-testid="claim-made">
      <p class="shown-once">
        <Icon name="alert" size={18} /> {say(CARE.shownOnce)}
      </p>
      <Field label={say(CARE.claim)}>
        <textarea
          class="input code claim"
          readOnly
          rows={6}
          value={made.claim}
          data-testid="claim"
          onFocus={(event) => event.currentTarget.select()}
        />
      </Field>
      <p class="small soft figures" data-testid="claim-until">
        {say({
          ko: `${day(made.until)}까지 (${left.ko} 남음)`,
          en: `Good until ${day(made.until)} (${left.en})`,
        })}
      </p>
      <Button kind="primary" size="large" testid="claim-copy" onClick={() => void copy()}>
        {say(CARE.copy)}
      </Button>
      <p class="small soft">
        {say(CARE.spend)}: <code class="code">edge-agent provision --claim …</code>
      </p>
      <Button testid="claim-done" onClick={onDone}>
        {say(CARE.done)}
      </Button>
    </div>
  );
}
