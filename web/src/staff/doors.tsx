/** Doors that the store no longer trusts, until a clerk says that they are mended. */
import { post } from "../api";
import { Deed } from "../design/button";
import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import type { Bank } from "../model";
import { WORDS } from "./words";

export function Doors({ banks }: { banks: Bank[] }) {
  const { say } = useSpeech();
  const silent = banks.filter((bank) => bank.device === "silent");
  const out = banks.flatMap((bank) =>
    bank.compartments.filter((door) => door.out_of_service).map((door) => ({ bank, door })),
  );
  if (silent.length === 0 && out.length === 0) return null;
  return (
    <section class="doors-notice" role="status" data-testid="doors-notice">
      <Icon name="alert" />
      {silent.length > 0 && (
        <p>
          {say({ ko: "보관함", en: "Lockers" })} {silent.map((bank) => bank.id).join(", ")}:{" "}
          {say(WORDS.silent)}
        </p>
      )}
      {out.length > 0 && <p>{say(WORDS.outOfService)}:</p>}
      {out.map(({ bank, door }) => (
        <Deed
          key={`${bank.id}-${door.n}`}
          testid={`in-service-${bank.id}-${door.n}`}
          deed={() => post(`/v1/lockers/${bank.id}/${door.n}/in-service`)}
        >
          <strong class="figures">
            {bank.id}-{door.n}
          </strong>
          {say(WORDS.backInService)}
        </Deed>
      ))}
    </section>
  );
}
