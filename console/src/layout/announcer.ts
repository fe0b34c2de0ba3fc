/** Speaks to screen readers through the live region in index.html's root. */
export const ANNOUNCER_ID = 'announcer';

export function announce(text: string): void {
  const region = document.getElementById(ANNOUNCER_ID);
  if (!region) return;
  // The same text twice would not be read again.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
