/** Line icons on a 24 grid; decoration only, the word stands beside or in an aria-label. */
const PATHS = {
  cloud: "M7 18h10a4 4 0 0 0 .6-7.95A6 6 0 0 0 6.1 9.6 4.2 4.2 0 0 0 7 18Z",
  cloudOff: "M4 4l16 16M8.5 6.2A6 6 0 0 1 17.6 10 4 4 0 0 1 20 16.6M6 9.7A4.2 4.2 0 0 0 7 18h9.5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  alert: "M12 8.5v4.5m0 3.2v.1M10.3 4.3 2.8 17.5A2 2 0 0 0 4.5 20.5h15a2 2 0 0 0 1.7-3L13.7 4.3a2 2 0 0 0-3.4 0Z",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM12 2.5v2m0 15v2m9.5-9.5h-2m-15 0h-2m16.2-6.7-1.4 1.4M6.7 17.3l-1.4 1.4m13.4 0-1.4-1.4M6.7 6.7 5.3 5.3",
  moon: "M20 14.2A8.2 8.2 0 0 1 9.8 4 8.2 8.2 0 1 0 20 14.2Z",
  phone: "M8 2.8h8a1.8 1.8 0 0 1 1.8 1.8v14.8a1.8 1.8 0 0 1-1.8 1.8H8a1.8 1.8 0 0 1-1.8-1.8V4.6A1.8 1.8 0 0 1 8 2.8Zm2.8 15.7h2.4",
  bag: "M5.5 8.5h13l1 10.2a2 2 0 0 1-2 2.2H6.5a2 2 0 0 1-2-2.2l1-10.2ZM8.5 8.5V7a3.5 3.5 0 0 1 7 0v1.5",
  ticket: "M3.5 9V6.5a1 1 0 0 1 1-1h15a1 1 0 0 1 1 1V9a3 3 0 0 0 0 6v2.5a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1V15a3 3 0 0 0 0-6ZM14 5.5v2.2m0 3v2.6m0 3v2.2",
  door: "M6 20.5v-16a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v16M3.5 20.5h17M14.3 12v.6",
  pin: "M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.5C5 14.8 12 21 12 21Zm0-9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  hand: "M8 12V5.5a1.5 1.5 0 0 1 3 0V11m0-.5V4.2a1.5 1.5 0 0 1 3 0V11m0-5a1.5 1.5 0 0 1 3 0v8.5c0 3.6-2.4 6.5-6 6.5-2.6 0-4.1-1-5.5-3.4L3.6 14a1.6 1.6 0 0 1 2.7-1.7L8 14.5",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5M20 14v6h-3.5M14 20h.1",
  mirror: "M7.5 2.8h9a1.5 1.5 0 0 1 1.5 1.5v15.4a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 6 19.7V4.3a1.5 1.5 0 0 1 1.5-1.5ZM10 11l4-4.5M10 15l4.5-5",
  radio: "M12 13.5v7M12 13.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7.8 15.7a5.9 5.9 0 0 1 0-8.4m8.4 0a5.9 5.9 0 0 1 0 8.4M5 18.5a9.9 9.9 0 0 1 0-14m14 0a9.9 9.9 0 0 1 0 14",
  arrow: "M5 12h14m-5.5-5.5L19 12l-5.5 5.5",
  out: "M14.5 8V5.5a1 1 0 0 0-1-1h-8a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V16M10 12h10.5m-3.5-3.5 3.5 3.5-3.5 3.5",
  open: "M13.5 4.5h6v6M19.5 4.5 11 13M17.5 14v4.5a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1H10",
  lock: "M6.5 11h11a1 1 0 0 1 1 1v7.5a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V12a1 1 0 0 1 1-1ZM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
  unlocked: "M6.5 11h11a1 1 0 0 1 1 1v7.5a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V12a1 1 0 0 1 1-1ZM8.5 11V7.5a3.5 3.5 0 0 1 6.8-1.2",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.5 2",
  person: "M12 11.5a3.8 3.8 0 1 0 0-7.5 3.8 3.8 0 0 0 0 7.5ZM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  bolt: "M13 3 5 13.5h6L10.5 21 19 10.5h-6L13 3Z",
  shop: "M4.5 10v9.5h15V10M3 8.5 5 4h14l2 4.5a3 3 0 0 1-6 .3 3 3 0 0 1-6 0 3 3 0 0 1-6-.3ZM9.5 19.5V14h5v5.5",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4.5 4.5",
  shield: "M12 3 5 5.8v5.4c0 4.4 2.9 7.6 7 9.8 4.1-2.2 7-5.4 7-9.8V5.8L12 3Zm-3 9 2.2 2.2L15.3 10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the house: an aisle running to its end, and somebody in it. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" class="mark-ground" />
      <path d="M8.5 24 15 8h2l6.5 16" class="mark-line" />
      <circle cx="16" cy="20.4" r="2.3" class="mark-dot" />
    </svg>
  );
}
