/** What sentences about facts are made of. */
import { duration } from "./i18n";
import type { Text } from "./model";
import type { Names } from "./names";

export type Data = Record<string, unknown>;
export type Sentence = (data: Data, names: Names) => Text;

export function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "–";
}

export function seconds(value: unknown): Text {
  return duration(typeof value === "number" ? value * 1000 : 0);
}

export function ofOrder(ko: (order: string) => string, en: (order: string) => string): Sentence {
  return (data) => ({ ko: ko(word(data.order)), en: en(word(data.order)) });
}
