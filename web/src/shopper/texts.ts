/** The consent texts of the store, as it asks for consent today. */
import { useEffect, useState } from "preact/hooks";
import { get } from "../api";
import type { Language } from "../i18n";
import type { Purpose } from "../model";
import { Problem } from "../problem";

export const PURPOSES: readonly Purpose[] = ["location", "advertising", "night_advertising"];

export interface Wording {
  title: string;
  /** For the tick box. */
  summary: string;
  /** What is agreed to: a paragraph a line. */
  text: string;
}

/** `GET /v1/consents/texts`. */
export interface Texts {
  version: string;
  texts: Record<Purpose, Record<Language, Wording>>;
}

export interface Asked {
  texts: Texts | undefined;
  failure: Problem | undefined;
  ask(): Promise<void>;
}

/** What people are asked today; a refused consent (`text_outdated`) is a reason to `ask` again. */
export function useTexts(): Asked {
  const [texts, setTexts] = useState<Texts>();
  const [failure, setFailure] = useState<Problem>();
  const ask = async () => {
    setFailure(undefined);
    try {
      setTexts((await (await get("/v1/consents/texts")).json()) as Texts);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setFailure(problem);
    }
  };
  useEffect(() => void ask(), []);
  return { texts, failure, ask };
}
