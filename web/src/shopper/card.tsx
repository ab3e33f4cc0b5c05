import { useState } from "preact/hooks";
import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { Choice, Field } from "../design/parts";
import { toast } from "../design/toasts";
import { useSpeech } from "../i18n";
import { JOIN_WORDS as WORDS } from "./join-words";
import { canScan, Scanner } from "./scanner";

/** An identity as the store writes it, `ibeacon:<uuid>:<major>:<minor>` for one. */
const IDENTITY = "[A-Za-z]+:[0-9A-Za-z:\\-]+";
const WHOLE = new RegExp(`^${IDENTITY}$`);

interface Props {
  /** Null: without a card. */
  beacon: string | null;
  onBeacon(beacon: string | null): void;
}

/** Which card the person carries: typed from it, or taken from its QR code by the camera. */
export function Card({ beacon, onBeacon }: Props) {
  const { say } = useSpeech();
  const [scanning, setScanning] = useState(false);
  const scanned = (code: string) => {
    setScanning(false);
    if (WHOLE.test(code)) onBeacon(code);
    else toast(WORDS.notACard, "bad");
  };
  return (
    <section class="my-card">
      <h2>{say(WORDS.card)}</h2>
      <Choice
        label={say(WORDS.card)}
        value={beacon === null ? "without" : "with"}
        onChange={(choice) => onBeacon(choice === "with" ? "" : null)}
        options={[
          { value: "with", text: say(WORDS.withCard), testid: "with-card" },
          { value: "without", text: say(WORDS.withoutCard), testid: "without-card" },
        ]}
      />
      {beacon === null ? (
        <p class="small soft">{say(WORDS.withoutCardHow)}</p>
      ) : (
        <Field label={say(WORDS.cardCode)}>
          <input
            class="input code"
            value={beacon}
            required
            pattern={` *${IDENTITY} *`}
            maxLength={128}
            autocapitalize="none"
            autocomplete="off"
            spellcheck={false}
            placeholder={say(WORDS.cardExample)}
            data-testid="card-code"
            onInput={(event) => onBeacon(event.currentTarget.value)}
          />
        </Field>
      )}
      {beacon !== null && canScan() && (
        <Button testid="scan" pressed={scanning} onClick={() => setScanning(!scanning)}>
          <Icon name="qr" /> {say(WORDS.scan)}
        </Button>
      )}
      {beacon !== null && scanning && (
        <Scanner
          onCode={scanned}
          onFailure={() => {
            setScanning(false);
            toast(WORDS.noCamera, "bad");
          }}
        />
      )}
    </section>
  );
}
