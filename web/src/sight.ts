/** Where the store cannot see, in words: receivers without hearing, zones that are unknown. */
import type { Text, Zone, ZoneSight } from "./model";

export interface UnknownZone {
  zone: Zone;
  blind: string[];
}

export function unknownZones(
  zones: readonly Zone[] | undefined,
  sights: readonly ZoneSight[] | undefined,
): UnknownZone[] {
  return (zones ?? []).flatMap((zone) => {
    const sight = sights?.find(({ id }) => id === zone.id);
    return sight?.state === "unknown" ? [{ zone, blind: sight.blind }] : [];
  });
}

/** All receivers that would hear some zone and hear nothing. */
export function blindReceivers(sights: readonly ZoneSight[] | undefined): string[] {
  return [...new Set(sights?.flatMap(({ blind }) => blind))].sort();
}

/** `Shoes, Denim`: names in a row. */
export function namesText(zones: readonly Zone[]): Text {
  return {
    ko: zones.map(({ name }) => name.ko).join(", "),
    en: zones.map(({ name }) => name.en).join(", "),
  };
}

export function hearNothing(receivers: readonly string[]): Text {
  const names = receivers.join(", ");
  return {
    ko: `신호를 받지 못하는 수신기: ${names}`,
    en: `${names} ${receivers.length === 1 ? "hears" : "hear"} nothing`,
  };
}
