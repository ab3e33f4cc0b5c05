/** What stands in every value: words in two languages, moments. */

export interface Text {
  ko: string;
  en: string;
}

/** ISO 8601, UTC. */
export type Time = string;
