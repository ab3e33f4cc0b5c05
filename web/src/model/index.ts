/** What the agent, the hub and the simulator say to pages. */
export type * from "./text";
export type * from "./log";
export type * from "./store";
export type * from "./radio";
export type * from "./orders";
export type * from "./shopper";
export type * from "./pages";
export type * from "./hub";
export type * from "./simulator";
