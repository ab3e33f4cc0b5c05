/** What the store cannot see at present, in words below the plan; nothing while all is seen. */
import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { ConsoleNames } from "../model";
import { hearNothing, namesText, unknownZones } from "../sight";

export function Sight({ live }: { live: Live<ConsoleNames> }) {
  const { say } = useSpeech();
  const zones = useLatest(live, "store")?.zones;
  const sights = useLatest(live, "floor")?.zones;
  const receivers = useLatest(live, "radio")?.receivers;
  const unknown = unknownZones(zones, sights);
  const blind = (receivers ?? []).filter(({ state }) => state === "blind").map(({ id }) => id);
  if (unknown.length === 0 && blind.length === 0) return null;
  return (
    <div class="sight" role="status" data-testid="sight">
      <Icon name="alert" />
      <div>
        {blind.length > 0 && <p>{say(hearNothing(blind))}.</p>}
        {unknown.length > 0 && (
          <p data-testid="unknown-zones">
            <strong>{say(namesText(unknown.map(({ zone }) => zone)))}</strong>:{" "}
            {say({
              ko: "누가 있는지 알 수 없습니다. 아무도 나간 것으로 보지 않습니다.",
              en: "nobody can tell who is there. Nobody counts as gone.",
            })}
          </p>
        )}
        {blind.length > 0 && unknown.length === 0 && (
          <p class="small">
            {say({
              ko: "다른 수신기로 모든 구역을 계속 구분합니다.",
              en: "The others still tell all zones apart.",
            })}
          </p>
        )}
      </div>
    </div>
  );
}
