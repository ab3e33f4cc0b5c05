/** Where arrivals may go unnoticed, said calmly, batteries to be changed, a full disk; nothing while all is well. */
import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { StaffNames } from "../model";
import { blindReceivers, hearNothing, namesText, unknownZones } from "../sight";
import { WORDS } from "./words";

export function Sight({ live }: { live: Live<StaffNames> }) {
  const { say } = useSpeech();
  const zones = useLatest(live, "store")?.zones;
  const sights = useLatest(live, "zones")?.zones;
  const low = useLatest(live, "batteries")?.low ?? [];
  const full = useLatest(live, "disk")?.state === "full";
  const unknown = unknownZones(zones, sights);
  const blind = blindReceivers(sights);
  if (!full && unknown.length === 0 && low.length === 0 && blind.length === 0) return null;
  return (
    <section class="sight-notice" role="status" data-testid="sight-notice">
      {full && (
        <p class="cannot-see" data-testid="disk-full">
          <Icon name="alert" />
          <span>{say(WORDS.diskFull)}</span>
        </p>
      )}
      {unknown.length > 0 && (
        <p class="cannot-see" data-testid="cannot-see">
          <Icon name="alert" />
          <span>
            {say(WORDS.blindAt)} <strong>{say(namesText(unknown.map(({ zone }) => zone)))}</strong>
            <small>{say(hearNothing(blind))}</small>
          </span>
        </p>
      )}
      {unknown.length === 0 && blind.length > 0 && (
        <p data-testid="half-blind">
          <Icon name="radio" />
          <span>
            {say({
              ko: `${hearNothing(blind).ko}. 도착은 계속 감지됩니다.`,
              en: `${hearNothing(blind).en}. Arrivals are still noticed.`,
            })}
          </span>
        </p>
      )}
      {low.length > 0 && (
        <p data-testid="batteries-low">
          <Icon name="bolt" />
          <span>
            {say(WORDS.changeBattery)} <strong>{low.join(", ")}</strong>
          </span>
        </p>
      )}
    </section>
  );
}
