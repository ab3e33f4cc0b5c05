/** What the demo’s simulator says. */
import type { Text, Time } from "./text";

export interface Person {
  id: string;
  name: Text;
  /** Pseudonym, once enrolled. */
  shopper: string | null;
  x: number;
  y: number;
  consented: boolean;
  colour: string;
  activity: string;
}

/** Something that can be made to go wrong, at each of `targets` (one empty string: at all). */
export interface FaultSwitch {
  id: string;
  name: Text;
  /** What the store is expected to make of it. */
  hint: Text;
  targets: string[];
  on: string[];
}

export interface SimulatorNames {
  switches: FaultSwitch[];
  truth: { at: Time; speed: number; people: Person[] };
  faults: {
    cloud: "up" | "down";
    store_broker: "up" | "down";
    doors: { bank: string; compartment: number; jammed: boolean }[];
  };
  story: { headline: Text; steps: { id: string; text: Text; done: boolean }[] };
}
